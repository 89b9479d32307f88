using System.ComponentModel;

namespace Artel.Cli.Output;

/// <summary>Ends a command that could not write to standard output.</summary>
internal static class OutputFailure
{
    private const int BrokenPipe = 32;

    /// <summary>
    /// Reports why, unless the reader has left, as <c>head</c> does, and returns the exit status.
    /// </summary>
    /// <param name="error">The error number of the write.</param>
    public static int Report(int error, Terminal terminal)
    {
        if (error == BrokenPipe)
            return ExitStatus.OutputClosed;

        var reason = $"standard output cannot be written: {new Win32Exception(error).Message}";
        terminal.Fail(terminal.Created is { } exists ? $"{exists}, but {reason}" : reason);
        return ExitStatus.WrongUsage;
    }
}
