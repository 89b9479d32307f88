using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Artel.Protocol.Text;

namespace Artel.Node.Accounts;

/// <summary>The calls of the C library that have to do with accounts and credentials.</summary>
[SupportedOSPlatform("linux")]
internal static unsafe partial class AccountCalls
{
    private const int PrctlSetDumpable = 4;
    private const int JoinSessionKeyring = 1;

    private static long KeyctlNumber => RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 219 : 250;

    private static long CapsetNumber => RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 91 : 126;

    [LibraryImport("libc", StringMarshallingCustomType = typeof(RawTextMarshaller))]
    public static partial int getpwnam_r(string name, byte* passwd, byte* buffer, nuint size, byte** found);

    [LibraryImport("libc", StringMarshallingCustomType = typeof(RawTextMarshaller))]
    public static partial int getgrouplist(string name, uint gid, uint* groups, int* count);

    [LibraryImport("libc")]
    public static partial uint geteuid();

    [LibraryImport("libc")]
    public static partial uint getegid();

    [LibraryImport("libc", SetLastError = true)]
    public static partial int setgroups(nuint count, uint* groups);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int setresgid(uint real, uint effective, uint saved);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int setresuid(uint real, uint effective, uint saved);

    [LibraryImport("libc")]
    public static partial uint umask(uint mask);

    [LibraryImport("libc", SetLastError = true, StringMarshallingCustomType = typeof(RawTextMarshaller))]
    public static partial int chdir(string path);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int fchown(int descriptor, uint uid, uint gid);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int execve(byte* path, byte** arguments, byte** environment);

    [LibraryImport("libc")]
    public static partial nint signal(int number, nint handler);

    [LibraryImport("libc")]
    public static partial int pthread_sigmask(int how, void* set, void* earlier);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int prctl(int option, nuint second, nuint third, nuint fourth, nuint fifth);

    [LibraryImport("libc", SetLastError = true)]
    private static partial long syscall(long number, nuint first, nuint second);

    /// <summary>
    /// Nobody but root may trace this process or look at its memory, descriptors and environment from here on.
    /// </summary>
    public static bool BecomeUndumpable() => prctl(PrctlSetDumpable, 0, 0, 0, 0) == 0;

    /// <summary>
    /// Leaves the keys of the session that this process was started from. A kernel without keys needs nothing.
    /// </summary>
    public static void LeaveKeyring() => _ = syscall(KeyctlNumber, JoinSessionKeyring, 0);

    /// <summary>Gives up every capability of the calling thread, the inheritable ones included.</summary>
    public static bool DropCapabilities()
    {
        // _LINUX_CAPABILITY_VERSION_3, this thread; two sets of three words each.
        var header = stackalloc uint[2] { 0x20080522, 0 };
        var none = stackalloc uint[6] { 0, 0, 0, 0, 0, 0 };
        return syscall(CapsetNumber, (nuint)header, (nuint)none) == 0;
    }
}
