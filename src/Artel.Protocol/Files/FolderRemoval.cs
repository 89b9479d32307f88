using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Artel.Protocol.Files;

/// <summary>
/// Removes a folder with all that is in it, while somebody else may be changing it. On Linux it goes by descriptors and
/// follows no link; it acts with the rights of the folder's owner, so that whatever is moved or linked into the folder
/// meanwhile loses nothing that its owner could not have removed.
/// </summary>
/// <remarks>
/// Not by recursion: a folder that is not empty is moved to the top and emptied there, so depth costs neither stack nor
/// descriptors. Folders without write permission, such as Go's module cache, are opened up before.
/// </remarks>
public static class FolderRemoval
{
    private const int NotEmpty = 39;
    private const int NoSuchFile = 2;
    private const int IsAFolder = 21;
    private const int NotPermitted = 1;
    private const int AccessDenied = 13;
    private const uint OwnersAll = 0x1c0;

    // Somebody who goes on creating files cannot keep the removal going.
    private const int MostRounds = 1000;

    /// <summary>Opens a folder by name only, whatever its permissions are, and no link to one.</summary>
    private static int NameOnly =>
        FileCalls.OpenPathOnly | FileCalls.OpenFolder | FileCalls.OpenNoFollow | FileCalls.OpenCloseOnExec;

    /// <summary>Removes the folder at a path. Nothing there is fine.</summary>
    /// <returns>Null, or why something is left, for people.</returns>
    public static string? Remove(string path)
    {
        if (!OperatingSystem.IsLinux() || RuntimeInformation.ProcessArchitecture is not (Architecture.X64 or Architecture.Arm64))
            return RemovePortably(path);

        path = Path.GetFullPath(path).TrimEnd('/');
        const int flags = FileCalls.OpenReadOnly | FileCalls.OpenCloseOnExec;
        var parent = FileCalls.open(Path.GetDirectoryName(path)!, flags | FileCalls.OpenFolder, 0);
        if (parent < 0)
            return Marshal.GetLastPInvokeError() == NoSuchFile ? null : FileCalls.Failure(path).Message;

        try
        {
            return RemoveIn(parent, Path.GetFileName(path), path);
        }
        finally
        {
            _ = FileCalls.close(parent);
        }
    }

    private static string? RemovePortably(string path)
    {
        try
        {
            if (Directory.Exists(path))
                Directory.Delete(path, recursive: true);

            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return e.Message;
        }
    }

    [SupportedOSPlatform("linux")]
    private static unsafe string? RemoveIn(int parent, string name, string path)
    {
        var top = FileCalls.openat(parent, name, NameOnly, 0);
        if (top < 0)
            return Marshal.GetLastPInvokeError() == NoSuchFile ? null : FileCalls.Failure(path).Message;

        string? left;
        try
        {
            if (FileStatus.Of(top) is not { } status)
                return FileCalls.Failure(path).Message;

            if (status.Uid != FileStatus.OwnUid && FileStatus.OwnUid != 0)
                return $"{path} belongs to another user";

            left = AsOwner(status, () => Empty(top, status.Device));
        }
        finally
        {
            _ = FileCalls.close(top);
        }

        return FileCalls.unlinkat(parent, name, FileCalls.RemoveFolder) == 0 || Marshal.GetLastPInvokeError() == NoSuchFile
            ? null
            : left ?? FileCalls.Failure(path).Message;
    }

    /// <summary>
    /// A thread of its own: what it may do with files is then its alone, and ends with it. Its real user id stays:
    /// nobody else may signal it.
    /// </summary>
    [SupportedOSPlatform("linux")]
    private static string? AsOwner(FileStatus owner, Func<string?> work)
    {
        if (owner.Uid == FileStatus.OwnUid)
            return work();

        string? result = null;
        var thread = new Thread(() =>
        {
            _ = FileCalls.setfsgid(owner.Gid);
            _ = FileCalls.setfsuid(owner.Uid);

            // The call answers with the earlier one: asked for an impossible one it changes nothing and tells which
            // holds.
            result = (uint)FileCalls.setfsuid(uint.MaxValue) == owner.Uid ? work() : "the rights of its owner cannot be taken";
        })
        { Name = "artel-removal", IsBackground = true };
        thread.Start();
        thread.Join();
        return result;
    }

