namespace Artel.Core;

/// <summary>How a failed attempt is followed by others.</summary>
/// <param name="Retries">How many attempts may follow the first failed one.</param>
/// <param name="Backoff">Wait before the first retry.</param>
/// <param name="Factor">Each further wait is this many times longer, at least 1.</param>
/// <param name="MaxBackoff">No wait is longer.</param>
public sealed record RetryPolicy(int Retries, TimeSpan Backoff, double Factor, TimeSpan MaxBackoff)
{
    public static RetryPolicy Never { get; } = new(0, TimeSpan.FromSeconds(1), 2, TimeSpan.FromMinutes(5));

    /// <summary>Which part of a wait is left to chance, 0 to 1: at 0 it is exact, at 1 anything from nothing to the whole of it.</summary>
    public double Jitter { get; init; }

    /// <summary>Only an attempt that ended in one of these ways is followed by another. Null: in any way.</summary>
    public FailureSet? RetryOn { get; init; }

    /// <summary>An attempt that ended in one of these ways is not followed by another, whatever <see cref="RetryOn"/> says.</summary>
    public FailureSet? NoRetryOn { get; init; }

    /// <summary>The next attempt goes to another node than those the task failed on, while there is one that could run it.</summary>
    public bool AvoidSameNode { get; init; }

    /// <summary>
    /// The wait after the <paramref name="failures"/>th failure, from 1. What of it is chance follows from the task and the number of
    /// the attempt that failed: tasks that failed together do not come back together, and the same commands give the same waits.
    /// </summary>
    public TimeSpan WaitAfter(int failures, TaskId task, int attempt)
    {
        // The power of many failures is infinite: times no wait at all it would be no number.
        var wait = Backoff == TimeSpan.Zero ? 0 : Math.Min(Backoff.TotalSeconds * Math.Pow(Factor, failures - 1), MaxBackoff.TotalSeconds);
        return TimeSpan.FromSeconds(wait * (1 - (Jitter * SplitMix64.Fraction((ulong)task.Job.Value, (ulong)task.Number, (ulong)attempt))));
    }

    /// <summary>Why a failed attempt is not followed by another though retries are left; null where it is.</summary>
    public string? Refusal(AttemptResult result) =>
        NoRetryOn?.Contains(result) == true ? $"{FailureSet.NameOf(result)} is in no_retry_on"
        : RetryOn?.Contains(result) == false ? $"{FailureSet.NameOf(result)} is not in retry_on"
        : null;
}
