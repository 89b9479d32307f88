using System.Buffers.Binary;
using System.Net;
using System.Net.Http.Headers;
using Artel.Protocol.Client;

namespace Artel.EndToEnd.Tests;

/// <summary>What callers whom a real server does not know, or who send without end, cost it.</summary>
[Collection(AloneCollection.Name)]
public sealed class EdgeTests
{
    private const int BodyBytes = 64 << 20;
    private const int Callers = 100;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Bodies_of_callers_without_a_token_cost_little_memory_and_no_file()
    {
        await using var cluster = TestCluster.Prepare(server: ["--dashboard", "127.0.0.1:0"]);
        var temporary = Directory.CreateDirectory(cluster.Folder["tmp"]).FullName;
        cluster.ServerVariables["TMPDIR"] = temporary;
        await cluster.StartServerAsync();
        (HttpMethod Method, string Path, string Type, Version Version)[] calls =
        [
            (HttpMethod.Post, "/artel.v1.Cluster/Submit", "application/grpc", HttpVersion.Version20),
            (HttpMethod.Post, "/artel.v1.NodeLink/Connect", "application/grpc", HttpVersion.Version20),
            (HttpMethod.Post, "/v1/jobs", "application/json", HttpVersion.Version11),
            (HttpMethod.Post, "/login", "multipart/form-data; boundary=x", HttpVersion.Version11),
            (HttpMethod.Post, "/login", "application/x-www-form-urlencoded", HttpVersion.Version11),
            (HttpMethod.Post, "/v1/leases/1/1/output", "application/octet-stream", HttpVersion.Version11),
        ];
        var before = PeakMemory.OfProcess(cluster.Server.Id);

        var read = await Task.WhenAll(Enumerable.Range(0, Callers).Select(i => SendAsync(cluster.Address, calls[i % calls.Length])));

        var grown = PeakMemory.OfProcess(cluster.Server.Id) - before;
        Assert.InRange(grown, 0, (long)Callers << 20);
        Assert.All(read, bytes => Assert.InRange(bytes, 0, BodyBytes / 2));
        // The runtime's own pipes for debuggers are there from the start.
        Assert.DoesNotContain(Directory.GetFileSystemEntries(temporary), f => !Path.GetFileName(f).StartsWith("clr-debug-pipe-", StringComparison.Ordinal) && !Path.GetFileName(f).StartsWith("dotnet-diagnostic-", StringComparison.Ordinal));
        await cluster.ArtelAsync("ls");
    }

    [Fact]
    public async Task Unfinished_messages_of_one_user_have_a_bounded_share_of_memory()
    {
        await using var cluster = await TestCluster.StartAsync();
        var secret = Tickets.Parse(await cluster.TokenAsync("user"), out _)!.Secret;
        using var client = Client(new AuthenticationHeaderValue("Bearer", secret));
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var sent = new long[Callers];
        var before = PeakMemory.OfProcess(cluster.Server.Id);
        var calls = Enumerable.Range(0, Callers).Select(async i =>
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, $"https://{cluster.Address}/artel.v1.Cluster/Submit")
            {
                Version = HttpVersion.Version20,
                VersionPolicy = HttpVersionPolicy.RequestVersionExact,
                Content = new UnfinishedMessage(n => Volatile.Write(ref sent[i], n)),
            };
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/grpc");
            using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, stop.Token);
        }).ToArray();

        await Polling.UntilAsync(() => Task.FromResult(sent.Count(s => Volatile.Read(ref s) > 20 << 20)), whole => whole >= 3, "some messages are nearly there");
        await cluster.ArtelAsync("ls");

        Assert.InRange(PeakMemory.OfProcess(cluster.Server.Id) - before, 1, 500L << 20);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<Exception>(() => Task.WhenAll(calls));
    }

    [Fact]
    public async Task A_command_that_follows_ends_when_its_token_is_revoked()
    {
        await using var cluster = await TestCluster.StartAsync();
        var created = await cluster.JsonAsync("token", "create", "--role", "user");
        var (ticket, id) = (created.GetProperty("ticket").GetString()!, created.GetProperty("token").GetProperty("id").GetString()!);
        var following = cluster.TryArtelWithAsync("ARTEL_TOKEN", ticket, "events", "-f");
        await cluster.SubmitAsync("--hold", "--", "true");

        await cluster.ArtelAsync("token", "revoke", id);

        var ended = await following.WaitAsync(TimeSpan.FromSeconds(5), TimeProvider.System, Cancellation);
        Assert.Equal(5, ended.Status);
        Assert.Contains("this token was revoked", ended.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_last_admin_token_is_revoked_only_with_force()
    {
        await using var cluster = await TestCluster.StartAsync();
        var tokens = (await cluster.JsonAsync("token", "ls")).GetProperty("tokens").EnumerateArray();
        var admin = tokens.Single(t => t.GetProperty("role").GetString() == "admin").GetProperty("id").GetString()!;

        var refused = await cluster.TryArtelAsync("token", "revoke", admin);
        Assert.Equal(2, refused.Status);
        Assert.Single(refused.Errors.Trim().Split('\n'));
        Assert.Contains("create another one first", refused.Errors, StringComparison.Ordinal);

        await cluster.ArtelAsync("token", "revoke", admin, "--force");
        Assert.Equal(5, (await cluster.TryArtelAsync("ls")).Status);
    }

    /// <summary>Sends as much of a body as the server takes, without a token.</summary>
    private static async Task<long> SendAsync(string address, (HttpMethod Method, string Path, string Type, Version Version) call)
    {
        using var client = Client(authorization: null);
        var body = new CountedBody();
        using var request = new HttpRequestMessage(call.Method, $"https://{address}{call.Path}") { Version = call.Version, VersionPolicy = HttpVersionPolicy.RequestVersionExact, Content = body };
        body.Headers.TryAddWithoutValidation("Content-Type", call.Type);
        try
        {
            using var answer = await client.SendAsync(request, Cancellation);
        }
        catch (HttpRequestException)
        {
            // The connection was closed while it was sending.
            return body.Sent;
        }

        return body.Sent;
    }

    private static HttpClient Client(AuthenticationHeaderValue? authorization) => new(new SocketsHttpHandler
    {
        SslOptions = { RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null },
    })
    {
        DefaultRequestHeaders = { Authorization = authorization },
    };

    private sealed class CountedBody : HttpContent
    {
        public long Sent { get; private set; }

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            var piece = new byte[64 * 1024];
            for (; Sent < BodyBytes; Sent += piece.Length)
            {
                await stream.WriteAsync(piece, Cancellation);
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = BodyBytes;
            return true;
        }
    }

    /// <summary>A gRPC message of 32 MiB of which the last byte never comes.</summary>
    private sealed class UnfinishedMessage(Action<long> sent) : HttpContent
    {
        private const int MessageBytes = 32 << 20;

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
        {
            var header = new byte[5];
            BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(1), MessageBytes);
            await stream.WriteAsync(header, cancellationToken);
            var piece = new byte[64 * 1024];
            for (var done = 0L; done < MessageBytes - piece.Length; done += piece.Length)
            {
                await stream.WriteAsync(piece, cancellationToken);
                sent(done);
            }

            await stream.FlushAsync(cancellationToken);
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
