using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Artel.Protocol.Text;

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
    public const int SigHangUp = 1;
    public const int SigInterrupt = 2;
    public const int SigQuit = 3;
    public const int SigKill = 9;
    public const int SigTerm = 15;
    public const int WaitNoHang = 1;
    public const short PollIn = 1;
    public const int SpawnSetSignalDefaults = 0x04;
    public const int SpawnSetSignalMask = 0x08;
    public const int SpawnNewSession = 0x80;
    public const int RusageSelf = 0;

    /// <summary>RLIMIT_NOFILE.</summary>
    public const int LimitOfOpenFiles = 7;

    private const int FcntlSetDescriptorFlags = 2;
    private const int FcntlSetFlags = 4;
    private const int PrctlSetName = 15;
    private const int PrctlSetChildSubreaper = 36;
    private const int LimitOfLocks = 10;
    private const long SyscallPidfdOpen = 434;
    private const long SyscallCloseRange = 436;
    private const nint CloseRangeCloseOnExec = 4;

    public static int OpenFolder => RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 0x4000 : 0x10000;

    public static int OpenNoFollow => RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 0x8000 : 0x20000;

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

    /// <summary>struct pollfd.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct PollDescriptor
    {
        public int Descriptor;
        public short Events;
        public short Returned;
    }

    /// <summary>struct rlimit.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Limit
    {
        public ulong Current;
        public ulong Maximum;
    }

    [LibraryImport("libc", SetLastError = true)]
    public static partial int pipe2(int* descriptors, int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int close(int descriptor);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint read(int descriptor, byte* buffer, nint count);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint pread(int descriptor, byte* buffer, nint count, long offset);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint write(int descriptor, byte* buffer, nint count);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint pwrite(int descriptor, byte* buffer, nint count, long offset);

    [LibraryImport("libc", SetLastError = true, StringMarshallingCustomType = typeof(RawTextMarshaller))]
    private static partial int statx(int folder, string path, int flags, uint mask, byte* result);

    [LibraryImport("libc", SetLastError = true, StringMarshallingCustomType = typeof(RawTextMarshaller))]
    public static partial int open(string path, int flags);

    [LibraryImport("libc", SetLastError = true, StringMarshallingCustomType = typeof(RawTextMarshaller))]
    public static partial nint readlink(string path, byte* target, nint size);

    [LibraryImport("libc", SetLastError = true, StringMarshallingCustomType = typeof(RawTextMarshaller))]
    public static partial int memfd_create(string name, uint flags);

    [LibraryImport("libc", SetLastError = true, StringMarshallingCustomType = typeof(RawTextMarshaller))]
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
    public static partial int poll(PollDescriptor* descriptors, nuint count, int timeoutMilliseconds);

    [LibraryImport("libc")]
    public static partial int getppid();

    [LibraryImport("libc", SetLastError = true)]
    public static partial int getpgid(int pid);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int getsid(int pid);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int prctl(int option, nuint second, nuint third, nuint fourth, nuint fifth);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int prlimit(int pid, int resource, Limit* changed, Limit* earlier);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int sched_getaffinity(int thread, nuint size, ulong* mask);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int sched_setaffinity(int thread, nuint size, ulong* mask);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int getrusage(int who, Rusage* usage);

    [LibraryImport("libc")]
    private static partial int clock_gettime(int clock, long* time);

    [LibraryImport("libc", SetLastError = true)]
    private static partial long syscall(long number, long first, long second);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial long syscall3(long number, nint first, nint second, nint third);

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

    /// <summary>What a clock shows; the number is one of clock_gettime(2).</summary>
    public static TimeSpan Clock(int clock)
    {
        var time = stackalloc long[2];
        _ = clock_gettime(clock, time);
        return TimeSpan.FromSeconds(time[0]) + TimeSpan.FromTicks(time[1] / TimeSpan.NanosecondsPerTick);
    }

    /// <summary>A descriptor that becomes readable when the process ends, or -1. The C library's own wrapper is younger than the call.</summary>
    public static int PidfdOpen(int pid) => (int)syscall(SyscallPidfdOpen, pid, 0);

    /// <summary>Device and inode of a file or folder, by which a copy of it differs: statx(2). Null if the system does not tell.</summary>
    public static string? IdentityOf(string path)
    {
        const int here = -100;
        const uint inode = 0x100;
        const int size = 256;
        var result = stackalloc byte[size];
        return statx(here, path, 0, inode, result) == 0
            ? string.Create(CultureInfo.InvariantCulture, $"{*(uint*)(result + 136)}:{*(uint*)(result + 140)}:{*(ulong*)(result + 32)}")
            : null;
    }

    public static bool SetCloseOnExec(int descriptor, bool close) => fcntl(descriptor, FcntlSetDescriptorFlags, close ? 1 : 0) == 0;

    /// <summary>No process that is started from here on gets a descriptor that is open now, but the three standard ones.</summary>
    public static void CloseOthersOnExec()
    {
        const int firstOther = 3;
        if (syscall3(SyscallCloseRange, firstOther, int.MaxValue, CloseRangeCloseOnExec) == 0)
            return;

        // A kernel before 5.11 does not know the flag.
        foreach (var path in Directory.EnumerateFiles("/proc/self/fd"))
        {
            if (int.TryParse(Path.GetFileName(path), out var descriptor) && descriptor >= firstOther)
                _ = SetCloseOnExec(descriptor, true);
        }
    }

    public static bool SetNonBlocking(int descriptor) => fcntl(descriptor, FcntlSetFlags, OpenNonBlocking) == 0;

    /// <summary>
    /// From here on whoever loses its parent among the descendants of this process becomes its child, instead of init's, unless
    /// there is such a process in between.
    /// </summary>
    public static void BecomeSubreaper() => _ = prctl(PrctlSetChildSubreaper, 1, 0, 0, 0);

    /// <summary>What <c>ps</c> and <c>top</c> call the thread that calls this; the main thread's name is the process's. Up to 15 bytes.</summary>
    public static void NameThread(ReadOnlySpan<byte> name)
    {
        fixed (byte* start = name)
        {
            _ = prctl(PrctlSetName, (nuint)start, 0, 0, 0);
        }
    }

    /// <summary>The most that the limit of locks (RLIMIT_LOCKS) of a process can be set to. Null: it can not be read.</summary>
    public static ulong? LockLimit(int pid)
    {
        Limit limit;
        return prlimit(pid, LimitOfLocks, null, &limit) == 0 ? limit.Maximum : null;
    }

    public static bool SetLockLimit(int pid, ulong value)
    {
        var limit = new Limit { Current = value, Maximum = value };
        return prlimit(pid, LimitOfLocks, &limit, null) == 0;
    }

    /// <summary>The soft limit of open files (RLIMIT_NOFILE) of this process.</summary>
    public static ulong SoftOpenFiles()
    {
        Limit limit;
        return prlimit(0, LimitOfOpenFiles, null, &limit) == 0 ? limit.Current : ulong.MaxValue;
    }

    /// <summary>Raises the soft limit of open files of this process to the hard one. False: it could not be raised.</summary>
    public static bool RaiseOpenFiles()
    {
        Limit limit;
        if (prlimit(0, LimitOfOpenFiles, null, &limit) != 0 || limit.Current >= limit.Maximum)
            return false;

        limit.Current = limit.Maximum;
        return prlimit(0, LimitOfOpenFiles, &limit, null) == 0;
    }

    /// <summary>Lowers the soft limit of a process; the hard one stays. Numbers are those of getrlimit(2).</summary>
    /// <param name="pid">0: this process.</param>
    public static void LowerSoftLimit(int resource, ulong value, int pid = 0)
    {
        Limit limit;
        if (prlimit(pid, resource, null, &limit) != 0 || limit.Current <= value)
            return;

        limit.Current = value;
        _ = prlimit(pid, resource, &limit, null);
    }

    /// <summary>Waits until something can be read, or the other end is closed. False: not within this time, or interrupted.</summary>
    public static bool AwaitReadable(int descriptor, int timeoutMilliseconds)
    {
        var readable = new PollDescriptor { Descriptor = descriptor, Events = PollIn };
        return poll(&readable, 1, timeoutMilliseconds) == 1;
    }

    /// <summary>Waits until a process has ended. False: not within this time.</summary>
    public static bool AwaitEnd(int pidfd, int timeoutMilliseconds) => AwaitReadable(pidfd, timeoutMilliseconds);

    /// <summary>Takes note of a child that has ended, so that the system can forget it. False: it lives, or is no child.</summary>
    public static bool TryReap(int pid)
    {
        int status;
        Rusage usage;
        return wait4(pid, &status, WaitNoHang, &usage) == pid;
    }
}
