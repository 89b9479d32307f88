using Microsoft.Win32.SafeHandles;

namespace Artel.Server.Storage;

/// <summary>Makes files and folders that only the user of this process may open (0600 and 0700; on Windows, what the parent folder grants).</summary>
internal static class OwnerOnly
{
    public const UnixFileMode FileBits = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private const UnixFileMode FolderBits = FileBits | UnixFileMode.UserExecute;

    /// <summary>Makes a folder where it is missing. One that is there keeps its mode: it may be its owner's for other things too.</summary>
    public static void CreateFolder(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
        }
        else
        {
            Directory.CreateDirectory(path, FolderBits);
        }
    }

    /// <summary>Opens a file for reading and writing and makes it where it is missing; a new one is nobody else's from its first moment on.</summary>
    public static SafeFileHandle OpenFile(string path, FileShare share)
    {
        // File.OpenHandle takes no mode for new files, so a new one is made by FileStream first.
        if (!OperatingSystem.IsWindows() && !File.Exists(path))
        {
            using var made = new FileStream(path, new FileStreamOptions
            {
                Mode = FileMode.OpenOrCreate,
                Access = FileAccess.ReadWrite,
                Share = FileShare.ReadWrite | FileShare.Delete,
                UnixCreateMode = FileBits,
                BufferSize = 0,
            });
        }

        return File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, share);
    }

    /// <summary>Puts a file in the place of what is there, so that a reader finds the old one or the new one, whole, whatever happens.</summary>
    public static void Replace(string path, ReadOnlySpan<byte> content)
    {
        var folder = Path.GetDirectoryName(path)!;
        var next = Path.Combine(folder, $".{Path.GetFileName(path)}.{Path.GetRandomFileName()}");
        try
        {
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, BufferSize = 0 };
            if (!OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = FileBits;
            }

            using (var file = new FileStream(next, options))
            {
                file.Write(content);
                file.Flush(flushToDisk: true);
            }

            File.Move(next, path, overwrite: true);
        }
        catch
        {
            File.Delete(next);
            throw;
        }

        DurableFolder.Sync(folder);
    }
}
