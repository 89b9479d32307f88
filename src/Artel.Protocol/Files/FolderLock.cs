using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Artel.Protocol.Files;

/// <summary>
/// The right of one process to work in a folder: flock(2) on its file <c>lock</c>. The file <c>pid</c> has the id of
/// the process. The lock goes with the process, however that ends, so a file left behind locks nobody out. It is not
/// .NET's own locking, which a variable of the environment turns off.
/// </summary>
public sealed class FolderLock : IDisposable
{
    /// <summary>The name of the file.</summary>
    public const string FileName = "lock";

    // Not in the locked file itself, which .NET would not open to read it.
    private const string PidFile = "pid";

    private const int NotPermitted = 1;
    private const int AccessDenied = 13;
    private const int LinuxWouldBlock = 11;
    private const int MacWouldBlock = 35;
    private const int WindowsSharingViolation = unchecked((int)0x80070020);

    private readonly SafeFileHandle _file;
    private SafeFileHandle? _folder;

    private FolderLock(SafeFileHandle file) => _file = file;

    /// <summary>
    /// Takes the folder, which must exist. Null if another process, or another part of this one, has it.
    /// </summary>
    /// <param name="folder">Path.</param>
    /// <param name="holder">Who has it; null if that is not known.</param>
    /// <exception cref="IOException">The file cannot be opened or locked for another reason.</exception>
    /// <exception cref="UnauthorizedAccessException">The same.</exception>
    public static FolderLock? TryTake(string folder, out int? holder)
    {
        holder = null;
        var path = Path.Combine(folder, FileName);
        if (OperatingSystem.IsWindows())
            return TakeByShare(path);

        var file = Open(path);
        if (FileCalls.flock((int)file.DangerousGetHandle(), FileCalls.LockExclusive | FileCalls.LockNonBlocking) != 0)
        {
            var error = Marshal.GetLastPInvokeError();
            holder = Holder(folder);
            file.Dispose();
            return error is LinuxWouldBlock or MacWouldBlock
                ? null
                : throw new IOException($"{path} cannot be locked: {Marshal.GetPInvokeErrorMessage(error)}", error);
        }

        try
        {
            OwnerOnly.WriteText(Path.Combine(folder, PidFile), Environment.ProcessId.ToString(CultureInfo.InvariantCulture) + "\n");
        }
        catch (IOException)
        {
            // A full disk: the lock holds nevertheless, and only a message has less to tell.
        }

        return new FolderLock(file);
    }

    /// <summary>
    /// Keeps systemd-tmpfiles(8), which skips folders that are locked themselves, from removing old files in the folder
    /// until this is disposed.
    /// </summary>
    public void KeepFromCleaners(string folder)
    {
        if (!OperatingSystem.IsLinux())
            return;

        var flags = FileCalls.OpenReadOnly | FileCalls.OpenFolder | FileCalls.OpenCloseOnExec;
        var descriptor = FileCalls.open(folder, flags, 0);
        if (descriptor < 0)
            return;

        _folder = new SafeFileHandle(descriptor, ownsHandle: true);
        _ = FileCalls.flock(descriptor, FileCalls.LockExclusive | FileCalls.LockNonBlocking);
    }

    /// <summary>Gives the folder up.</summary>
    /// <remarks>
    /// Closing the file is not enough: a process that is just being started has a copy of all descriptors until its
    /// exec, and the lock lasts as long as any copy (flock(2)).
    /// </remarks>
    public void Dispose()
    {
        Release(_folder);
        Release(_file);
    }

    private static void Release(SafeFileHandle? file)
    {
        if (file is { IsClosed: false } && !OperatingSystem.IsWindows())
            _ = FileCalls.flock((int)file.DangerousGetHandle(), FileCalls.Unlock);

        file?.Dispose();
    }

    private static FolderLock? TakeByShare(string path)
    {
        try
        {
            return new FolderLock(OwnerOnly.OpenFile(path, FileShare.None));
        }
        catch (IOException e) when (e.HResult == WindowsSharingViolation)
        {
            return null;
        }
    }

    /// <summary>Not by .NET, which would take a lock of its own on it.</summary>
    private static SafeFileHandle Open(string path)
    {
        if (!OperatingSystem.IsLinux() && !File.Exists(path))
            OwnerOnly.OpenFile(path, FileShare.ReadWrite).Dispose();

        var flags = FileCalls.OpenReadWrite
            | (OperatingSystem.IsLinux() ? FileCalls.OpenCreate | FileCalls.OpenCloseOnExec : FileCalls.MacCloseOnExec);
        var descriptor = FileCalls.open(path, flags, (uint)OwnerOnly.FileBits);
        if (descriptor >= 0)
            return new SafeFileHandle(descriptor, ownsHandle: true);

        var failure = FileCalls.Failure(path);
        throw failure.HResult is NotPermitted or AccessDenied
            ? new UnauthorizedAccessException(failure.Message, failure)
            : failure;
    }

    private static int? Holder(string folder)
    {
        try
        {
            var text = File.ReadAllText(Path.Combine(folder, PidFile)).Trim();
            return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
