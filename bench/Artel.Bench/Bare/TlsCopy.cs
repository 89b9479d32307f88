using System.Diagnostics;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Artel.Bench.Bare;

/// <summary>
/// What the machine itself can do: bytes of memory through TLS 1.3 over loopback into a file, which is on disk at the end; nothing else.
/// One thread sends and one receives.
/// </summary>
internal sealed class TlsCopy : IDisposable
{
    private const int BufferBytes = 64 * 1024;
    private readonly X509Certificate2 _certificate = MakeCertificate();

    /// <summary>Copies so many bytes into a new file, which is removed again.</summary>
    /// <returns>From the first byte until the sender knows that all are on disk; the handshake is left out.</returns>
    public TimeSpan Run(string file, long bytes)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        Exception? failed = null;
        var receiver = new Thread(() =>
        {
            try
            {
                Receive(listener, file, bytes);
            }
            catch (Exception e) when (e is IOException or AuthenticationException)
            {
                failed = e;
            }
        });
        receiver.Start();
        var took = Send((IPEndPoint)listener.LocalEndpoint, bytes);
        receiver.Join();
        File.Delete(file);
        return failed is null ? took : throw new IOException("the receiver of a plain copy failed", failed);
    }

    public void Dispose() => _certificate.Dispose();

    private TimeSpan Send(IPEndPoint to, long bytes)
    {
        using var client = new TcpClient { NoDelay = true };
        client.Connect(to);
        using var stream = new SslStream(client.GetStream());
        stream.AuthenticateAsClient(new SslClientAuthenticationOptions
        {
            TargetHost = "localhost",
            EnabledSslProtocols = SslProtocols.Tls13,
            RemoteCertificateValidationCallback = (_, certificate, _, _) => _certificate.Equals(certificate),
        });
        var buffer = new byte[BufferBytes];
        var watch = Stopwatch.StartNew();
        for (var left = bytes; left > 0; left -= BufferBytes)
        {
            stream.Write(buffer, 0, (int)Math.Min(left, BufferBytes));
        }

        return stream.ReadByte() == 1 ? watch.Elapsed : throw new IOException("a plain copy ended early");
    }

    private void Receive(TcpListener listener, string file, long bytes)
    {
        using var client = listener.AcceptTcpClient();
        using var stream = new SslStream(client.GetStream());
        stream.AuthenticateAsServer(new SslServerAuthenticationOptions { ServerCertificate = _certificate, EnabledSslProtocols = SslProtocols.Tls13 });
        using var target = new FileStream(file, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        var buffer = new byte[BufferBytes];
        for (var left = bytes; left > 0;)
        {
            var read = stream.Read(buffer);
            if (read == 0)
            {
                return;
            }

            target.Write(buffer, 0, read);
            left -= read;
        }

        target.Flush(flushToDisk: true);
        stream.WriteByte(1);
    }

    private static X509Certificate2 MakeCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var now = TimeProvider.System.GetUtcNow();
        return new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256).CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
    }
}
