using System.Runtime.Versioning;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Artel.Protocol.Files;

/// <summary>
/// Creates files and folders that only the user of this process may open (0600 and 0700, whatever the umask; on
/// Windows, what the parent folder grants). Everything that a server, a node or a private run keeps is created here.
/// </summary>
public static class OwnerOnly
{
    /// <summary>The permissions of files: the owner reads and writes.</summary>
    public const UnixFileMode FileBits = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>The permissions of folders.</summary>
    public const UnixFileMode FolderBits = FileBits | UnixFileMode.UserExecute;

    /// <summary>
    /// Creates a folder, and those above it, if they are missing. An existing one keeps its permissions: it may serve
    /// its owner for other things too.
    /// </summary>
    /// <exception cref="IOException">It cannot be created.</exception>
    public static void CreateFolder(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
            return;
        }

        path = Path.GetFullPath(path);
        if (Directory.Exists(path))
            return;

        // One by one: CreateDirectory applies the permissions to the last one only, and leaves those above it to the
        // umask.
        if (Path.GetDirectoryName(path) is { } parent)
            CreateFolder(parent);

        // Not by .NET: it is content with a link that somebody has put there meanwhile.
        if (FileCalls.mkdir(path, (uint)FolderBits) != 0)
        {
            if (!Directory.Exists(path))
                throw FileCalls.Failure(path);

            return;
        }

        // A umask such as 0777 has taken the owner's rights as well.
        if (File.GetUnixFileMode(path) != FolderBits)
            File.SetUnixFileMode(path, FolderBits);
    }

    /// <summary>
    /// Makes a folder this program's own: creates it, or closes an existing one to others. One that belongs to somebody
    /// else is refused, and so is an open one with foreign content: to close /tmp or a home folder by a slip of the
    /// keyboard would hurt more than it helps.
    /// </summary>
    /// <param name="path">Of the folder.</param>
    /// <param name="mark">A file that every such folder has: with it an open folder is known to be ours.</param>
    /// <exception cref="IOException">It cannot be used; the message tells people why.</exception>
    public static void ClaimFolder(string path, string mark)
    {
        CreateFolder(path);
        if (OperatingSystem.IsWindows())
            return;

        if (OperatingSystem.IsLinux() && FileStatus.Of(path, followLinks: true) is { } status && status.Uid != FileStatus.OwnUid)
        {
            throw new IOException(
                $"the folder {path} belongs to another user (uid {status.Uid}): choose another, or let the same user run this");
        }

        if ((File.GetUnixFileMode(path) & ~FolderBits) == 0)
            return;

        if (!File.Exists(Path.Combine(path, mark)) && Directory.EnumerateFileSystemEntries(path).Any())
        {
            throw new IOException(
                $"the folder {path} is open to other users and holds other files: choose an empty folder, "
                + $"or close this one with 'chmod 700 {path}'");
        }

        File.SetUnixFileMode(path, FolderBits);
        CloseContent(path);
    }

    /// <summary>
    /// Closes to others what an earlier version, or a careless hand, has left open in a folder. Links are left alone.
    /// </summary>
    [UnsupportedOSPlatform("windows")]
    private static void CloseContent(string folder)
    {
        var all = new EnumerationOptions
        {
            RecurseSubdirectories = true,
            AttributesToSkip = FileAttributes.ReparsePoint,
            IgnoreInaccessible = true,
        };
        foreach (var entry in new DirectoryInfo(folder).EnumerateFileSystemInfos("*", all))
        {
            var wanted = entry is DirectoryInfo ? FolderBits : FileBits;
            if ((entry.UnixFileMode & ~FolderBits) != 0)
                entry.UnixFileMode &= wanted;
        }
    }

    /// <summary>
    /// Opens a file for reading and writing, and creates it if it is missing; a new one is nobody else's from its first
    /// moment on.
    /// </summary>
    /// <exception cref="IOException">It cannot be opened; <see cref="Exception.HResult"/> is errno.</exception>
    public static SafeFileHandle OpenFile(string path, FileShare share) => Open(path, FileMode.OpenOrCreate, share);

    /// <summary>The same, but what is there is emptied.</summary>
    /// <exception cref="IOException">It cannot be opened.</exception>
    public static SafeFileHandle CreateFile(string path, FileShare share) => Open(path, FileMode.Create, share);

    /// <summary>Puts text into a file, in place of what is there.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static void WriteText(string path, string text)
    {
        using var file = CreateFile(path, FileShare.Read);
        RandomAccess.Write(file, Encoding.UTF8.GetBytes(text), 0);
    }

    /// <summary>
    /// Puts a file in the place of what is there, so that a reader finds the old one or the new one, whole, whatever
    /// happens.
    /// </summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static void Replace(string path, ReadOnlySpan<byte> content)
    {
        var folder = Path.GetDirectoryName(path)!;
        var next = Path.Combine(folder, $".{Path.GetFileName(path)}.{Path.GetRandomFileName()}");
        try
        {
            using (var file = Open(next, FileMode.CreateNew, FileShare.None))
            {
                RandomAccess.Write(file, content, 0);
                RandomAccess.FlushToDisk(file);
            }

            File.Move(next, path, overwrite: true);
        }
        catch
        {
            File.Delete(next);
            throw;
        }

        SyncFolder(folder);
    }

    /// <summary>
    /// For a program whose every file is its owner's only, and which starts no program of anybody else: also what
    /// libraries create is closed to others then.
    /// </summary>
    public static void BeginProcess()
    {
        const uint groupAndOthers = 0x3f;
        if (!OperatingSystem.IsWindows())
            _ = FileCalls.umask(groupAndOthers);
    }

    /// <summary>
    /// A new name survives a loss of power only when its folder was synced too, which .NET has no call for. NTFS
    /// journals its folders.
    /// </summary>
    private static void SyncFolder(string path)
    {
        if (OperatingSystem.IsWindows())
            return;

        var folder = FileCalls.open(path, FileCalls.OpenReadOnly, 0);
        var failure = folder < 0 || FileCalls.fsync(folder) != 0 ? FileCalls.Failure(path) : null;
        if (folder >= 0)
            _ = FileCalls.close(folder);

        if (failure is not null)
            throw failure;
    }

    private static SafeFileHandle Open(string path, FileMode mode, FileShare share)
    {
        // File.OpenHandle takes no permissions for new files, so a new one is created by FileStream first.
        if (!OperatingSystem.IsWindows() && (mode == FileMode.CreateNew || !File.Exists(path)))
        {
            using var made = new FileStream(path, new FileStreamOptions
            {
                Mode = mode == FileMode.CreateNew ? FileMode.CreateNew : FileMode.OpenOrCreate,
                Access = FileAccess.ReadWrite,
                Share = FileShare.ReadWrite | FileShare.Delete,
                UnixCreateMode = FileBits,
                BufferSize = 0,
            });
            if (mode == FileMode.CreateNew)
                mode = FileMode.Open;
        }

        return File.OpenHandle(path, mode, FileAccess.ReadWrite, share);
    }
}
