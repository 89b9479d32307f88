using Artel.Protocol.Client;
using Artel.Protocol.V1;
using Artel.Testing;

namespace Artel.Bench.Cluster;

/// <summary>Nodes of this process that run nothing, each with a connection of its own.</summary>
internal sealed class SimulatedNodes : IAsyncDisposable
{
    // More would time out in their handshakes while others have theirs.
    private const int JoinAtOnce = 50;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly CancellationTokenSource _stop = new();
    private readonly List<Task> _running = [];

    private SimulatedNodes()
    {
    }

    /// <summary>Joins so many nodes and waits until all are connected.</summary>
    /// <param name="work">What they make of tasks. Not set: everything succeeds at once.</param>
    /// <param name="name">Their ids begin with it.</param>
    public static async Task<SimulatedNodes> ConnectAsync(BenchCluster cluster, int count, SimulatedWork? work = null, string name = "n")
    {
        OpenFiles.Require(count);
        var others = (await cluster.Admin.GetStatusAsync(new GetStatusRequest())).NodesConnected;
        var nodes = new SimulatedNodes();
        var ticket = await cluster.JoinTicketAsync();
        using var channel = ClusterChannel.Open(ClusterAccess.From(ticket), ticket.Addresses[0]);
        foreach (var some in Enumerable.Range(1, count).Chunk(JoinAtOnce))
        {
            var joined = await Task.WhenAll(some.Select(n => SimulatedNode.JoinAsync($"{name}{n}", ticket, channel, new Random(n), work)));
            nodes._running.AddRange(joined.Select(n => n.RunAsync(nodes._stop.Token)));
            await Task.WhenAll(joined.Select(n => n.Welcomed)).WaitAsync(Patience, TimeProvider.System);
        }

        await Polling.UntilAsync(
            async () => (await cluster.Admin.GetStatusAsync(new GetStatusRequest())).NodesConnected, n => n == others + count, $"{count} nodes are connected",
            Patience);
        return nodes;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_running);
        _stop.Dispose();
    }
}
