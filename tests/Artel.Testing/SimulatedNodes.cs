using Artel.Protocol.Client;
using Artel.Protocol.V1;
using Task = System.Threading.Tasks.Task;

namespace Artel.Testing;

/// <summary>Several <see cref="SimulatedNode"/>s, each with a connection of its own, until this is disposed.</summary>
public sealed class SimulatedNodes : IAsyncDisposable
{
    // More would time out in their handshakes while others have theirs.
    private const int JoinAtOnce = 50;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly CancellationTokenSource _stop = new();
    private readonly List<Task> _running = [];

    private SimulatedNodes()
    {
    }

    /// <summary>Joins nodes and waits until all have been welcome.</summary>
    /// <param name="ticket">To join with, any number of times.</param>
    /// <param name="work">What they make of tasks. Not set: everything succeeds at once.</param>
    public static async Task<SimulatedNodes> ConnectAsync(Ticket ticket, IEnumerable<string> ids, SimulatedWork? work = null)
    {
        ArgumentNullException.ThrowIfNull(ticket);
        var nodes = new SimulatedNodes();
        using var channel = ClusterChannel.Open(ClusterAccess.From(ticket), ticket.Addresses[0]);
        foreach (var some in ids.Index().Chunk(JoinAtOnce))
        {
            var joined = await Task.WhenAll(some.Select(n => SimulatedNode.JoinAsync(n.Item, ticket, channel, new Random(n.Index), work)));
            nodes._running.AddRange(joined.Select(n => n.RunAsync(nodes._stop.Token)));
            await Task.WhenAll(joined.Select(n => n.Welcomed)).WaitAsync(Patience, TimeProvider.System);
        }

        return nodes;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_running);
        _stop.Dispose();
    }
}
