using Artel.Core;
using Artel.Server.Loop;

namespace Artel.Server.History;

/// <summary>Takes the samples, until it is stopped. What has passed while it could not is unknown, and no sample says anything of it.</summary>
internal sealed class LoadSampler(
    ClusterLoop loop, ClusterHistory cluster, NodeHistories nodes, HistoryFile file, TimeProvider time)
{
    private static readonly int WrittenEvery = (int)(TimeSpan.FromMinutes(1) / ClusterHistory.Period);
    private static readonly int NodesEvery = (int)(NodeHistories.Period / ClusterHistory.Period);

    // They outlive a failure of this part, which is started again then.
    private bool _isRead;
    private ClusterLoad _before;

    public async Task RunAsync(CancellationToken stopping)
    {
        if (!_isRead)
        {
            file.Read(cluster);
            _isRead = true;
        }

        using var timer = new PeriodicTimer(ClusterHistory.Period, time);
        var since = time.GetTimestamp();
        try
        {
            for (var round = 1; await timer.WaitForNextTickAsync(stopping); round++)
            {
                var load = await loop.AskAsync((state, _) => state.Measure(), stopping);
                var now = time.GetTimestamp();
                cluster.Add(new LoadSample(
                    time.GetUtcNow(), time.GetElapsedTime(since, now), load.Used, load.Total, load.Running, load.Ready,
                    load.Succeeded - _before.Succeeded, load.Failed - _before.Failed, load.NodesConnected));
                (_before, since) = (load, now);
                if (round % WrittenEvery == 0)
                {
                    file.Write(cluster);
                }

                if (round % NodesEvery == 0)
                {
                    var (loads, known) = await loop.AskAsync((state, _) => (state.MeasureNodes(), state.Nodes.ToHashSet()), stopping);
                    nodes.Add(time.GetUtcNow(), loads, known);
                }
            }
        }
        catch (Exception e) when (stopping.IsCancellationRequested && e is OperationCanceledException or LoopStoppedException)
        {
            // The loop's own end is told by the loop.
        }
        finally
        {
            file.Write(cluster);
        }
    }
}
