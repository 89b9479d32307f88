using System.Globalization;
using System.Text.Json;
using Artel.Cli.Access;
using Artel.Cli.Commands;
using Artel.Cli.Json;
using Artel.Cli.Processes;
using Artel.Protocol.Client;
using Artel.Protocol.Maps;
using Artel.Protocol.V1;
using Google.Protobuf.WellKnownTypes;

namespace Artel.Cli.Running;

/// <summary>
/// A cluster on this machine for one run: a server and the nodes that the map names, as child processes, everything they keep in a
/// folder of its own. Disposing it stops them and removes the folder; they stop by themselves where this process is killed. It is
/// the guardian of the nodes.
/// </summary>
internal sealed class PrivateCluster : IAsyncDisposable
{
    /// <summary>The one node of a map that assigns to none.</summary>
    public const string LoneNode = "local";

    private static readonly TimeSpan StartTime = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan NodeGrace = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan ServerGrace = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(20);

    private static readonly TimeSpan DeathTime = TimeSpan.FromSeconds(5);

    /// <summary>How often the folder is checked.</summary>
    private static readonly TimeSpan FolderLook = TimeSpan.FromSeconds(1);

    /// <summary>The run ends when its disk is full in this many checks in a row.</summary>
    private const int MostTroubledLooks = 10;

    private readonly Surroundings _s;
    private readonly TimeProvider _clock;
    private readonly RunFolder _folder;
    private readonly List<ChildProcess> _nodes = [];
    private ChildProcess? _server;
    private ClusterSession? _session;

    private PrivateCluster(Surroundings s)
    {
        _s = s;
        _clock = s.Clock;
        TemporaryFolder.Mention(s.Terminal);
        _folder = RunFolder.Create(s.Clock);
    }

    public ClusterSession Session => _session ?? throw new InvalidOperationException("not started");

