using Artel.Protocol.Maps;

namespace Artel.Cli.Submitting;

/// <summary>A file that is a program of its own, not a map.</summary>
/// <param name="Name">As the user named it.</param>
/// <param name="Bytes">All of it: the node may be a machine without the file.</param>
/// <param name="Interpreter">The program that runs it, with the argument of its first line.</param>
internal sealed record ScriptFile(string Name, byte[] Bytes, IReadOnlyList<string> Interpreter)
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

    /// <summary>Null where the file is no script: it begins with no '#!' and has no ending of one. What can not be read is left to the reader of maps.</summary>
    public static ScriptFile? Open(string file)
    {
        try
        {
            // A pipe has no length, and could not be read a second time.
            if (new FileInfo(OwnProcess.PathOf(file)).Length == 0)
                return null;

            using var stream = File.OpenRead(OwnProcess.PathOf(file));
            Span<byte> first = stackalloc byte[2];
            var isMarked = stream.ReadAtLeast(first, 2, throwOnEndOfStream: false) == 2 && first.SequenceEqual("#!"u8);
            if (!isMarked && !Interpreters.ContainsKey(Path.GetExtension(file)))
                return null;

            if (stream.Length > JobLimits.MaxStdinBytes)
                throw CommandFailure.WrongUsage($"{file} is larger than {Sizes.Format(JobLimits.MaxStdinBytes)}, the most that goes with a job: let a small script call it");

            var bytes = File.ReadAllBytes(OwnProcess.PathOf(file));
            return new ScriptFile(file, bytes, isMarked ? FirstLine(file, bytes) : Interpreters[Path.GetExtension(file)]);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            return null;
        }
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
