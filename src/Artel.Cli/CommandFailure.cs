namespace Artel.Cli;

/// <summary>
/// Something that can be expected has gone wrong, and the command ends with it: one line for the user and the exit status.
/// Thrown anywhere in a command, turned into output only by <see cref="Program"/>.
/// </summary>
internal sealed class CommandFailure(int status, string message, IReadOnlyList<string>? details = null) : Exception(message)
{
    /// <summary>What another program said, shown below the line.</summary>
    public IReadOnlyList<string> Details { get; } = details ?? [];

    /// <summary>One of <see cref="ExitStatus"/>.</summary>
    public int Status { get; } = status;

    public static CommandFailure WrongUsage(string message) => new(ExitStatus.WrongUsage, message);

    /// <summary>A file or folder of the user that can not be read or written.</summary>
    public static CommandFailure File(string doing, string path, Exception e) =>
        new(ExitStatus.WrongUsage, $"can not {doing} {path}: {(e is FileNotFoundException ? "it does not exist" : OneLine(e.Message))}");

    private static string OneLine(string text) => text.ReplaceLineEndings(" ").Trim();
}
