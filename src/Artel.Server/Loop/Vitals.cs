using Artel.Server.Telemetry;

namespace Artel.Server.Loop;

/// <summary>What the server counts about itself since its start. Any thread.</summary>
internal sealed class Vitals
{
    private static readonly double[] Moments = [0.0001, 0.0003, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5];

    private long _staleMessages;
    private long _lateHeartbeats;
    private long _longestTurnTicks;

    /// <summary>Starts, results and leases that nodes told of and that were refused, because the lease did not hold any more.</summary>
    public long StaleMessages => Interlocked.Read(ref _staleMessages);

    /// <summary>Heartbeats that came more than half a period late.</summary>
    public long LateHeartbeats => Interlocked.Read(ref _lateHeartbeats);

    /// <summary>The longest that <see cref="ClusterLoop"/> was busy with one batch, in which nothing else could be decided.</summary>
    public TimeSpan LongestTurn => new(Interlocked.Read(ref _longestTurnTicks));

    /// <summary>How long <see cref="ClusterLoop"/> was busy, each time.</summary>
    public Tally Turns { get; } = new(Moments);

    /// <summary>How late <see cref="ClusterLoop"/> looked at the clock.</summary>
    public Tally Lags { get; } = new(Moments);

    /// <summary>How long output and rows of one batch took to be on disk.</summary>
    public Tally Commits { get; } = new(Moments);

    /// <summary>Changes of one batch.</summary>
    public Tally CommitSizes { get; } = new(1, 3, 10, 30, 100, 300, 1_000, 3_000, 10_000, 30_000);

    /// <summary>How long nodes took to start processes.</summary>
    public Tally Spawns { get; } = new(Moments);

    public void CountStale(int messages) => Interlocked.Add(ref _staleMessages, messages);

    public void CountLateHeartbeat() => Interlocked.Increment(ref _lateHeartbeats);

    /// <summary>By the loop only.</summary>
    public void NoteTurn(TimeSpan turn)
    {
        Turns.Add(turn);
        if (turn.Ticks > Interlocked.Read(ref _longestTurnTicks))
        {
            Interlocked.Exchange(ref _longestTurnTicks, turn.Ticks);
        }
    }

    public void NoteCommit(TimeSpan took, int changes)
    {
        Commits.Add(took);
        CommitSizes.Add(changes);
    }
}