    /// <summary>Empties the folder that is open as <paramref name="top"/>, as far as possible.</summary>
    [SupportedOSPlatform("linux")]
    private static unsafe string? Empty(int top, ulong device)
    {
        var moved = 0;
        string? left = null;
        for (var round = 0; round < MostRounds; round++)
        {
            left = null;
            var folder = Reopen(top);
            if (folder < 0)
                return FileCalls.LastError;

            var todo = new Queue<string>();
            var removed = EmptyOnce(folder, top, device, ref moved, todo, ref left);
            while (todo.TryDequeue(out var name))
            {
                var next = OpenIn(top, name);
                if (next < 0)
                {
                    if (Marshal.GetLastPInvokeError() != NoSuchFile)
                        left = FileCalls.LastError;

                    continue;
                }

                removed += EmptyOnce(next, top, device, ref moved, todo, ref left);
                if (FileCalls.unlinkat(top, name, FileCalls.RemoveFolder) == 0)
                    removed++;
                else if (Marshal.GetLastPInvokeError() != NoSuchFile)
                    left ??= FileCalls.LastError;
            }

            if (removed == 0)
                return left;
        }

        return left ?? "it is being filled while it is removed";
    }

    /// <summary>
    /// Removes the entries of a folder, whose descriptor it closes. Folders that are not empty are moved to the top, or
    /// are to do there already.
    /// </summary>
    /// <returns>How many entries are gone from it.</returns>
    [SupportedOSPlatform("linux")]
    private static unsafe int EmptyOnce(int folder, int top, ulong device, ref int moved, Queue<string> todo, ref string? left)
    {
        const int nameOffset = 19;
        var removed = 0;
        if (FileStatus.Of(folder) is not { } status || status.Device != device)
        {
            left = "another file system is mounted in it";
            _ = FileCalls.close(folder);
            return 0;
        }

        _ = FileCalls.fchmod(folder, OwnersAll);
        var stream = FileCalls.fdopendir(folder);
        if (stream == 0)
        {
            left = FileCalls.LastError;
            _ = FileCalls.close(folder);
            return 0;
        }

        for (byte* entry; (entry = FileCalls.readdir(stream)) is not null;)
        {
            var name = entry + nameOffset;
            if (name[0] == '.' && (name[1] == 0 || (name[1] == '.' && name[2] == 0)))
                continue;

            if (FileCalls.unlinkat(folder, name, 0) == 0)
            {
                removed++;
                continue;
            }

            var error = Marshal.GetLastPInvokeError();
            if (error == NoSuchFile)
                continue;

            if (error is not (IsAFolder or NotPermitted))
            {
                left = FileCalls.LastError;
                continue;
            }

            if (FileCalls.unlinkat(folder, name, FileCalls.RemoveFolder) == 0)
            {
                removed++;
                continue;
            }

            if (Marshal.GetLastPInvokeError() != NotEmpty)
            {
                left = FileCalls.LastError;
                continue;
            }

            var newName = $".artel-removed-{moved++}";
            if (Move(folder, name, top, newName))
            {
                todo.Enqueue(newName);
                removed++;
            }
            else
            {
                left = FileCalls.LastError;
            }
        }

        _ = FileCalls.closedir(stream);
        return removed;
    }

    /// <summary>
    /// A folder that its owner may not write to cannot be moved: the entry .. is in it. It is opened up first.
    /// </summary>
    [SupportedOSPlatform("linux")]
    private static unsafe bool Move(int folder, byte* name, int top, string newName)
    {
        if (FileCalls.renameat(folder, name, top, newName) == 0)
            return true;

        if (Marshal.GetLastPInvokeError() is not (AccessDenied or NotPermitted))
            return false;

        var found = FileCalls.openat(folder, name, NameOnly, 0);
        if (found < 0)
            return false;

        OpenUp(found);
        _ = FileCalls.close(found);
        return FileCalls.renameat(folder, name, top, newName) == 0;
    }

    [SupportedOSPlatform("linux")]
    private static int OpenIn(int top, string name)
    {
        var found = FileCalls.openat(top, name, NameOnly, 0);
        if (found < 0)
            return found;

        var folder = Reopen(found);
        var error = Marshal.GetLastPInvokeError();
        _ = FileCalls.close(found);
        Marshal.SetLastPInvokeError(error);
        return folder;
    }

    /// <summary>Opens a folder for reading that is open by name only, whatever its permissions are.</summary>
    [SupportedOSPlatform("linux")]
    private static int Reopen(int folder)
    {
        const int flags = FileCalls.OpenReadOnly | FileCalls.OpenCloseOnExec;
        var opened = FileCalls.openat(folder, ".", flags | FileCalls.OpenFolder, 0);
        if (opened >= 0 || Marshal.GetLastPInvokeError() != AccessDenied)
            return opened;

        OpenUp(folder);
        return FileCalls.openat(folder, ".", flags | FileCalls.OpenFolder, 0);
    }

    /// <summary>
    /// By its entry in /proc, since chmod takes no descriptor that is open by name only. It means the folder and no
    /// link.
    /// </summary>
    [SupportedOSPlatform("linux")]
    private static void OpenUp(int folder) => _ = FileCalls.chmod($"/proc/self/fd/{folder}", OwnersAll);
}
