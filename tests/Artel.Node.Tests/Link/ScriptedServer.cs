using System.Collections.Concurrent;
using System.Net;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Artel.Protocol;
using Artel.Protocol.Client;
using Artel.Protocol.V1;
using Artel.Testing;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Artel.Node.Tests.Link;

/// <summary>
/// The server's side of NodeLink over a real TLS connection, in the hands of a test: it keeps what nodes say and says what it is told to.
/// </summary>
internal sealed class ScriptedServer : IAsyncDisposable
{
    private readonly X509Certificate2 _certificate;
    private WebApplication? _app;
    private int _port;

    public ScriptedServer()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=artel-test", key, HashAlgorithmName.SHA256);
        _certificate = request.CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(200));
    }

    public ClusterAccess Access => new([$"127.0.0.1:{_port}"], CertificatePin.Of(_certificate), "node-secret");

    /// <summary>Every link that was made, in order.</summary>
    public ConcurrentQueue<ScriptedLink> Links { get; } = new();

    /// <summary>What it answers a Hello with.</summary>
    public Welcome Welcome { get; set; } = new()
    {
        ClusterId = "test",
        Epoch = 1,
        HeartbeatPeriod = Google.Protobuf.WellKnownTypes.Duration.FromTimeSpan(TimeSpan.FromMilliseconds(100)),
        InlineOutput = 64 * 1024,
    };

    /// <summary>Refuses every call with this where it is set.</summary>
    public Status? Refusal { get; set; }

    /// <summary>How many connections to break, each before it has read what its node says.</summary>
    public int Breaks;

    /// <summary>Leaves instead of a Welcome where it is set.</summary>
    public Leave? Leave { get; set; }

    public string? SeenAuthorization { get; set; }

    /// <summary>Output that was delivered, by lease and stream.</summary>
    public ConcurrentDictionary<(LeaseId Lease, Artel.Protocol.V1.Stream Stream), List<byte>> Delivered { get; } = new();

    public int Deliveries;

    /// <summary>Those that the node has not brought to an end.</summary>
    public int BrokenDeliveries;

    /// <summary>Awaited before each piece of a delivery is taken.</summary>
    public Func<Task> BeforePiece { get; set; } = () => Task.CompletedTask;

    /// <summary>Refuses deliveries with it where it is set.</summary>
    public int? DeliveryRefusal { get; set; }

    public ConcurrentDictionary<ulong, ConcurrentQueue<TailChunk>> Tails { get; } = new();

    public async Task<ScriptedServer> Start()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddGrpc(o => o.MaxReceiveMessageSize = ClusterChannel.MaxMessageBytes);
        builder.Services.AddSingleton(this);
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Listen(IPAddress.Loopback, _port, listen =>
            {
                listen.Protocols = HttpProtocols.Http1AndHttp2;
                listen.UseHttps(_certificate, https => https.SslProtocols = SslProtocols.Tls13);
            });
        });
        _app = builder.Build();
        _app.MapGrpcService<Service>();
        _app.MapPost(OutputUpload.Route, TakeOutput);
        await _app.StartAsync();
        _port = new Uri(_app.Urls.Single()).Port;
        return this;
    }

    /// <summary>Gone, as if its machine were switched off; <see cref="Start"/> brings it back at the same port.</summary>
    public async Task Stop()
    {
        foreach (var link in Links)
            link.Break();

        if (_app is not null)
        {
            using var now = new CancellationTokenSource();
            await now.CancelAsync();
            try
            {
                await _app.StopAsync(now.Token);
            }
            catch (OperationCanceledException)
            {
                // It was told to wait for nothing, and something was still open.
            }

            await _app.DisposeAsync();
        }

        _app = null;
    }

    /// <summary>The link with this number, from 1, once it is there and welcome.</summary>
    public async Task<ScriptedLink> Link(int number = 1)
    {
        await Eventually.Holds(() => Links.Count >= number && Links.ElementAt(number - 1).IsWelcome, $"link {number} is made", () => $"{Links.Count} links");
        return Links.ElementAt(number - 1);
    }

    public async ValueTask DisposeAsync()
    {
        await Stop();
        foreach (var link in Links)
            link.Dispose();

        _certificate.Dispose();
    }

    private async Task TakeOutput(HttpContext context, long epoch, long sequence)
    {
        SeenAuthorization = context.Request.Headers.Authorization;
        Interlocked.Increment(ref Deliveries);
        if (DeliveryRefusal is { } status)
        {
            context.Response.StatusCode = status;
            await context.Response.WriteAsync("not now\n");
            return;
        }

        try
        {
            await ReadPieces(context.Request.Body, new LeaseId(epoch, sequence), context.RequestAborted);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            Interlocked.Increment(ref BrokenDeliveries);
            throw;
        }

        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private async Task ReadPieces(System.IO.Stream body, LeaseId lease, CancellationToken ct)
    {
        var header = new byte[OutputUpload.HeaderBytes];
        while (await body.ReadAtLeastAsync(header, header.Length, throwOnEndOfStream: false, ct) > 0)
        {
            await BeforePiece();
            Assert.True(OutputUpload.TryReadHeader(header, out var stream, out var length));
            var piece = new byte[length];
            await body.ReadExactlyAsync(piece, ct);
            Delivered.GetOrAdd((lease, stream), _ => []).AddRange(piece);
        }
    }

    private sealed class Service(ScriptedServer server) : NodeLink.NodeLinkBase
    {
        public override Task<JoinReply> Join(JoinRequest request, ServerCallContext context)
        {
            Check(context);
            return Task.FromResult(new JoinReply { Secret = $"secret-of-{request.Node}", ClusterId = "test" });
        }

        public override async Task Connect(IAsyncStreamReader<NodeMessage> requests, IServerStreamWriter<ServerMessage> responses, ServerCallContext context)
        {
            Check(context);
            if (Interlocked.Decrement(ref server.Breaks) >= 0)
            {
                context.GetHttpContext().Features.Get<IConnectionLifetimeFeature>()!.Abort();
                return;
            }

            await requests.MoveNext(context.CancellationToken);
            var link = new ScriptedLink(requests.Current.Hello, responses, context);
            server.Links.Enqueue(link);
            if (server.Leave is { } leave)
            {
                await link.Refuse(leave);
                return;
            }

            await link.Run(server.Welcome, requests);
        }

        public override async Task<TailReply> Tail(IAsyncStreamReader<TailChunk> requests, ServerCallContext context)
        {
            while (await requests.MoveNext(context.CancellationToken))
                server.Tails.GetOrAdd(requests.Current.Tail, _ => new()).Enqueue(requests.Current);

            return new TailReply();
        }

        private void Check(ServerCallContext context)
        {
            server.SeenAuthorization = context.RequestHeaders.GetValue("authorization");
            if (server.Refusal is { } refusal)
                throw new RpcException(refusal);
        }
    }
}
