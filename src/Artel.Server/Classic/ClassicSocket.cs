using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Artel.Server.Hosting;

namespace Artel.Server.Classic;

/// <summary>
/// The Unix socket of classic nodes. Only the server's own account can open it (0600), and it lies in a folder in which nobody else can replace it. What an
/// earlier server left there is removed if it is this account's socket and nobody listens on it.
/// </summary>
[UnsupportedOSPlatform("windows")]
internal static class ClassicSocket
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode OthersWrite = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;

    /// <summary>Listens. Whoever disposes the socket removes its file.</summary>
    /// <exception cref="ServerStartException">It cannot be made there.</exception>
    public static Socket Listen(string path)
    {
        CheckFolder(path);
        var endpoint = new UnixDomainSocketEndPoint(path);
        RemoveStale(path, endpoint);
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            // Before there is a file: nobody can open it in between.
            _ = Native.ChangeMode((int)socket.Handle, (uint)OwnerOnly);
            socket.Bind(endpoint);
            File.SetUnixFileMode(path, OwnerOnly);
            socket.Listen();
            return socket;
        }
        catch (Exception e) when (e is SocketException or IOException or UnauthorizedAccessException)
        {
            socket.Dispose();
            throw Failed(path, e.Message);
        }
    }

    /// <summary>Who may write in a folder can put another socket in the place of this one. In one like /tmp (sticky) they cannot.</summary>
    private static void CheckFolder(string path)
    {
        var folder = Path.GetDirectoryName(path)!;
        try
        {
            var mode = File.GetUnixFileMode(folder);
            if ((mode & OthersWrite) != 0 && (mode & UnixFileMode.StickyBit) == 0)
            {
                throw Failed(path, $"other accounts can write in {folder} ('chmod go-w {folder}', or choose another folder)");
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Failed(path, e.Message);
        }
    }

    private static void RemoveStale(string path, UnixDomainSocketEndPoint endpoint)
    {
        if (Native.KindAndOwner(path) is not { } file)
        {
            return;
        }

        if (!file.IsSocket)
        {
            throw Failed(path, "there is another file with this name");
        }

        if (file.Owner != Native.EffectiveUser())
        {
            throw Failed(path, "there is a socket of another account");
        }

        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            probe.Connect(endpoint);
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionRefused)
        {
            File.Delete(path);
            return;
        }
        catch (SocketException e)
        {
            throw Failed(path, e.Message);
        }

        throw Failed(path, "another program listens there: stop that one, or choose another path");
    }

    private static ServerStartException Failed(string path, string why) => new($"--classic unix:{path}: {why}");

    private static class Native
    {
        private const int Here = -100;
        private const int NoFollow = 0x100;
        private const uint TypeAndOwner = 0x1 | 0x8;
        private const int TypeMask = 0xF000;
        private const int SocketType = 0xC000;

        [DllImport("libc", EntryPoint = "fchmod", SetLastError = true)]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        public static extern int ChangeMode(int descriptor, uint mode);

        [DllImport("libc", EntryPoint = "geteuid")]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        public static extern uint EffectiveUser();

        /// <summary>statx(2), without following links. Null if there is nothing.</summary>
        public static (bool IsSocket, uint Owner)? KindAndOwner(string path)
        {
            var result = new byte[256];
            return Statx(Here, System.Text.Encoding.UTF8.GetBytes(path + "\0"), NoFollow, TypeAndOwner, result) == 0
                ? ((BitConverter.ToUInt16(result, 28) & TypeMask) == SocketType, BitConverter.ToUInt32(result, 20))
                : null;
        }

        [DllImport("libc", EntryPoint = "statx", SetLastError = true)]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        private static extern int Statx(int folder, byte[] path, int flags, uint mask, byte[] result);
    }
}
