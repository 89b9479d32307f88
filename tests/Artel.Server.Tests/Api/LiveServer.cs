using Artel.Protocol.Client;
using Artel.Protocol.V1;
using Artel.Server.Hosting;
using Artel.Server.Tests.Storage;
using Artel.Testing;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Http;
using Privacy = Artel.Server.People.Privacy;
using Task = System.Threading.Tasks.Task;

namespace Artel.Server.Tests.Api;

/// <summary>The whole server in this process, on a port of its own, with clients and nodes that run nothing.</summary>
internal sealed class LiveServer : IAsyncDisposable, IServerGreeting
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly TemporaryFolder? _own;
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource<string> _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<SimulatedNodes> _nodes = [];
    private readonly List<GrpcChannel> _channels = [];
    private readonly Task _running;
    private Ticket? _admin;

    private readonly ServerHost _host;

    private LiveServer(string? folder, Privacy privacy, Func<ServerOptions, ServerOptions>? change)
    {
        _own = folder is null ? new TemporaryFolder() : null;
        Folder = folder ?? _own!.Path;
        var options = new ServerOptions
        {
            DataDirectory = Path.Combine(Folder, "data"),
            HomeDirectory = Path.Combine(Folder, "home"),
            Listen = ListenAddress.Parse("127.0.0.1:0", out _)!,
            WebhookHosts = ["hooks.example.org"],
            Privacy = privacy,
        };
        _host = new ServerHost(change?.Invoke(options) ?? options, TimeProvider.System);
        _running = _host.RunAsync(this, _stop.Token);
    }

    public string Folder { get; }

    /// <summary>All that it serves.</summary>
    public IReadOnlyList<Endpoint> Endpoints => _host.Endpoints;

    /// <summary>Where it listens, once it is ready.</summary>
    public ServerLife Life { get; private set; } = null!;

    public Cluster.ClusterClient Admin => Client(_admin!);

    /// <param name="folder">With data of an earlier server; null: an empty one of its own.</param>
    /// <param name="change">Of the options it is started with.</param>
    public static async Task<LiveServer> StartAsync(
        string? folder = null, Privacy privacy = Privacy.Own, Func<ServerOptions, ServerOptions>? change = null)
    {
        var server = new LiveServer(folder, privacy, change);
        var first = await Task.WhenAny(server._ready.Task, server._running).WaitAsync(Patience, TimeProvider.System);
        await first;
        server._admin = Tickets.Parse((await File.ReadAllTextAsync(await server._ready.Task)).Trim(), out _)!;
        return server;
    }

    public void Ready(ServerLife life, CertificatePin pin, string accessFile)
    {
        Life = life;
        _ready.TrySetResult(accessFile);
    }

    /// <summary>A client with a token of its own.</summary>
    public async Task<Cluster.ClusterClient> ClientAsync(Role role, string name) => Client(await TicketAsync(role, name));

    /// <summary>Calls with a token of its own.</summary>
    public async Task<CallInvoker> CallerAsync(Role role, string name) => Caller(await TicketAsync(role, name));

    /// <summary>Calls with this ticket.</summary>
    public Task<CallInvoker> CallerOfAsync(string ticket) => Task.FromResult(Caller(Tickets.Parse(ticket, out _)!));

    /// <summary>Calls with a session that began with a token of its own, as the dashboard does.</summary>
    public async Task<CallInvoker> SessionAsync(Role role, string name)
    {
        var ticket = await TicketAsync(role, name);
        var session = await new Cluster.ClusterClient(Caller(ticket)).OpenSessionAsync(new OpenSessionRequest());
        return Channel(ticket).Authenticated(session.Secret);
    }

    /// <summary>Calls without any secret.</summary>
    public CallInvoker Nobody() => Channel(_admin!).CreateCallInvoker();

    /// <summary>Where it is, as the admin.</summary>
    public ClusterAccess Address => ClusterAccess.From(_admin!);

    /// <summary>Where it is, with a token of its own.</summary>
    public async Task<ClusterAccess> AccessAsync(Role role, string name) => ClusterAccess.From(await TicketAsync(role, name));

    /// <summary>Where it is, with the credential of a new node.</summary>
    public async Task<ClusterAccess> JoinAsync(string id)
    {
        var ticket = await TicketAsync(Role.Node, "join-" + id);
        var joined = await new NodeLink.NodeLinkClient(Caller(ticket)).JoinAsync(new JoinRequest { Node = id });
        return ClusterAccess.From(ticket) with { Secret = joined.Secret };
    }

    /// <summary>Connects nodes that make of tasks what they are told.</summary>
    public async Task ConnectAsync(SimulatedWork work, params string[] ids) =>
        _nodes.Add(await SimulatedNodes.ConnectAsync(await TicketAsync(Role.Node, "join"), ids, work));

    public async Task<long> SubmitAsync(JobSpec job, Cluster.ClusterClient? client = null) =>
        (await (client ?? Admin).SubmitAsync(new SubmitRequest { Job = job })).Job;

    public Task<Job> BecomesAsync(long job, Func<Job, bool> state, string what) => Polling.UntilAsync(
        async () => await Admin.GetJobAsync(new GetJobRequest { Job = job }), state, what, Patience);

    public Task<Job> EndsAsync(long job) => BecomesAsync(job, j => j.Ended is not null, $"job {job} has ended");

    public async ValueTask DisposeAsync()
    {
        foreach (var nodes in _nodes)
        {
            await nodes.DisposeAsync();
        }

        _channels.ForEach(c => c.Dispose());
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
        _own?.Dispose();
    }

    private async Task<Ticket> TicketAsync(Role role, string name) =>
        Tickets.Parse((await Admin.CreateTokenAsync(new CreateTokenRequest { Role = role, Name = name, Unlimited = role == Role.Node })).Ticket, out _)!;

    private Cluster.ClusterClient Client(Ticket ticket) => new(Caller(ticket));

    private CallInvoker Caller(Ticket ticket) => Channel(ticket).Authenticated(ticket.Secret);

    private GrpcChannel Channel(Ticket ticket)
    {
        var channel = ClusterChannel.Open(ClusterAccess.From(ticket), ticket.Addresses[0]);
        _channels.Add(channel);
        return channel;
    }
}
