using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Artel.Protocol.Client;
using Artel.Testing;
using Task = System.Threading.Tasks.Task;

namespace Artel.Protocol.Tests.Client;

/// <summary>A token with several addresses, of which only one leads to the server.</summary>
public sealed class ServerSearchTests : IDisposable
{
    private readonly TlsServer _server = new();
    private readonly TlsServer _other = new();
    private readonly TcpListener _silent = new(IPAddress.Loopback, 0);
    private readonly ClosedPort _closed = new();

    public ServerSearchTests() => _silent.Start();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _server.Dispose();
        _other.Dispose();
        _silent.Dispose();
        _closed.Dispose();
    }

    [Fact]
    public async Task The_one_that_lives_is_found_among_dead_ones_of_every_kind()
    {
        var began = Stopwatch.GetTimestamp();

        using var found = await FindAsync(
            Silent, _closed.Host, Silent, "nowhere.invalid:7070", _other.Address, Silent, _server.Address);

        Assert.Equal(_server.Address, found.Address);
        Assert.InRange(Stopwatch.GetElapsedTime(began), TimeSpan.Zero, TimeSpan.FromSeconds(4.9));
    }

    [Fact]
    public async Task A_name_is_looked_up_and_each_of_its_addresses_tried()
    {
        // Nothing listens at ::1, to which the name resolves too.
        var name = string.Create(CultureInfo.InvariantCulture, $"localhost:{IPEndPoint.Parse(_server.Address).Port}");

        using var found = await FindAsync(name);

        Assert.Equal(name, found.Address);
        Assert.True(ServerSearch.HasChoice([name]));
        Assert.False(ServerSearch.HasChoice([_server.Address]));
    }

    [Fact]
    public async Task If_none_leads_to_the_server_each_says_why()
    {
        var failure = await Assert.ThrowsAsync<NoServerException>(
            () => FindAsync(_closed.Host, "nowhere.invalid:7070", _other.Address, Silent));

        Assert.Equal(
            [AddressFailureKind.Refused, AddressFailureKind.UnknownName, AddressFailureKind.OtherServer, AddressFailureKind.Silent],
            failure.Failures.Select(f => f.Kind));
        Assert.Contains($"{_closed.Host}: nothing listens there", failure.Message, StringComparison.Ordinal);
        Assert.Contains($"{Silent}: no answer in time", failure.Message, StringComparison.Ordinal);
        Assert.IsType<AuthenticationException>(failure.InnerException);
    }

    private string Silent => _silent.LocalEndpoint.ToString()!;

    private Task<FoundServer> FindAsync(params string[] addresses) =>
        ServerSearch.FindAsync(new ClusterAccess(addresses, _server.Pin, "s3cret"), TimeProvider.System, Cancellation);

    /// <summary>Shakes hands and says nothing more, on a loopback port of its own.</summary>
    private sealed class TlsServer : IDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly X509Certificate2 _certificate;

        public TlsServer()
        {
            using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            var from = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
            _certificate = new CertificateRequest("CN=artel", key, HashAlgorithmName.SHA256).CreateSelfSigned(
                from, from.AddYears(1));
            _listener.Start();
            _ = AcceptAsync();
        }

        public CertificatePin Pin => CertificatePin.Of(_certificate);

        public string Address => _listener.LocalEndpoint.ToString()!;

        public void Dispose()
        {
            _listener.Dispose();
            _certificate.Dispose();
        }

        private async Task AcceptAsync()
        {
            try
            {
                while (true)
                    _ = GreetAsync(await _listener.AcceptTcpClientAsync(Cancellation));
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
            {
                // The test is over.
            }
        }

        private async Task GreetAsync(TcpClient client)
        {
            using (client)
            await using (var tls = new SslStream(client.GetStream()))
            {
                try
                {
                    await tls.AuthenticateAsServerAsync(
                        new SslServerAuthenticationOptions { ServerCertificate = _certificate, ApplicationProtocols = [SslApplicationProtocol.Http2] }, Cancellation);
                    await tls.ReadExactlyAsync(new byte[1], Cancellation);
                }
                catch (Exception e) when (e is AuthenticationException or IOException or OperationCanceledException)
                {
                    // The client has left.
                }
            }
        }
    }
}
