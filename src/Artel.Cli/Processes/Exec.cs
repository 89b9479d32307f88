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
        Execve(program, [program, .. arguments], [.. environment]);
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

    /// <summary>Returns only if it fails.</summary>
    private static unsafe void Execve(string path, string[] arguments, string[] environment)
    {
        // Never freed: this program is replaced, or reports the error and ends.
        _ = Execve(path, Texts(arguments), Texts(environment));

        static byte** Texts(string[] texts)
        {
            var pointers = (byte**)NativeMemory.AllocZeroed((nuint)texts.Length + 1, (nuint)sizeof(byte*));
            for (var i = 0; i < texts.Length; i++)
            {
                var length = RawText.CountBytes(texts[i]);
                pointers[i] = (byte*)NativeMemory.AllocZeroed((nuint)length + 1);
                RawText.WriteBytes(texts[i], new Span<byte>(pointers[i], length));
            }

            return pointers;
        }
    }

    [LibraryImport(
        "libc", EntryPoint = "execve", SetLastError = true, StringMarshallingCustomType = typeof(RawTextMarshaller))]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static unsafe partial int Execve(string path, byte** arguments, byte** environment);
}
