namespace Artel.Cli.Progress;

/// <summary>How fast a count grows, over about the last ten seconds, so that what happened long ago does not count.</summary>
internal sealed class RateMeter(TimeProvider clock)
{
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Grain = TimeSpan.FromMilliseconds(250);

    private readonly Queue<(long Time, long Count)> _samples = new();
    private (long Time, long Count) _last;

    public void Add(long count)
    {
        var now = clock.GetTimestamp();
        if (_samples.Count == 0 || clock.GetElapsedTime(_last.Time, now) >= Grain)
        {
            _last = (now, count);
            _samples.Enqueue(_last);
        }

        while (_samples.Count > 2 && clock.GetElapsedTime(_samples.Peek().Time, now) > Window)
            _samples.Dequeue();
    }

    /// <summary>Per second; 0 while there is too little to tell.</summary>
    public double PerSecond
    {
        get
        {
            if (_samples.Count < 2)
                return 0;

            var first = _samples.Peek();
            // To now, not to the last sample: a count that has stopped growing slows down.
            var seconds = clock.GetElapsedTime(first.Time).TotalSeconds;
            return seconds <= 0 ? 0 : Math.Max(0, (_last.Count - first.Count) / seconds);
        }
    }

    /// <summary>Until so many more are done at this rate; null where that can not be said.</summary>
    public TimeSpan? TimeFor(long more)
    {
        var rate = PerSecond;
        var seconds = rate <= 0 ? double.PositiveInfinity : more / rate;
        return seconds < TimeSpan.FromDays(365).TotalSeconds ? TimeSpan.FromSeconds(seconds) : null;
    }
}
