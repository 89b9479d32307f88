namespace Artel.Cli.Submitting;

/// <summary>A file that is a program of its own, not a map.</summary>
/// <param name="Name">As the user named it.</param>
/// <param name="Bytes">All of it: the node may be a machine without the file.</param>
/// <param name="Interpreter">The program that runs it, with the argument of its first line.</param>
internal sealed record ScriptFile(string Name, byte[] Bytes, IReadOnlyList<string> Interpreter)
{
    private const string NameOfStandardInput = "script";

    /// <summary>Of scripts without a '#!' line.</summary>
    private static readonly Dictionary<string, string[]> Interpreters = new(StringComparer.OrdinalIgnoreCase)
    {
        [".sh"] = ["/bin/sh"],
        [".bash"] = ["/usr/bin/env", "bash"],
        [".py"] = ["/usr/bin/env", "python3"],
        [".pl"] = ["/usr/bin/env", "perl"],
        [".rb"] = ["/usr/bin/env", "ruby"],
    };

    /// <summary>Null if the file is not a script: it has neither a '#!' line nor the ending of one.</summary>
    /// <exception cref="CommandFailure">No program follows '#!'.</exception>
    public static ScriptFile? Of(SourceFile source)
    {
        var isMarked = source.Bytes.AsSpan().StartsWith("#!"u8);
        if (!isMarked && !Interpreters.ContainsKey(Path.GetExtension(source.Name)))
            return null;

        var name = source.Name == SourceFile.StandardInput ? NameOfStandardInput : source.Name;
        return new ScriptFile(
            name, source.Bytes, isMarked ? FirstLine(name, source.Bytes) : Interpreters[Path.GetExtension(name)]);
    }

    /// <summary>As the system reads it: the program, and all the rest as one argument.</summary>
    private static string[] FirstLine(string file, byte[] bytes)
    {
        var end = Array.IndexOf(bytes, (byte)'\n');
        var line = RawText.FromBytes(bytes.AsSpan(2, (end < 0 ? bytes.Length : end) - 2)).Trim(' ', '\t', '\r');
        var space = line.IndexOfAny([' ', '\t']);
        return line.Length == 0 ? throw CommandFailure.WrongUsage($"{file}:1: no program follows '#!': write one, such as #!/bin/sh")
            : space < 0 ? [line]
            : [line[..space], line[space..].Trim(' ', '\t')];
    }
}