    /// <summary>Starts everything and returns when each node is connected.</summary>
    /// <param name="job">What it is for: its lists say which nodes there are.</param>
    /// <param name="s">Where its session is opened.</param>
    /// <param name="ct">Stops what has started.</param>
    public static async Task<PrivateCluster> StartAsync(JobSpec job, Surroundings s, CancellationToken ct)
    {
        var cluster = new PrivateCluster(s);
        try
        {
            using var patience = new CancellationTokenSource(StartTime, s.Clock);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, patience.Token);
            try
            {
                var ticket = await cluster.StartServerAsync(either.Token);
                await cluster.StartNodesAsync(job, ticket, either.Token);
            }
            catch (Exception e) when (patience.IsCancellationRequested && !ct.IsCancellationRequested && e is OperationCanceledException or Grpc.Core.RpcException)
            {
                throw new CommandFailure(ExitStatus.NoCluster, $"the private cluster was not ready within {Words.Duration(StartTime)}");
            }

            return cluster;
        }
        catch (Exception e)
        {
            var isCancelled = ct.IsCancellationRequested || e is OperationCanceledException;
            var problem = isCancelled ? null : cluster._folder.Problem();
            await cluster.DisposeAsync();
            if (problem is not null)
                throw new CommandFailure(ExitStatus.NoCluster, problem);

            throw;
        }
    }

    /// <summary>
    /// Does not return while all of it lives and its folder is well. Throws the problem of the folder, or the last
    /// output of the process that died first.
    /// </summary>
    public async Task WatchAsync(CancellationToken ct)
    {
        var children = _nodes.Prepend(_server!).ToList();
        var death = Task.WhenAny(children.Select(c => c.Exited));
        var troubled = 0;
        while (await Task.WhenAny(death, Task.Delay(FolderLook, _clock, ct)) != death)
        {
            ct.ThrowIfCancellationRequested();

            // A disk that a task fills for a moment ends no run: server and nodes wait for free space.
            troubled = HasLostFolder ? troubled + 1 : 0;
            if (_folder.IsGone || troubled >= MostTroubledLooks)
                ThrowIfFolderFailed();
        }

        ThrowIfFolderFailed();
        var first = await death;
        throw await children.First(c => c.Exited == first).DescribeDeathAsync();
    }

    /// <summary>
    /// True if the server does not answer because of its folder. <see cref="WatchAsync"/> reports that; nothing else
    /// needs to.
    /// </summary>
    public bool HasLostFolder => _folder.Problem() is not null;

    /// <summary>Throws the problem of the folder, if it has one.</summary>
    public void ThrowIfFolderFailed()
    {
        if (_folder.Problem() is { } problem)
            throw new CommandFailure(ExitStatus.NoCluster, problem);
    }

    /// <summary>Throws what the server has said where it has died, or is just dying; returns where it lives.</summary>
    public async Task ThrowIfDeadAsync()
    {
        ThrowIfFolderFailed();
        var patience = Task.Delay(DeathTime, _clock);
        if (await Task.WhenAny(_server!.Exited, patience) != patience)
            throw await _server.DescribeDeathAsync();
    }

    public async ValueTask DisposeAsync()
    {
        // Nodes first: they hand over what they have while the server still takes it.
        await Task.WhenAll(_nodes.Select(n => n.StopAsync(NodeGrace, _clock)));
        if (_server is not null)
            await _server.StopAsync(ServerGrace, _clock);

        foreach (var child in _nodes)
            await child.DisposeAsync();

        if (_server is not null)
            await _server.DisposeAsync();

        _folder.Remove(_s.Terminal);
    }

    private async Task<string> StartServerAsync(CancellationToken ct)
    {
        // Asked here too: where it is missing, no child should have to say so.
        Programs.Server(_s.Variable);
        _server = ChildProcess.Start(
            "artel-server",
            Programs.Artel,
            ["server", "start", "--data", In("data"), "--home", In("home"), "--listen", "127.0.0.1:0", "--dashboard", "none", "--json", "--stop-with-stdin"],
            In("server.log"));
        // Its output ends when it does, so there is no waiting for a line that never comes.
        var line = await _server.ReadLineAsync(ct);
        if (line is null)
        {
            await _server.Exited.WaitAsync(ct);
            throw await _server.DescribeDeathAsync();
        }

        var ready = JsonSerializer.Deserialize(line, ArtelJson.OneLine.ServerReadyJson)!;
        var ticket = Tickets.Parse(await File.ReadAllTextAsync(ready.AccessFile, ct), out var error)
            ?? throw new InvalidOperationException($"the server's access file: {error}");
        var access = ClusterAccess.From(ticket) with { Addresses = [ready.Listening] };
        _session = await _s.ConnectAsync(new ConfiguredAccess(access, ready.AccessFile), ct);
        var reply = await _session.Client.CreateTokenAsync(
            new CreateTokenRequest { Role = Role.Node, Name = "private run", Unlimited = true, ValidFor = Duration.FromTimeSpan(StartTime * 2) },
            _session.Question(ct));
        return reply.Ticket;
    }

    private async Task StartNodesAsync(JobSpec job, string ticket, CancellationToken ct)
    {
        var ids = job.Sections.Count == 0 ? [LoneNode] : job.Sections.Select(s => s.Node).ToList();
        foreach (var id in ids)
        {
            var node = ChildProcess.Start(
                $"node {id}",
                Programs.Artel,
                ["node", "start", "--id", id, "--join", "-", "--data", In($"node-{id}"), "--cpus", Cpus(job, id, ids.Count), "--stop-with-stdin"],
                In($"node-{id}.log"),
                isAgent: true);
            _nodes.Add(node);
            await node.WriteLineAsync(ticket);
        }

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var death = WatchAsync(stop.Token);
        while (true)
        {
            var reply = await Session.Client.ListNodesAsync(new ListNodesRequest(), Session.Question(ct));
            if (reply.Nodes.Count(n => n.Condition == NodeCondition.Connected) >= ids.Count)
                break;

            var pause = Task.Delay(Poll, _clock, ct);
            if (await Task.WhenAny(pause, death) == death)
                await death;

            await pause;
        }

        await stop.CancelAsync();
        await death.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>
    /// The cpus of this machine, shared out; but never less than one task of the map needs, since a run that is tight is better than
    /// one that never starts.
    /// </summary>
    internal static string Cpus(JobSpec job, string node, int nodes)
    {
        var share = Math.Max(1, Environment.ProcessorCount / nodes) * 1000;
        var needed = job.Sections.Where(s => s.Node == node).SelectMany(s => s.Tasks).Concat(job.Tasks)
            .Select(t => t.Needs?.MilliCpus ?? 0).DefaultIfEmpty(0).Max();
        return Thousandths.Format(Math.Max(share, needed)).ToString(CultureInfo.InvariantCulture);
    }

    private string In(string name) => Path.Combine(_folder.Path, name);
}
