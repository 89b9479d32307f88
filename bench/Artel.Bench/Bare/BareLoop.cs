using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace Artel.Bench.Bare;

/// <summary>
/// What the machine itself can do: <c>posix_spawn</c> of <c>/bin/true</c>, each with two output files, and waiting for it; nothing else.
/// Straight calls of the C library (posix_spawn(3), wait(2)), on purpose nothing of the node's.
/// </summary>
internal static unsafe partial class BareLoop
{
    private const int WriteCreateTruncateCloseOnExec = 0x1 | 0x40 | 0x200 | 0x80000;

    /// <summary>Runs so many processes, <paramref name="slots"/> at a time.</summary>
    /// <returns>How long all of them took together.</returns>
    public static TimeSpan Run(string folder, int count, int slots)
    {
        var next = 0;
        var failed = 0;
        var watch = Stopwatch.StartNew();
        var threads = Enumerable.Range(0, slots).Select(_ => new Thread(() =>
        {
            int number;
            while ((number = Interlocked.Increment(ref next)) <= count)
            {
                failed += StartAndWait(folder, number) ? 0 : 1;
            }
        })).ToArray();
        foreach (var thread in threads)
        {
            thread.Start();
        }

        foreach (var thread in threads)
        {
            thread.Join();
        }

        return failed == 0 ? watch.Elapsed : throw new InvalidOperationException($"{failed} processes of the bare loop failed");
    }

    private static bool StartAndWait(string folder, int number)
    {
        // Larger than the C library's own structure, of 80 bytes.
        var actions = stackalloc byte[256];
        var stdout = open(Path(folder, "out", number), WriteCreateTruncateCloseOnExec, 0x1a4);
        var stderr = open(Path(folder, "ouMis", number), WriteCreateTruncateCloseOnExec, 0x1a4);
        _ = posix_spawn_file_actions_init(actions);
        _ = posix_spawn_file_actions_adddup2(actions, stdout, 1);
        _ = posix_spawn_file_actions_adddup2(actions, stderr, 2);
        int pid;
        int error;
        fixed (byte* program = "/bin/true"u8)
        {
            var arguments = stackalloc byte*[2] { program, null };
            error = posix_spawn(&pid, program, actions, null, arguments, environ());
        }

        _ = posix_spawn_file_actions_destroy(actions);
        _ = close(stdout);
        _ = close(stderr);
        int status;
        return error == 0 && waitpid(pid, &status, 0) == pid && status == 0;
    }

    private static byte[] Path(string folder, string name, int number) =>
        Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{folder}/{name}{number}.txt\0"));

    private static byte** environ() => *(byte***)NativeLibrary.GetExport(NativeLibrary.GetMainProgramHandle(), "environ");

    [LibraryImport("libc")]
    private static partial int open(byte[] path, int flags, int mode);

    [LibraryImport("libc")]
    private static partial int close(int descriptor);

    [LibraryImport("libc")]
    private static partial int waitpid(int pid, int* status, int options);

    [LibraryImport("libc")]
    private static partial int posix_spawn(int* pid, byte* path, byte* fileActions, byte* attributes, byte** arguments, byte** environment);

    [LibraryImport("libc")]
    private static partial int posix_spawn_file_actions_init(byte* actions);

    [LibraryImport("libc")]
    private static partial int posix_spawn_file_actions_adddup2(byte* actions, int from, int to);

    [LibraryImport("libc")]
    private static partial int posix_spawn_file_actions_destroy(byte* actions);
}
