using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Artel.Node.Processes;

/// <summary>The few calls of the C library that the Linux fast path is made of. Numbers are those of x64 and arm64.</summary>
[SupportedOSPlatform("linux")]
internal static unsafe partial class Libc
{
    public const int OpenCloseOnExec = 0x80000;
    public const int OpenReadWrite = 2;
    public const int OpenNonBlocking = 0x800;
    public const int EpollIn = 1;
    public const int EpollHangUp = 0x10;
    public const int EpollAdd = 1;
    public const int EpollRemove = 2;
    public const int SigKill = 9;
    public const int SigTerm = 15;
    public const int SpawnSetSignalDefaults = 0x04;
    public const int SpawnSetSignalMask = 0x08;
    public const int SpawnNewSession = 0x80;
    public const int RusageSelf = 0;
    private const int FcntlSetFlags = 4;
    private const long SyscallPidfdOpen = 434;

    /// <summary>struct rusage: two timevals, then longs, of which the first is ru_maxrss in KiB.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Rusage
    {
        public long UserSeconds;
        public long UserMicroseconds;
        public long SystemSeconds;
        public long SystemMicroseconds;
        public long MaxRssKib;
        private fixed long _rest[13];
    }

    [LibraryImport("libc", SetLastError = true)]
    public static partial int pipe2(int* descriptors, int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int close(int descriptor);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint read(int descriptor, byte* buffer, nint count);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint write(int descriptor, byte* buffer, nint count);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint pwrite(int descriptor, byte* buffer, nint count, long offset);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int open(string path, int flags);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int memfd_create(string name, uint flags);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int access(string path, int mode);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fcntl(int descriptor, int command, nint argument);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int eventfd(uint initial, int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int epoll_create1(int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int epoll_ctl(int epoll, int operation, int descriptor, byte* @event);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int epoll_wait(int epoll, byte* events, int maxEvents, int timeoutMilliseconds);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int kill(int pid, int signal);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int wait4(int pid, int* status, int options, Rusage* usage);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int getrusage(int who, Rusage* usage);

    [LibraryImport("libc")]
    private static partial int clock_gettime(int clock, long* time);

    [LibraryImport("libc", SetLastError = true)]
    private static partial long syscall(long number, long first, long second);

    [LibraryImport("libc")]
    public static partial int posix_spawn(int* pid, byte* path, void* fileActions, void* attributes, byte** arguments, byte** environment);

    [LibraryImport("libc")]
    public static partial int posix_spawn_file_actions_init(void* fileActions);

    [LibraryImport("libc")]
    public static partial int posix_spawn_file_actions_destroy(void* fileActions);

    [LibraryImport("libc")]
    public static partial int posix_spawn_file_actions_adddup2(void* fileActions, int descriptor, int newDescriptor);

    [LibraryImport("libc")]
    public static partial int posix_spawn_file_actions_addchdir_np(void* fileActions, byte* path);

    [LibraryImport("libc")]
    public static partial int posix_spawnattr_init(void* attributes);

    [LibraryImport("libc")]
    public static partial int posix_spawnattr_destroy(void* attributes);

    [LibraryImport("libc")]
    public static partial int posix_spawnattr_setflags(void* attributes, short flags);

    [LibraryImport("libc")]
    public static partial int posix_spawnattr_setsigdefault(void* attributes, void* signals);

    [LibraryImport("libc")]
    public static partial int posix_spawnattr_setsigmask(void* attributes, void* signals);

    [LibraryImport("libc")]
    public static partial int sigemptyset(void* signals);

    [LibraryImport("libc")]
    public static partial int sigfillset(void* signals);

    /// <summary>What a clock shows; the number is one of clock_gettime(2).</summary>
    public static TimeSpan Clock(int clock)
    {
        var time = stackalloc long[2];
        _ = clock_gettime(clock, time);
        return TimeSpan.FromSeconds(time[0]) + TimeSpan.FromTicks(time[1] / TimeSpan.NanosecondsPerTick);
    }

    /// <summary>A descriptor that becomes readable when the process ends, or -1. The C library's own wrapper is younger than the call.</summary>
    public static int PidfdOpen(int pid) => (int)syscall(SyscallPidfdOpen, pid, 0);

    public static bool SetNonBlocking(int descriptor) => fcntl(descriptor, FcntlSetFlags, OpenNonBlocking) == 0;
}
