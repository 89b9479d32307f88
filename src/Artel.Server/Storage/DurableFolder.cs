using System.Runtime.InteropServices;
using System.Text;

namespace Artel.Server.Storage;

/// <summary>
/// Makes the entries of a folder durable. A new file survives power loss only when its folder was synced too, which .NET has no
/// call for. Windows needs none: NTFS journals its folders.
/// </summary>
internal static class DurableFolder
{
    // errno ENOENT.
    private const int NoSuchFolder = 2;

    /// <summary>Syncs a folder. One that is gone by now has nothing left to lose.</summary>
    /// <exception cref="IOException">The system refused; <see cref="Exception.HResult"/> is errno.</exception>
    public static void Sync(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        var descriptor = Native.Open(Encoding.UTF8.GetBytes(path + "\0"), 0);
        if (descriptor < 0)
        {
            var failure = Failure(path);
            if (failure.HResult == NoSuchFolder)
            {
                return;
            }

            throw failure;
        }

        var synced = Native.Sync(descriptor) == 0 ? null : Failure(path);
        if (Native.Close(descriptor) != 0)
        {
            synced ??= Failure(path);
        }

        if (synced is not null)
        {
            throw synced;
        }
    }

    private static IOException Failure(string path)
    {
        var error = Marshal.GetLastPInvokeError();
        return new IOException($"{path}: {Marshal.GetPInvokeErrorMessage(error)}", error);
    }

    private static class Native
    {
        // 0 is O_RDONLY everywhere, and all that fsync of a folder needs.
        [DllImport("libc", EntryPoint = "open", SetLastError = true)]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        public static extern int Open(byte[] path, int flags);

        [DllImport("libc", EntryPoint = "fsync", SetLastError = true)]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        public static extern int Sync(int descriptor);

        [DllImport("libc", EntryPoint = "close", SetLastError = true)]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        public static extern int Close(int descriptor);
    }
}
