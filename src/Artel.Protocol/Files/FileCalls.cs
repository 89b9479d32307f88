using System.Runtime.InteropServices;
using Artel.Protocol.Text;

namespace Artel.Protocol.Files;

/// <summary>
/// The calls of the C library about files that .NET has no counterpart of. Numbers are those of Linux on x64 and arm64.
/// </summary>
internal static unsafe partial class FileCalls
{
    public const int OpenReadOnly = 0;
    public const int OpenReadWrite = 2;
    public const int OpenCreate = 0x40;
    public const int OpenCloseOnExec = 0x80000;
    public const int MacCloseOnExec = 0x1000000;
    public const int OpenPathOnly = 0x200000;
    public const int RemoveFolder = 0x200;
    public const int NoFollow = 0x100;
    public const int EmptyPath = 0x1000;
    public const int CurrentFolder = -100;
    public const int LockExclusive = 2;
    public const int LockNonBlocking = 4;
    public const int Unlock = 8;
    public const uint BasicStatus = 0x7ff;

    public static int OpenFolder => RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 0x4000 : 0x10000;

    public static int OpenNoFollow => RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 0x8000 : 0x20000;

    /// <summary>struct statx, the same on every architecture.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Statx
    {
        public uint Mask;
        public uint BlockSize;
        public ulong Attributes;
        public uint Links;
        public uint Uid;
        public uint Gid;
        public ushort Mode;
        public ushort Spare;
        public ulong Inode;
        public ulong Size;
        public ulong Blocks;
        public ulong AttributesMask;
        public fixed long AccessedAndBorn[4];
        public long ChangedSeconds;
        public uint ChangedNanoseconds;
        public uint ChangedSpare;
        public long ModifiedSeconds;
        public uint ModifiedNanoseconds;
        public uint ModifiedSpare;
        public uint RdevMajor;
        public uint RdevMinor;
        public uint DevMajor;
        public uint DevMinor;
        public fixed ulong Rest[14];
    }

    [LibraryImport("libc", SetLastError = true, StringMarshallingCustomType = typeof(RawTextMarshaller))]
    public static partial int statx(int folder, string path, int flags, uint mask, Statx* status);

    [LibraryImport("libc", SetLastError = true, StringMarshallingCustomType = typeof(RawTextMarshaller))]
    public static partial int open(string path, int flags, uint mode);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int openat(int folder, byte* name, int flags, uint mode);

    [LibraryImport("libc", SetLastError = true, StringMarshallingCustomType = typeof(RawTextMarshaller))]
    public static partial int openat(int folder, string name, int flags, uint mode);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int unlinkat(int folder, byte* name, int flags);

    [LibraryImport("libc", SetLastError = true, StringMarshallingCustomType = typeof(RawTextMarshaller))]
    public static partial int unlinkat(int folder, string name, int flags);

    [LibraryImport("libc", SetLastError = true, StringMarshallingCustomType = typeof(RawTextMarshaller))]
    public static partial int renameat(int folder, byte* name, int newFolder, string newName);

    [LibraryImport("libc", SetLastError = true, StringMarshallingCustomType = typeof(RawTextMarshaller))]
    public static partial int mkdir(string path, uint mode);

    [LibraryImport("libc", SetLastError = true, StringMarshallingCustomType = typeof(RawTextMarshaller))]
    public static partial int chmod(string path, uint mode);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int fchmod(int descriptor, uint mode);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int close(int descriptor);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint fdopendir(int descriptor);

    [LibraryImport("libc", SetLastError = true)]
    public static partial byte* readdir(nint stream);

    [LibraryImport("libc")]
    public static partial int closedir(nint stream);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int flock(int descriptor, int operation);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int fsync(int descriptor);

    [LibraryImport("libc")]
    public static partial uint umask(uint mask);

    [LibraryImport("libc")]
    public static partial uint geteuid();

    [LibraryImport("libc")]
    private static partial byte* getcwd(byte* buffer, nuint size);

    /// <summary>
    /// The working directory of this process as <see cref="RawText"/>; null if it has none that can be named.
    /// </summary>
    public static string? CurrentFolderPath()
    {
        const int longest = 4096;
        var buffer = stackalloc byte[longest];
        return getcwd(buffer, longest) is null
            ? null
            : RawText.FromBytes(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(buffer));
    }

    /// <summary>Of the calling thread alone.</summary>
    [LibraryImport("libc")]
    public static partial int setfsuid(uint uid);

    /// <summary>Of the calling thread alone.</summary>
    [LibraryImport("libc")]
    public static partial int setfsgid(uint gid);

    /// <summary>The message of the last failed call, for people.</summary>
    public static string LastError => Marshal.GetLastPInvokeErrorMessage();

    public static IOException Failure(string path)
    {
        var error = Marshal.GetLastPInvokeError();
        return new IOException($"{path}: {Marshal.GetPInvokeErrorMessage(error)}", error);
    }
}
