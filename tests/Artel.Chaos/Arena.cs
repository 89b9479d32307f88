using Artel.Chaos.Faults;
using Artel.Testing;

namespace Artel.Chaos;

/// <summary>What a run happens in: machines and their network, a disk, and a cluster of real programs on them, as far as this machine allows.</summary>
internal sealed class Arena : IAsyncDisposable
{
    public static readonly TimeSpan LostAfter = TimeSpan.FromSeconds(3);

    private const string Server = "server";
    private const string Client = "client";
    private const int Megabytes = 192;
    private const int MegabytesPerMinute = 64;
    private const int NodeMegabytes = 24;

    // Faults take a node from a task more often than any real day would.
    private static readonly string[] ServerOptions = ["--max-losses", "1000"];
    private static readonly string[] NodeOptions = ["--cpus", "2"];

    private readonly NetworkLab? _lab;
    private readonly SmallDisk? _disk;
    private readonly Dictionary<string, SmallDisk> _nodeDisks = [];
    private readonly SlowCable? _slow;
    private readonly List<string> _notes = [];
    private TestCluster? _cluster;

    private Arena(Options options)
    {
        Nodes = [.. Enumerable.Range(1, options.Nodes).Select(n => $"{n}")];
        _lab = NetworkLab.TryCreate(out var noLab, [Server, Client, .. Nodes]);
        _notes.Add(_lab is null ? $"no faults of the network: {FirstLine(noLab)}" : "server, client and each node in a network namespace of its own");
        _slow = _lab is null ? null : SlowCable.Find(_lab, Client);
        if (_lab is not null)
            _notes.Add(_slow?.Note ?? "no slow cables: tc has neither netem nor tbf here");

        _disk = SmallDisk.TryMount(Megabytes + (int)(MegabytesPerMinute * options.Duration.TotalMinutes), out var noDisk);
        if (_disk is null)
            _notes.Add($"no full disk: {FirstLine(noDisk)}");

        _notes.Add($"a node is lost after {LostAfter.TotalSeconds:0} s; exclusive tasks {(options.Exclusive ? "on" : "off")}");
    }

    public TestCluster Cluster => _cluster!;

    public IReadOnlyList<string> Nodes { get; }

    /// <summary>What is different here, for the table.</summary>
    public IReadOnlyList<string> Notes => _notes;

    public static async Task<Arena> OpenAsync(Options options)
    {
        var arena = new Arena(options);
        try
        {
            arena._cluster = await TestCluster.StartAsync(
                heartbeat: "500ms", lostAfter: $"{LostAfter.TotalSeconds:0}s", data: arena._disk is null ? null : Path.Combine(arena._disk.Path, "data"),
                lab: arena._lab, server: ServerOptions);
            foreach (var node in arena.Nodes)
            {
                arena.GiveDisk(node);
                var token = await arena._cluster.TokenAsync("node");
                await arena._cluster.BeginNodeAsync(node, [.. NodeOptions, "--join", token]);
            }

            foreach (var node in arena.Nodes)
                await arena._cluster.WaitForNodeAsync(node, "connected");

            return arena;
        }
        catch
        {
            await arena.DisposeAsync();
            throw;
        }
    }

    public async Task<ClusterClient> OpenClientAsync() => ClusterClient.Open(await Cluster.AdminTicketAsync(), _lab, Client);

    /// <summary>A hand for each thing that can be made to fail here.</summary>
    public IEnumerable<Hand> Hands(int seed, Story story)
    {
        string[] disk = _disk is null ? [] : [ServerHand.FillDisk];
        yield return new ServerHand(Cluster, _disk, Plan(seed, 5, [ServerHand.Kill, ServerHand.Kill, ServerHand.Pause, .. disk]), story);
        foreach (var node in Nodes)
        {
            yield return new NodeHand(
                Cluster, node, NodeOptions, _nodeDisks.GetValueOrDefault(node),
                Plan(
                    ++seed, 5,
                    [
                        NodeHand.KillAgent, NodeHand.KillGuardian, NodeHand.PauseAgent, NodeHand.PauseGuardian,
                        NodeHand.Terminate, NodeHand.Shortage,
                        .. _nodeDisks.ContainsKey(node)
                            ? [NodeHand.FillDisk, NodeHand.FillDisk]
                            : Array.Empty<string>(),
                    ]),
                story);
        }

        if (_lab is null)
            yield break;

        string[] kinds = [CableHand.Cut, CableHand.Cut, CableHand.Shake, .. _slow is null ? Array.Empty<string>() : [CableHand.Slow]];
        foreach (var machine in new[] { Server, Client }.Concat(Nodes))
            yield return new CableHand(_lab, machine, _slow!, Plan(++seed, machine == Server ? 15 : 6, kinds), story);
    }

    public async ValueTask DisposeAsync()
    {
        if (_cluster is not null)
            await _cluster.DisposeAsync();

        _disk?.Dispose();
        foreach (var disk in _nodeDisks.Values)
            disk.Dispose();

        _lab?.Dispose();
    }

    /// <summary>
    /// The data folder of a node on a disk of its own, if this machine can mount one. It joins there at its first
    /// start.
    /// </summary>
    private void GiveDisk(string node)
    {
        if (_disk is null || SmallDisk.TryMount(NodeMegabytes, out _) is not { } disk)
            return;

        _nodeDisks.Add(node, disk);
        var data = Directory.CreateDirectory(Path.Combine(disk.Path, "data"));
        Directory.CreateSymbolicLink(Cluster.DataOf(node), data.FullName);
    }

    private static string FirstLine(string? lack) => lack?.Split('\n')[0] ?? "";

    private static FaultPlan Plan(int seed, int shortestWaitSeconds, params string[] kinds) =>
        new(seed, LostAfter, TimeSpan.FromSeconds(shortestWaitSeconds), kinds);
}
