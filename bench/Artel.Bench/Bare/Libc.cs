using System.Runtime.InteropServices;

namespace Artel.Bench.Bare;

/// <summary>Straight calls of the C library (posix_spawn(3), wait(2)), on purpose nothing of the node's.</summary>
internal static unsafe partial class Libc
{
    private const int WriteCreateTruncateCloseOnExec = 0x1 | 0x40 | 0x200 | 0x80000;

    /// <summary>Makes a file that is inherited only where it is asked for.</summary>
    /// <param name="path">Ends with a null.</param>
    public static int Create(byte[] path) => open(path, WriteCreateTruncateCloseOnExec, 0x1a4);

    public static void Close(int descriptor) => _ = close(descriptor);

    /// <param name="arguments">The first is the program; ends with a null.</param>
    /// <returns>Its process id; null: it could not be started.</returns>
    public static int? Spawn(byte** arguments, byte** environment, int stdout, int stderr)
    {
        // Larger than the C library's own structure, of 80 bytes.
        var actions = stackalloc byte[256];
        _ = posix_spawn_file_actions_init(actions);
        _ = posix_spawn_file_actions_adddup2(actions, stdout, 1);
        _ = posix_spawn_file_actions_adddup2(actions, stderr, 2);
        int pid;
        var error = posix_spawn(&pid, arguments[0], actions, null, arguments, environment);
        _ = posix_spawn_file_actions_destroy(actions);
        return error == 0 ? pid : null;
    }

    /// <summary>Waits for the end of a child.</summary>
    /// <returns>Whether it succeeded.</returns>
    public static bool Wait(int pid)
    {
        int status;
        return waitpid(pid, &status, 0) == pid && status == 0;
    }

    /// <summary>This process's own.</summary>
    public static byte** Environment() => *(byte***)NativeLibrary.GetExport(NativeLibrary.GetMainProgramHandle(), "environ");

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
