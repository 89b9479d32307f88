namespace Artel.Server.Hosting;

/// <summary>Where nodes of the classic protocol connect: a TCP address, or a Unix socket that only one account of the machine can open.</summary>
/// <param name="Tcp">Null: it is a socket.</param>
/// <param name="Socket">Absolute path. Null: it is a TCP address.</param>
internal sealed record ClassicAddress(ListenAddress? Tcp, string? Socket)
{
    private const string SocketPrefix = "unix:";

    /// <summary>sun_path of Linux has 108 bytes with its end, that of macOS 104.</summary>
    private const int MostPathBytes = 103;

    /// <summary>Whether other machines may reach it.</summary>
    public bool IsOpen => Tcp is { IsLoopback: false };

    public override string ToString() => Tcp is not null ? Tcp.ToString() : SocketPrefix + Socket;

    /// <summary>Null, with what would be right, if the text is no such address.</summary>
    public static ClassicAddress? Parse(string text, out string error)
    {
        if (!text.StartsWith(SocketPrefix, StringComparison.Ordinal))
        {
            return ListenAddress.Parse(text, out error) is { } tcp ? new ClassicAddress(tcp, null) : null;
        }

        var path = text[SocketPrefix.Length..];
        error = OperatingSystem.IsWindows() ? $"--classic {text}: Windows has no sockets with an owner: give HOST:PORT"
            : !Path.IsPathRooted(path) || path.EndsWith('/') ? $"--classic {text}: give the whole path of the socket, such as unix:/run/artel/classic.sock"
            : System.Text.Encoding.UTF8.GetByteCount(path) > MostPathBytes ? $"--classic {text}: the path of a socket has at most {MostPathBytes} bytes"
            : "";
        return error.Length == 0 ? new ClassicAddress(null, path) : null;
    }
}
