using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace Artel.Server.Tests.Edge;

/// <summary>HTTP/1.1 by hand, for requests that no client would send.</summary>
internal sealed class RawHttp(Socket socket, System.IO.Stream stream) : IDisposable
{
    public static async Task<RawHttp> ConnectAsync(IPEndPoint address, bool tls, CancellationToken cancellation)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(address, cancellation);
        System.IO.Stream stream = new NetworkStream(socket, ownsSocket: true);
        if (tls)
        {
            var secured = new SslStream(stream, leaveInnerStreamOpen: false, (_, certificate, _, _) => certificate is not null);
            await secured.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "localhost" }, cancellation);
            stream = secured;
        }

        return new RawHttp(socket, stream);
    }

    /// <summary>Whether the server has closed it, as far as is known by now.</summary>
    public bool IsClosed
    {
        get
        {
            try
            {
                return socket.Poll(0, SelectMode.SelectRead) && socket.Available == 0;
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                return true;
            }
        }
    }

    public Task SendAsync(string text, CancellationToken cancellation) => SendAsync(Encoding.ASCII.GetBytes(text), cancellation);

    public async Task SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        await stream.WriteAsync(bytes, cancellation);
        await stream.FlushAsync(cancellation);
    }

    /// <summary>All that comes until the server closes the connection.</summary>
    public async Task<string> ReadToEndAsync(CancellationToken cancellation)
    {
        var text = new StringBuilder();
        var bytes = new byte[16 * 1024];
        try
        {
            for (int read; (read = await stream.ReadAsync(bytes, cancellation)) > 0;)
            {
                text.Append(Encoding.UTF8.GetString(bytes, 0, read));
            }
        }
        catch (IOException)
        {
            // A connection that is reset has ended as well.
            return text.ToString();
        }

        return text.ToString();
    }

    public void Dispose() => stream.Dispose();
}
