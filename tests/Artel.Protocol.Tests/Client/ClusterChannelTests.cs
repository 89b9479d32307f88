using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Artel.Protocol.Client;
using Artel.Protocol.V1;
using Grpc.Core;
using Grpc.Net.Client;
using Task = System.Threading.Tasks.Task;

namespace Artel.Protocol.Tests.Client;

public sealed class ClusterChannelTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_call_says_who_calls_and_what_it_speaks()
    {
        using var recorder = new RecordingHandler();
        using var channel = GrpcChannel.ForAddress("http://127.0.0.1", new GrpcChannelOptions { HttpHandler = recorder });
        var cluster = new Cluster.ClusterClient(channel.Authenticated("s3cret"));

        await Assert.ThrowsAsync<RpcException>(() => cluster.GetStatusAsync(new GetStatusRequest(), cancellationToken: Cancellation).ResponseAsync);
        using var stream = cluster.WatchJob(new GetJobRequest(), cancellationToken: Cancellation);
        await Assert.ThrowsAsync<RpcException>(() => stream.ResponseStream.MoveNext(Cancellation));

        Assert.Equal(2, recorder.Requests.Count);
        Assert.All(recorder.Requests, request =>
        {
            Assert.Equal(["Bearer s3cret"], request.Headers.GetValues("authorization"));
            Assert.Equal(["1.0"], request.Headers.GetValues("artel-protocol"));
        });
    }

    [Fact]
    public async Task The_same_headers_may_go_with_the_next_try()
    {
        using var recorder = new RecordingHandler();
        using var channel = GrpcChannel.ForAddress("http://127.0.0.1", new GrpcChannelOptions { HttpHandler = recorder });
        var cluster = new Cluster.ClusterClient(channel.Authenticated("s3cret"));
        var headers = new Metadata { { "traceparent", "00-1-1-01" } };

        for (var i = 0; i < 2; i++)
            await Assert.ThrowsAsync<RpcException>(() => cluster.SubmitAsync(new SubmitRequest(), headers, cancellationToken: Cancellation).ResponseAsync);

        Assert.Single(headers);
        Assert.All(recorder.Requests, request => Assert.All(["authorization", "artel-protocol", "traceparent"], name => Assert.Single(request.Headers.GetValues(name))));
    }

    [Fact]
    public async Task A_server_with_the_pinned_key_is_spoken_to()
    {
        using var server = new TlsListener(SslProtocols.Tls13);

        Assert.True(await server.IsTrustedBy(server.Pin, Cancellation));
    }

    [Fact]
    public async Task A_server_with_another_key_is_refused_before_anything_is_said()
    {
        using var server = new TlsListener(SslProtocols.Tls13);

        Assert.False(await server.IsTrustedBy(new CertificatePin(new byte[32]), Cancellation));
    }

    [Fact]
    public async Task A_server_of_an_older_TLS_is_refused()
    {
        using var server = new TlsListener(SslProtocols.Tls12);

        Assert.False(await server.IsTrustedBy(server.Pin, Cancellation));
    }

    private sealed class RecordingHandler : HttpMessageHandler
    {
        public List<HttpRequestMessage> Requests { get; } = [];

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Requests.Add(request);
            return Task.FromResult(new HttpResponseMessage(HttpStatusCode.ServiceUnavailable));
        }
    }

    /// <summary>Speaks TLS and nothing more, on a loopback port of its own.</summary>
    private sealed class TlsListener : IDisposable
    {
        private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly X509Certificate2 _certificate;
        private readonly SslProtocols _protocols;

        public TlsListener(SslProtocols protocols)
        {
            _protocols = protocols;
            using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            var request = new CertificateRequest("CN=artel", key, HashAlgorithmName.SHA256);
            // Out of date and of another name: only the pin counts.
            _certificate = request.CreateSelfSigned(Start.AddYears(-10), Start.AddYears(-9));
            _listener.Start();
        }

        public CertificatePin Pin => CertificatePin.Of(_certificate);

        /// <summary>Whether a call gets as far as sending bytes through an open TLS connection.</summary>
        public async Task<bool> IsTrustedBy(CertificatePin pin, CancellationToken cancellation)
        {
            var access = new ClusterAccess([_listener.LocalEndpoint.ToString()!], pin, "s3cret");
            using var channel = ClusterChannel.Open(access, access.Addresses[0]);
            var cluster = new Cluster.ClusterClient(channel.Authenticated(access.Secret));
            var call = cluster.GetStatusAsync(new GetStatusRequest(), deadline: null, cancellationToken: cancellation).ResponseAsync;

            var isSpokenTo = await AcceptOne(cancellation);

            var error = await Assert.ThrowsAsync<RpcException>(() => call);
            Assert.DoesNotContain("s3cret", error.ToString(), StringComparison.Ordinal);
            return isSpokenTo;
        }

        public void Dispose()
        {
            _listener.Dispose();
            _certificate.Dispose();
        }

        private async Task<bool> AcceptOne(CancellationToken cancellation)
        {
            using var client = await _listener.AcceptTcpClientAsync(cancellation);
            using var tls = new SslStream(client.GetStream());
            var options = new SslServerAuthenticationOptions
            {
                ServerCertificate = _certificate,
                EnabledSslProtocols = _protocols,
                ApplicationProtocols = [SslApplicationProtocol.Http2],
            };
            try
            {
                await tls.AuthenticateAsServerAsync(options, cancellation);

                // In TLS 1.3 the server has shaken hands before the client has judged its certificate.
                return await tls.ReadAsync(new byte[1], cancellation) > 0;
            }
            catch (Exception e) when (e is AuthenticationException or IOException)
            {
                return false;
            }
        }
    }
}
