using System.Diagnostics;
using System.Net.WebSockets;
using Artel.Protocol.Client;
using Artel.Protocol.V1;
using Artel.Server.Hosting;
using Artel.Server.Tests.Api;
using Artel.Server.Tests.Support;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Task = System.Threading.Tasks.Task;

namespace Artel.Server.Tests.Edge;

/// <summary>What was begun with a credential ends with it, within a second.</summary>
[Collection(AloneCollection.Name)]
public sealed class RevocationTests : IAsyncLifetime
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private LiveServer? _server;
    private long _job;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private LiveServer Server => _server!;

    public async ValueTask InitializeAsync()
    {
        _server = await LiveServer.StartAsync(change: o => o with { Dashboard = DashboardAddress.Parse("127.0.0.1:0", out _)! });
        _job = await Server.SubmitAsync(new JobSpec { Name = "held", Hold = true, Tasks = { new TaskTemplate { Run = { "true" } } } });
    }

    public async ValueTask DisposeAsync() => await Server.DisposeAsync();

    public static TheoryData<string> Streams() => ["WatchEvents", "WatchJob", "FetchResults", "ReadOutput"];

    [Theory]
    [MemberData(nameof(Streams))]
    public async Task A_stream_ends_when_its_token_is_revoked(string stream)
    {
        var (caller, id) = await TokenAsync(validFor: null);
        var following = FollowAsync(new Cluster.ClusterClient(caller), stream);
        await StaysAsync(following);

        await Server.Admin.RevokeTokenAsync(new RevokeTokenRequest { Id = id });

        await EndsAsync(following, "this token was revoked");
    }

    [Theory]
    [MemberData(nameof(Streams))]
    public async Task A_stream_ends_when_its_token_expires(string stream)
    {
        var (caller, _) = await TokenAsync(TimeSpan.FromSeconds(2));
        var (began, following) = (Stopwatch.GetTimestamp(), FollowAsync(new Cluster.ClusterClient(caller), stream));

        var refusal = await Assert.ThrowsAsync<RpcException>(() => following.WaitAsync(TimeSpan.FromSeconds(4), TimeProvider.System, Cancellation));

        Assert.Equal(StatusCode.Unauthenticated, refusal.StatusCode);
        Assert.Contains("expired", refusal.Status.Detail, StringComparison.Ordinal);
        Assert.InRange(Stopwatch.GetElapsedTime(began), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(3));
    }

    [Fact]
    public async Task A_sessions_stream_ends_with_its_token_and_with_the_session()
    {
        var session = await Server.SessionAsync(Role.User, "session");
        var following = FollowAsync(new Cluster.ClusterClient(session), "WatchEvents");
        await StaysAsync(following);
        await new Cluster.ClusterClient(session).CloseSessionAsync(new CloseSessionRequest());
        await EndsAsync(following, "this cluster does not know this token");

        var other = await Server.SessionAsync(Role.User, "other");
        following = FollowAsync(new Cluster.ClusterClient(other), "WatchEvents");
        await StaysAsync(following);
        await RevokeAsync("other");
        await EndsAsync(following, "this token was revoked");
    }

    [Fact]
    public async Task Other_peoples_streams_go_on()
    {
        var (caller, _) = await TokenAsync(validFor: null);
        var (_, other) = await TokenAsync(validFor: null);
        var following = FollowAsync(new Cluster.ClusterClient(caller), "WatchEvents");
        await StaysAsync(following);

        await Server.Admin.RevokeTokenAsync(new RevokeTokenRequest { Id = other });

        await StaysAsync(following);
    }

    [Fact]
    public async Task The_link_of_a_forgotten_node_ends_and_that_of_a_node_whose_join_token_is_revoked_does_not()
    {
        var access = await Server.JoinAsync("n1");
        using var channel = ClusterChannel.Open(access, access.Addresses[0]);
        using var link = new NodeLink.NodeLinkClient(channel.Authenticated(access.Secret)).Connect(cancellationToken: Cancellation);
        await link.RequestStream.WriteAsync(
            new NodeMessage { Hello = new Hello { Node = "n1", Incarnation = 1, Version = "test", Host = "nowhere", Resources = new Resources { MilliCpus = 1000 } } }, Cancellation);
        Assert.True(await link.ResponseStream.MoveNext(Cancellation));
        var reading = ReadToEndAsync(link.ResponseStream);

        await RevokeAsync("join-n1");
        await StaysAsync(reading);
        await Server.Admin.ForgetNodeAsync(new NodeAction { Id = "n1" });

        await Task.WhenAny(reading).WaitAsync(Second, TimeProvider.System, Cancellation);
        Assert.Equal("leave", await reading);
    }

    [Fact]
    public async Task The_connection_of_an_open_page_ends_with_its_token()
    {
        var ticket = await Server.AccessAsync(Role.Viewer, "browser");
        using var channel = ClusterChannel.Open(ticket, ticket.Addresses[0]);
        var session = await new Cluster.ClusterClient(channel.Authenticated(ticket.Secret)).OpenSessionAsync(new OpenSessionRequest());
        var site = new Uri(Server.Life.DashboardUrl);
        using var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("Cookie", $"artel-{site.Port}={session.Secret}");
        await socket.ConnectAsync(new UriBuilder(site) { Scheme = "ws", Path = "/_blazor" }.Uri, Cancellation);
        var closed = ReadUntilClosedAsync(socket);
        await StaysAsync(closed);

        await RevokeAsync("browser");

        await closed.WaitAsync(Second, TimeProvider.System, Cancellation);
    }

    [Fact]
    public async Task The_last_admin_token_is_only_revoked_by_force()
    {
        var tokens = (await Server.Admin.ListTokensAsync(new ListTokensRequest())).Tokens;
        var last = tokens.Single(t => t.Role == Role.Admin).Id;

        var refusal = await Assert.ThrowsAsync<RpcException>(async () => await Server.Admin.RevokeTokenAsync(new RevokeTokenRequest { Id = last }));
        Assert.Equal(StatusCode.FailedPrecondition, refusal.StatusCode);
        Assert.Contains("last admin token", refusal.Status.Detail, StringComparison.Ordinal);

        // One for an hour is no replacement; one for a month is.
        await CreateAsync(Role.Admin, "short", TimeSpan.FromHours(1));
        await Assert.ThrowsAsync<RpcException>(async () => await Server.Admin.RevokeTokenAsync(new RevokeTokenRequest { Id = last }));
        var (next, _) = await CreateAsync(Role.Admin, "long", TimeSpan.FromDays(30));
        var admin = new Cluster.ClusterClient(await Server.CallerOfAsync(next));
        await admin.RevokeTokenAsync(new RevokeTokenRequest { Id = last });

        var own = (await admin.ListTokensAsync(new ListTokensRequest())).Tokens.Single(t => t.Name == "long").Id;
        await Assert.ThrowsAsync<RpcException>(async () => await admin.RevokeTokenAsync(new RevokeTokenRequest { Id = own }));
        await admin.RevokeTokenAsync(new RevokeTokenRequest { Id = own, Force = true });
        await Assert.ThrowsAsync<RpcException>(async () => await admin.ListTokensAsync(new ListTokensRequest()));
    }

    private async Task RevokeAsync(string name)
    {
        var id = (await Server.Admin.ListTokensAsync(new ListTokensRequest())).Tokens.Single(t => t.Name == name).Id;
        await Server.Admin.RevokeTokenAsync(new RevokeTokenRequest { Id = id });
    }

    private async Task<(CallInvoker Caller, string Id)> TokenAsync(TimeSpan? validFor)
    {
        var (ticket, id) = await CreateAsync(Role.Admin, "someone", validFor);
        return (await Server.CallerOfAsync(ticket), id);
    }

    private async Task<(string Ticket, string Id)> CreateAsync(Role role, string name, TimeSpan? validFor)
    {
        var created = await Server.Admin.CreateTokenAsync(new CreateTokenRequest { Role = role, Name = name, ValidFor = validFor?.ToDuration() });
        return (created.Ticket, created.Token.Id);
    }

    /// <summary>Follows what has no end.</summary>
    private Task FollowAsync(Cluster.ClusterClient client, string stream) => stream switch
    {
        "WatchEvents" => DrainAsync(client.WatchEvents(new WatchEventsRequest { Follow = true }, cancellationToken: Cancellation).ResponseStream),
        "WatchJob" => DrainAsync(client.WatchJob(new GetJobRequest { Job = _job }, cancellationToken: Cancellation).ResponseStream),
        "FetchResults" => DrainAsync(client.FetchResults(new FetchResultsRequest { Job = _job, Follow = true }, cancellationToken: Cancellation).ResponseStream),
        _ => DrainAsync(client.ReadOutput(new ReadOutputRequest { Job = _job, Task = 1, Follow = true }, cancellationToken: Cancellation).ResponseStream),
    };

    private static async Task DrainAsync<T>(IAsyncStreamReader<T> stream)
    {
        while (await stream.MoveNext(Cancellation))
        {
            _ = stream.Current;
        }
    }

    private static async Task<string> ReadToEndAsync(IAsyncStreamReader<ServerMessage> link)
    {
        var last = "";
        while (await link.MoveNext(Cancellation))
        {
            last = link.Current.KindCase == ServerMessage.KindOneofCase.Leave ? "leave" : "";
        }

        return last;
    }

    private static async Task ReadUntilClosedAsync(ClientWebSocket socket)
    {
        try
        {
            while ((await socket.ReceiveAsync(new byte[1024], Cancellation)).MessageType != WebSocketMessageType.Close)
            {
                // The handshake of SignalR was not sent: nothing comes.
            }
        }
        catch (WebSocketException)
        {
            // Closed without a word.
            return;
        }
    }

    private static async Task StaysAsync(Task following)
    {
        var pause = Task.Delay(TimeSpan.FromMilliseconds(300), TimeProvider.System, Cancellation);
        Assert.Same(pause, await Task.WhenAny(following, pause));
    }

    private static async Task EndsAsync(Task following, string why)
    {
        var refusal = await Assert.ThrowsAsync<RpcException>(() => following.WaitAsync(Second, TimeProvider.System, Cancellation));
        Assert.Equal((StatusCode.Unauthenticated, why), (refusal.StatusCode, refusal.Status.Detail));
    }
}
