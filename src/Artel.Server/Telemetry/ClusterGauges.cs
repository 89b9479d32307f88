using Artel.Core;
using Artel.Server.Loop;

namespace Artel.Server.Telemetry;

/// <summary>The last look at the cluster, for instruments that are read where nobody can wait. Any thread.</summary>
internal sealed class ClusterGauges(ClusterLoop loop, TimeProvider time)
{
    /// <summary>A loop that is busy for longer, with a slow disk for example, is not waited for.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private volatile ClusterFigures _last = ClusterFigures.None;

    public ClusterFigures Last => _last;

    /// <summary>Looks again. Where the loop does not answer, the last look stands.</summary>
    public async Task RefreshAsync(CancellationToken cancellation)
    {
        try
        {
            _last = await loop.AskAsync((state, _) => state.Figures(), cancellation).WaitAsync(Patience, time, cancellation);
        }
        catch (Exception e) when (e is TimeoutException or LoopStoppedException)
        {
            // Counters and histograms are worth reading all the same.
            return;
        }
    }
}
