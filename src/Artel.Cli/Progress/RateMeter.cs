namespace Artel.Cli.Progress;

/// <summary>
/// How fast a count grows while something is at work, over about the last ten seconds of work. Time in which nothing
/// runs does not count: a rate that is measured over a pause says nothing about what is left. If few things end, it
/// looks further back, so that long tasks have a rate too.
/// </summary>
internal sealed class RateMeter(TimeProvider clock)
{
    /// <summary>The rate is based on at least this many ends, once there are that many.</summary>
    private const long EnoughEnds = 4;

    private static readonly TimeSpan Window = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Grain = TimeSpan.FromMilliseconds(250);

    /// <summary>The count at times of work. Of a time in which it did not grow only the two ends are kept.</summary>
    private readonly List<(TimeSpan Worked, long Count)> _samples = [];
    private TimeSpan _worked;
    private long? _busySince;
    private long _count;

    /// <param name="isBusy">Something is at work now.</param>
    public void Add(long count, bool isBusy = true)
    {
        var now = clock.GetTimestamp();
        _worked = Worked(now);
        _busySince = isBusy ? now : null;

        // A retry has taken ends back: those before it say nothing about what follows.
        if (count < _count)
            _samples.Clear();

        _count = count;
        if (_samples.Count == 0 || _worked - _samples[^1].Worked >= Grain)
        {
            if (_samples.Count >= 2 && _samples[^1].Count == count && _samples[^2].Count == count)
                _samples[^1] = (_worked, count);
            else
                _samples.Add((_worked, count));
        }

        while (_samples.Count > 2 && _worked - _samples[1].Worked >= Window && count - _samples[1].Count >= EnoughEnds)
            _samples.RemoveAt(0);
    }

    /// <summary>Per second; 0 while there is too little to tell, or nothing runs.</summary>
    public double PerSecond
    {
        get
        {
            if (_samples.Count == 0 || _busySince is null)
                return 0;

            var first = _samples[0];
            // To now, not to the last sample: a count that has stopped growing slows down.
            var seconds = (Worked(clock.GetTimestamp()) - first.Worked).TotalSeconds;
            return seconds <= 0 ? 0 : Math.Max(0, (_count - first.Count) / seconds);
        }
    }

    /// <summary>How long that many more take at this rate; null if it cannot be estimated.</summary>
    public TimeSpan? TimeFor(long more)
    {
        var rate = PerSecond;
        var seconds = rate <= 0 ? double.PositiveInfinity : more / rate;
        return seconds < TimeSpan.FromDays(365).TotalSeconds ? TimeSpan.FromSeconds(seconds) : null;
    }

    private TimeSpan Worked(long now) => _busySince is { } since ? _worked + clock.GetElapsedTime(since, now) : _worked;
}
