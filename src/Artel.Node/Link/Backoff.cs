namespace Artel.Node.Link;

/// <summary>
/// Waits before tries to reconnect: exponential with full jitter, so that a thousand nodes that lost their server together do not
/// come back together.
/// </summary>
internal sealed class Backoff(TimeSpan first, TimeSpan longest, Random random)
{
    private int _tries;

    public TimeSpan Next()
    {
        var ceiling = Math.Min(longest.TotalMilliseconds, first.TotalMilliseconds * Math.Pow(2, Math.Min(_tries, 30)));
        _tries++;
        return TimeSpan.FromMilliseconds(random.NextDouble() * ceiling);
    }

    public void Reset() => _tries = 0;
}
