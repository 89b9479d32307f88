using System.ComponentModel;

namespace Artel.Cli.Output;

/// <summary>How a command ends that could not write to standard output.</summary>
internal static class OutputFailure
{
    private const int BrokenPipe = 32;

    /// <summary>
    /// Says why, unless it is only that the reader has left, as <c>head</c> does, and returns the exit status.
    /// </summary>
    /// <param name="error">The error number of the write.</param>
    public static int Report(int error, Terminal terminal)
    {
        if (error == BrokenPipe)
            return ExitStatus.OutputClosed;

        terminal.Fail($"standard output cannot be written: {new Win32Exception(error).Message}");
        return ExitStatus.WrongUsage;
    }
}
