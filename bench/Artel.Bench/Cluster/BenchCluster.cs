using System.Globalization;
using System.Text.Json;
using Artel.Protocol.Client;
using Artel.Protocol.V1;
using Artel.Testing;
using Grpc.Net.Client;

namespace Artel.Bench.Cluster;

/// <summary>A real server, and real nodes where they are asked for, each a process of its own on loopback; and this process as their admin.</summary>
internal sealed class BenchCluster : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    /// <summary>To join ten thousand nodes takes minutes on a slow machine.</summary>
    private static readonly TimeSpan JoiningPatience = TimeSpan.FromMinutes(10);

    private readonly TestFolder _folder = new();
    private readonly List<RunningProgram> _nodes = [];
    private readonly string _artel;
    private RunningProgram? _server;
    private GrpcChannel? _channel;

    private BenchCluster(string artel) => _artel = artel;

    public ClusterAccess Access { get; private set; } = null!;

    /// <summary>As the admin.</summary>
    public Protocol.V1.Cluster.ClusterClient Admin { get; private set; } = null!;

    public int ServerId => _server!.Id;

    public string Home => _folder["home"];

    public TestFolder Folder => _folder;

    /// <param name="artel">The command line, with <c>server/</c> beside it.</param>
    /// <param name="options">More options of the server.</param>
    public static async Task<BenchCluster> StartAsync(string artel, params string[] options)
    {
        var cluster = new BenchCluster(artel);
        try
        {
            await cluster.StartServerAsync(options);
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>Another connection, as the admin, for a client of its own.</summary>
    public GrpcChannel Connect() => ClusterChannel.Open(Access, Access.Addresses[0]);

    public Protocol.V1.Cluster.ClusterClient ClientOf(GrpcChannel channel) => new(channel.Authenticated(Access.Secret));

    public async Task<Ticket> JoinTicketAsync()
    {
        var reply = await Admin.CreateTokenAsync(new CreateTokenRequest { Role = Role.Node, Unlimited = true });
        return Tickets.Parse(reply.Ticket, out var error) ?? throw new BenchException(error);
    }

    /// <summary>Starts a real node and waits until it is connected.</summary>
    /// <returns>Process id of its agent.</returns>
    public async Task<int> StartNodeAsync(string id, int cpus)
    {
        var ticket = Tickets.Format(await JoinTicketAsync());
        var data = _folder["node-" + id];
        var node = Launch("node", "start", "--id", id, "--join", ticket, "--data", data, "--cpus", cpus.ToString(CultureInfo.InvariantCulture));
        _nodes.Add(node);
        await Polling.UntilAsync(
            async () => (await Admin.ListNodesAsync(new ListNodesRequest())).Nodes.Any(n => n.Id == id && n.Condition == NodeCondition.Connected),
            connected => connected, $"node {id} is connected", Patience);
        return int.Parse(await File.ReadAllTextAsync(Path.Combine(data, "pid")), CultureInfo.InvariantCulture);
    }

    /// <summary>Joins so many nodes that run nothing, connected from this process, and waits until the server counts them.</summary>
    /// <param name="work">What they make of tasks. Not set: everything succeeds at once.</param>
    /// <param name="name">Their ids begin with it.</param>
    public async Task<SimulatedNodes> ConnectAsync(int count, SimulatedWork? work = null, string name = "n")
    {
        OpenFiles.Require(count);
        var others = (await Admin.GetStatusAsync(new GetStatusRequest())).NodesConnected;
        var nodes = await SimulatedNodes.ConnectAsync(await JoinTicketAsync(), Enumerable.Range(1, count).Select(n => $"{name}{n}"), work);
        await Polling.UntilAsync(
            async () => (await Admin.GetStatusAsync(new GetStatusRequest())).NodesConnected, n => n == others + count,
            $"{count} nodes are connected", JoiningPatience);
        return nodes;
    }

    /// <exception cref="BenchException">Not just as many nodes are connected.</exception>
    public async Task RequireConnectedAsync(int count)
    {
        var connected = (await Admin.GetStatusAsync(new GetStatusRequest())).NodesConnected;
        if (connected != count)
        {
            throw new BenchException($"{connected} of {count} nodes are connected at the end");
        }
    }

    /// <summary>Submits a job and waits until it has ended; fails where it did not succeed.</summary>
    public async Task<Job> RunAsync(JobSpec job)
    {
        var submitted = await Admin.SubmitAsync(new SubmitRequest { Job = job });
        return await WaitAsync(submitted.Job);
    }

    public async Task<Job> WaitAsync(long job)
    {
        Job? last = null;
        using var watch = Admin.WatchJob(new GetJobRequest { Job = job });
        while (await watch.ResponseStream.MoveNext(CancellationToken.None))
        {
            last = watch.ResponseStream.Current;
        }

        return last is { State: JobState.Succeeded } ? last : throw new BenchException($"job {job} has not succeeded but is {last?.State}");
    }

    /// <summary>Runs a command of the command line to its end.</summary>
    public async Task<Ended> ArtelAsync(params string[] arguments)
    {
        await using var program = Launch(arguments);
        var ended = await program.EndAsync(TimeSpan.FromMinutes(10));
        return ended.Status == 0 ? ended : throw new BenchException($"artel {string.Join(' ', arguments)}: {ended}");
    }

    public async ValueTask DisposeAsync()
    {
        _channel?.Dispose();
        foreach (var node in _nodes)
        {
            await node.DisposeAsync();
        }

        if (_server is not null)
        {
            await _server.DisposeAsync();
        }

        _folder.Dispose();
    }

    private async Task StartServerAsync(string[] options)
    {
        _server = Launch(["server", "start", "--data", _folder["data"], "--listen", "127.0.0.1:0", "--json", .. options]);
        await _server.UntilAsync(s => s.HasEnded || s.Output.Contains('\n', StringComparison.Ordinal), "the server listens", Patience);
        if (_server.HasEnded)
        {
            throw new BenchException($"the server did not start: {_server.Errors}");
        }

        using var ready = JsonDocument.Parse(_server.Output);
        var line = (await File.ReadAllTextAsync(Path.Combine(Home, "access"))).Trim();
        Access = ClusterAccess.From(Tickets.Parse(line, out var error) ?? throw new BenchException(error));
        _channel = Connect();
        Admin = ClientOf(_channel);
    }

    private RunningProgram Launch(params string[] arguments) => RunningProgram.Start(
        _artel, arguments, _folder.Path, new Dictionary<string, string?> { ["ARTEL_HOME"] = Home });
}
