namespace Artel.Server.Loop;

/// <summary>What the server counts about itself since its start. Any thread.</summary>
internal sealed class Vitals
{
    private long _staleMessages;
    private long _longestTurnTicks;

    /// <summary>Starts, results and leases that nodes told of and that were refused, because the lease did not hold any more.</summary>
    public long StaleMessages => Interlocked.Read(ref _staleMessages);

    /// <summary>The longest that <see cref="ClusterLoop"/> was busy with one batch, in which nothing else could be decided.</summary>
    public TimeSpan LongestTurn => new(Interlocked.Read(ref _longestTurnTicks));

    public void CountStale(int messages) => Interlocked.Add(ref _staleMessages, messages);

    /// <summary>By the loop only.</summary>
    public void NoteTurn(TimeSpan turn)
    {
        if (turn.Ticks > Interlocked.Read(ref _longestTurnTicks))
        {
            Interlocked.Exchange(ref _longestTurnTicks, turn.Ticks);
        }
    }
}
