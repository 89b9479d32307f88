namespace Artel.Protocol.Maps;

/// <summary>A value of a map with the place where it is written. An alias is the very node that it stands for.</summary>
/// <param name="line">From 1.</param>
/// <param name="column">From 1.</param>
internal abstract class MapNode(int line, int column)
{
    public int Line => line;

    public int Column => column;

    /// <summary>How the value is called in messages.</summary>
    public abstract string Kind { get; }
}

/// <param name="text">As written, without quotes.</param>
/// <param name="isPlain">Written without quotes, so that <c>null</c> and <c>true</c> are no text.</param>
internal sealed class MapScalar(int line, int column, string text, bool isPlain) : MapNode(line, column)
{
    public string Text => text;

    public bool IsPlain => isPlain;

    public override string Kind => IsNull ? "nothing" : "a single value";

    public bool IsNull { get; } = isPlain && text is "" or "~" or "null" or "Null" or "NULL";

    /// <summary>Null where it is no truth value.</summary>
    public bool? AsBool => !isPlain ? null : text switch
    {
        "true" or "True" or "TRUE" => true,
        "false" or "False" or "FALSE" => false,
        _ => null,
    };
}

internal sealed class MapList(int line, int column, IReadOnlyList<MapNode> items) : MapNode(line, column)
{
    public IReadOnlyList<MapNode> Items => items;

    public override string Kind => "a list";
}

internal sealed class MapTable(int line, int column, IReadOnlyList<MapEntry> entries) : MapNode(line, column)
{
    private const int FewEntries = 16;

    private Dictionary<string, MapEntry>? _byKey;

    /// <summary>Each key once.</summary>
    public IReadOnlyList<MapEntry> Entries => entries;

    public override string Kind => "a table of keys";

    public MapEntry? Find(string key)
    {
        if (entries.Count <= FewEntries)
            return entries.FirstOrDefault(entry => entry.Key.Text == key);

        _byKey ??= entries.ToDictionary(entry => entry.Key.Text, StringComparer.Ordinal);
        return _byKey.GetValueOrDefault(key);
    }
}

internal sealed record MapEntry(MapScalar Key, MapNode Value);
