namespace Artel.Protocol.Maps;

/// <summary>What stands between the braces of a mark: <c>entry</c>, <c>entry.a.b</c>, <c>entry:/.</c>.</summary>
/// <param name="Path">Members of the entry, from the outside in. Empty: the entry itself.</param>
/// <param name="Cut">What is made of the value, in the words of GNU parallel: <c>.</c> without its extension, <c>/</c> the last part of a path,
/// <c>//</c> its folder, <c>/.</c> the last part without extension. Empty: the value as it is.</param>
public readonly record struct EntryMark(IReadOnlyList<string> Path, string Cut)
{
    private const string Word = "entry";

    public override string ToString() => $"{{{Word}{string.Concat(Path.Select(p => "." + p))}{(Cut.Length == 0 ? "" : ":")}{Cut}}}";

    /// <summary>Null where it is no such mark.</summary>
    internal static EntryMark? Parse(string inner)
    {
        if (!inner.StartsWith(Word, StringComparison.Ordinal) || inner.Contains('{', StringComparison.Ordinal))
            return null;

        var rest = inner[Word.Length..];
        var cut = "";
        var colon = rest.LastIndexOf(':');
        if (colon >= 0)
        {
            (rest, cut) = (rest[..colon], rest[(colon + 1)..]);
            if (cut is not ("." or "/" or "//" or "/."))
                return null;
        }

        if (rest.Length == 0)
            return new EntryMark([], cut);

        var path = rest.Split('.');
        return path[0].Length == 0 && path.Skip(1).All(p => p.Length > 0) ? new EntryMark(path[1..], cut) : null;
    }

    /// <summary>What GNU parallel makes of a value.</summary>
    internal string Apply(string value) => Cut switch
    {
        "." => WithoutExtension(value),
        "/" => LastPart(value),
        "//" => Folder(value),
        "/." => WithoutExtension(LastPart(value)),
        _ => value,
    };

    private static string LastPart(string value) => value[(value.LastIndexOf('/') + 1)..];

    // A point at the very end begins no extension.
    private static string WithoutExtension(string value)
    {
        var point = value.LastIndexOf('.');
        return point > value.LastIndexOf('/') && point < value.Length - 1 ? value[..point] : value;
    }

    private static string Folder(string value)
    {
        var path = value.TrimEnd('/');
        if (path.Length == 0)
            return value.Length == 0 ? "." : "/";

        var slash = path.LastIndexOf('/');
        return slash < 0 ? "." : path[..slash].TrimEnd('/') is { Length: > 0 } folder ? folder : "/";
    }
}
