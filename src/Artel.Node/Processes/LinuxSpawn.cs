using System.Runtime.Versioning;

namespace Artel.Node.Processes;

/// <summary>posix_spawn with what every process of the agent gets: a session of its own, and signals as a shell would give it.</summary>
[SupportedOSPlatform("linux")]
internal static unsafe class LinuxSpawn
{
    // Larger than the C libraries' own structures (80, 336 and 128 bytes).
    private const int FileActionsSize = 256;
    private const int AttributesSize = 512;
    private const int SignalSetSize = 256;

    /// <summary>
    /// Starts a program with these descriptors as its standard ones; all others but those to keep are close-on-exec. Returns 0 and its
    /// process id, which is also that of its session and group, or the error number. posix_spawn returns after the exec, so a
    /// program that cannot be executed is known here.
    /// </summary>
    /// <remarks>
    /// A session and not only a group: a task has no business with the terminal the agent was started from, and in a background
    /// group would be stopped when it touches it. The runtime ignores SIGPIPE and may block signals; the process must not inherit that.
    /// Its cpus it inherits: this thread runs on them while it starts the process, so that no instruction of the program is run elsewhere,
    /// which setting them from outside after the start could not promise, and no program like taskset has to be there to be executed first.
    /// </remarks>
    public static int Start(string path, LaunchRequest request, int stdin, int stdout, int stderr, out int pid, params ReadOnlySpan<int> kept)
    {
        var fileActions = stackalloc byte[FileActionsSize];
        var attributes = stackalloc byte[AttributesSize];
        var signals = stackalloc byte[SignalSetSize];
        using var block = new ArgumentBlock(path, request);
        _ = Libc.posix_spawn_file_actions_init(fileActions);
        _ = Libc.posix_spawnattr_init(attributes);
        try
        {
            _ = Libc.posix_spawn_file_actions_adddup2(fileActions, stdin, 0);
            _ = Libc.posix_spawn_file_actions_adddup2(fileActions, stdout, 1);
            _ = Libc.posix_spawn_file_actions_adddup2(fileActions, stderr, 2);

            // The same number again: that is how a descriptor is kept open across the exec.
            foreach (var descriptor in kept)
                _ = Libc.posix_spawn_file_actions_adddup2(fileActions, descriptor, descriptor);

            if (request.WorkingDirectory.Length > 0)
                _ = Libc.posix_spawn_file_actions_addchdir_np(fileActions, block.WorkingDirectory);

            _ = Libc.posix_spawnattr_setflags(
                attributes, Libc.SpawnNewSession | Libc.SpawnSetSignalDefaults | Libc.SpawnSetSignalMask);

            // Not sigfillset: glibc leaves its own signals (32 and 33) out, and then posix_spawn ignores them in the
            // child (sysdeps/unix/sysv/linux/spawni.c).
            new Span<byte>(signals, SignalSetSize).Fill(0xff);
            _ = Libc.posix_spawnattr_setsigdefault(attributes, signals);
            _ = Libc.sigemptyset(signals);
            _ = Libc.posix_spawnattr_setsigmask(attributes, signals);

            if (request.Cpus is not { Count: > 0 } cpus)
                return Spawn(block, fileActions, attributes, out pid);

            pid = 0;
            var own = CpuAffinity.OfThisThread();
            var error = CpuAffinity.Set(cpus);
            if (error != 0)
                return error;

            error = Spawn(block, fileActions, attributes, out pid);
            _ = CpuAffinity.Set(own);
            return error;
        }
        finally
        {
            _ = Libc.posix_spawnattr_destroy(attributes);
            _ = Libc.posix_spawn_file_actions_destroy(fileActions);
        }
    }

    private static int Spawn(ArgumentBlock block, byte* fileActions, byte* attributes, out int pid)
    {
        int child;
        var error = Libc.posix_spawn(&child, block.Path, fileActions, attributes, block.Arguments, block.Environment);
        pid = error == 0 ? child : 0;
        return error;
    }
}
