namespace Artel.Core;

/// <summary>How a failed attempt is followed by others.</summary>
/// <param name="Retries">How many attempts may follow the first failed one.</param>
/// <param name="Backoff">Wait before the first retry.</param>
/// <param name="Factor">Each further wait is this many times longer, at least 1.</param>
/// <param name="MaxBackoff">No wait is longer.</param>
public sealed record RetryPolicy(int Retries, TimeSpan Backoff, double Factor, TimeSpan MaxBackoff)
{
    public static RetryPolicy Never { get; } = new(0, TimeSpan.FromSeconds(1), 2, TimeSpan.FromMinutes(5));

    /// <summary>The wait after the <paramref name="failures"/>th failure, from 1.</summary>
    public TimeSpan WaitAfter(int failures)
    {
        var wait = Backoff.TotalSeconds * Math.Pow(Factor, failures - 1);
        return wait >= MaxBackoff.TotalSeconds ? MaxBackoff : TimeSpan.FromSeconds(wait);
    }
}
