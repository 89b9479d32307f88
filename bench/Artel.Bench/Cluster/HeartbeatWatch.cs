using Artel.Protocol.V1;

namespace Artel.Bench.Cluster;

/// <summary>Asks a server again and again when it last heard its nodes, on a connection of its own, and keeps the longest silence.</summary>
internal sealed class HeartbeatWatch : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    // The server counts from now each time that it is asked: the same moment differs by the grain of two clocks.
    private static readonly TimeSpan Same = TimeSpan.FromMilliseconds(5);

    private readonly CancellationTokenSource _stop = new();
    private readonly Dictionary<string, DateTimeOffset> _heard = [];
    private Task _watching = Task.CompletedTask;

    private HeartbeatWatch()
    {
    }

    /// <summary>Longest time between two messages of a node, one after the other, as the server heard them.</summary>
    public TimeSpan LongestSilence { get; private set; }

    /// <summary>Longest time in which the server gave no answer to this watch.</summary>
    public TimeSpan SlowestAnswer { get; private set; }

    public static HeartbeatWatch Start(BenchCluster cluster)
    {
        var watch = new HeartbeatWatch();
        watch._watching = Task.Run(() => watch.WatchAsync(cluster));
        return watch;
    }

    /// <summary>Ends it; what it has found stays.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _watching;
        _stop.Dispose();
    }

    private async Task WatchAsync(BenchCluster cluster)
    {
        using var channel = cluster.Connect();
        var client = cluster.ClientOf(channel);
        while (!_stop.IsCancellationRequested)
        {
            var asked = TimeProvider.System.GetTimestamp();
            var nodes = (await client.ListNodesAsync(new ListNodesRequest())).Nodes;
            var answered = TimeProvider.System.GetElapsedTime(asked);
            SlowestAnswer = answered > SlowestAnswer ? answered : SlowestAnswer;
            foreach (var node in nodes)
            {
                Note(node.Id, node.LastHeartbeat.ToDateTimeOffset());
            }

            await Task.Delay(Pause, TimeProvider.System, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void Note(string node, DateTimeOffset heard)
    {
        if (_heard.TryGetValue(node, out var before) && heard - before < Same)
        {
            return;
        }

        if (before != default && heard - before > LongestSilence)
        {
            LongestSilence = heard - before;
        }

        _heard[node] = heard;
    }
}
