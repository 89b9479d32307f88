using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Artel.Cli.Processes;

/// <summary>
/// Becomes another program. On Unix the process itself: terminal, signals, process id and exit status are then the program's own,
/// as service managers expect, and nothing has to be forwarded.
/// </summary>
internal static partial class Exec
{
    /// <summary>Returns only on Windows, with the exit status; a program that can not be started fails the command.</summary>
    public static int Become(string program, IReadOnlyList<string> arguments)
    {
        if (OperatingSystem.IsWindows())
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { UseShellExecute = false })!;
            process.WaitForExit();
            return process.ExitCode;
        }

        string?[] argv = [program, .. arguments, null];
        Execv(program, argv);
        throw new CommandFailure(ExitStatus.NoCluster, $"can not start {program}: {new Win32Exception(Marshal.GetLastPInvokeError()).Message}");
    }

    [LibraryImport("libc", EntryPoint = "execv", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Execv(string path, string?[] argv);
}
