using System.Runtime.Versioning;

namespace Artel.Protocol.Files;

/// <summary>What Linux knows of a file or folder (statx(2)).</summary>
/// <param name="Uid">Its owner.</param>
/// <param name="Gid">Its group.</param>
/// <param name="Mode">Type and permissions.</param>
/// <param name="Inode">Together with <paramref name="Device"/> it names the file.</param>
/// <param name="Device">Of the file system.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Changed">When content, owner or permissions changed last, in nanoseconds.</param>
public readonly record struct FileStatus(
    uint Uid, uint Gid, int Mode, ulong Inode, ulong Device, ulong Size, long Changed)
{
    private const int TypeMask = 0xf000;
    private const int FolderType = 0x4000;
    private const int RegularType = 0x8000;
    private const int GroupAndOthers = 0x3f;
    private const int WritableByOthers = 0x12;
    private const int Sticky = 0x200;

    /// <summary>The user id that this process acts as.</summary>
    [SupportedOSPlatform("linux")]
    public static uint OwnUid => FileCalls.geteuid();

    /// <summary>True for a folder, and not for a link to one.</summary>
    public bool IsFolder => (Mode & TypeMask) == FolderType;

    /// <summary>True for an ordinary file.</summary>
    public bool IsRegular => (Mode & TypeMask) == RegularType;

    /// <summary>True if the group or others have any right to it.</summary>
    public bool IsOpenToOthers => (Mode & GroupAndOthers) != 0;

    /// <summary>True if the group or others may write to it.</summary>
    public bool IsWritableByOthers => (Mode & WritableByOthers) != 0;

    /// <summary>True for a folder in which everyone may remove only what is their own, such as /tmp.</summary>
    public bool IsSticky => (Mode & Sticky) != 0;

    /// <summary>Null if there is nothing at that path, or it cannot be looked at.</summary>
    [SupportedOSPlatform("linux")]
    public static FileStatus? Of(string path, bool followLinks) =>
        Of(FileCalls.CurrentFolder, path, followLinks ? 0 : FileCalls.NoFollow);

    /// <summary>Of what an open descriptor means.</summary>
    [SupportedOSPlatform("linux")]
    internal static FileStatus? Of(int descriptor) => Of(descriptor, "", FileCalls.EmptyPath);

    [SupportedOSPlatform("linux")]
    private static unsafe FileStatus? Of(int folder, string path, int flags)
    {
        FileCalls.Statx status;
        return FileCalls.statx(folder, path, flags, FileCalls.BasicStatus, &status) != 0
            ? null
            : new FileStatus(
                status.Uid, status.Gid, status.Mode, status.Inode, ((ulong)status.DevMajor << 32) | status.DevMinor, status.Size,
                (status.ChangedSeconds * 1_000_000_000) + status.ChangedNanoseconds);
    }
}
