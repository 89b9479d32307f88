using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Artel.Cli.Processes;

/// <summary>
/// Becomes another program. On Unix the process itself: terminal, signals, process id and exit status are then the program's own,
/// as service managers expect, and nothing has to be forwarded.
/// </summary>
internal static partial class Exec
{
    /// <summary>Returns only on Windows, with the exit status; a program that can not be started fails the command.</summary>
    /// <param name="environment">As <c>NAME=value</c>. Not used on Windows.</param>
    public static int Become(string program, IReadOnlyList<string> arguments, IEnumerable<string> environment)
    {
        if (OperatingSystem.IsWindows())
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { UseShellExecute = false })!;
            process.WaitForExit();
            return process.ExitCode;
        }

        RemoveDiagnosticsFiles();
        string?[] argv = [program, .. arguments, null];
        Execve(program, argv, [.. environment, null]);
        throw new CommandFailure(ExitStatus.NoCluster, $"can not start {program}: {new Win32Exception(Marshal.GetLastPInvokeError()).Message}");
    }

    /// <summary>
    /// Where this is not the native program, its runtime has files named after the process id in the temporary folder. The program that
    /// it becomes has the same id, and would find them taken and leave them behind.
    /// </summary>
    private static void RemoveDiagnosticsFiles()
    {
        if (!RuntimeFeature.IsDynamicCodeSupported)
            return;

        foreach (var pattern in new[] { $"dotnet-diagnostic-{Environment.ProcessId}-*", $"clr-debug-pipe-{Environment.ProcessId}-*" })
        {
            foreach (var file in Directory.EnumerateFiles(Path.GetTempPath(), pattern))
                File.Delete(file);
        }
    }

    /// <summary>
    /// Leaves the process group of the terminal, so that Ctrl-C reaches only the program that started this one and decides what
    /// becomes of it.
    /// </summary>
    public static void LeaveGroup()
    {
        // Fails only for the leader of a session, which no terminal's Ctrl-C reaches through its parent.
        if (!OperatingSystem.IsWindows())
            _ = Setpgid(0, 0);
    }

    [LibraryImport("libc", EntryPoint = "setpgid")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Setpgid(int process, int group);

    [LibraryImport("libc", EntryPoint = "execve", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Execve(string path, string?[] argv, string?[] environment);
}
