namespace Artel.Cli.Submitting;

/// <summary>A file that is a program of its own, not a map.</summary>
/// <param name="Source">All of it is sent: the node may be a machine without the file.</param>
/// <param name="Interpreter">The program that runs it, with the argument of its first line.</param>
internal sealed record ScriptFile(SourceFile Source, IReadOnlyList<string> Interpreter)
{
    /// <summary>Of scripts without a '#!' line.</summary>
    private static readonly Dictionary<string, string[]> Interpreters = new(StringComparer.OrdinalIgnoreCase)
    {
        [".sh"] = ["/bin/sh"],
        [".bash"] = ["/usr/bin/env", "bash"],
        [".py"] = ["/usr/bin/env", "python3"],
        [".pl"] = ["/usr/bin/env", "perl"],
        [".rb"] = ["/usr/bin/env", "ruby"],
    };

    /// <summary>The name that the user gave it; <c>script</c> for standard input.</summary>
    public string Name => Source.IsStandardInput ? "script" : Source.Name;

    /// <summary>Returns null if the file is not a script: it has neither a '#!' line nor the ending of one.</summary>
    /// <exception cref="CommandFailure">No program follows '#!'.</exception>
    public static ScriptFile? Of(SourceFile source)
    {
        var isMarked = source.Bytes.AsSpan().StartsWith("#!"u8);
        if (!isMarked && !Interpreters.ContainsKey(Path.GetExtension(source.Name)))
            return null;

        return new ScriptFile(
            source, isMarked ? FirstLine(source) : Interpreters[Path.GetExtension(source.Name)]);
    }

    /// <summary>As the system reads it: the program, and all the rest as one argument.</summary>
    private static string[] FirstLine(SourceFile source)
    {
        var bytes = source.Bytes;
        var end = Array.IndexOf(bytes, (byte)'\n');
        var line = RawText.FromBytes(bytes.AsSpan(2, (end < 0 ? bytes.Length : end) - 2)).Trim(' ', '\t', '\r');
        var space = line.IndexOfAny([' ', '\t']);
        return line.Length == 0 ? throw CommandFailure.WrongUsage($"{source.ShownName}:1: no program follows '#!': write one, such as #!/bin/sh")
            : space < 0 ? [line]
            : [line[..space], line[space..].Trim(' ', '\t')];
    }
}
