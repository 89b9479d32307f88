using System.Collections.Immutable;

namespace Artel.Core;

/// <summary>What an ended attempt reserved on its node, for whom, and for how long.</summary>
/// <param name="Tags">Of its task, in order.</param>
/// <param name="Time">How long its process held what it asked for. Never negative, never longer than since its grant.</param>
public readonly record struct AttemptHolding(string User, Needs Needs, ImmutableArray<string> Tags, TimeSpan Time)
{
    public static AttemptHolding None { get; } = new("", Needs.None, [], TimeSpan.Zero);

    /// <summary>
    /// The holding of an attempt that ends now. The node measures how long a process ran. Of one that its node never reported, the time counts
    /// until it was given up, since nothing else could use what it held: from its start, or from its grant if an earlier run of the server
    /// knew the start.
    /// </summary>
    /// <param name="mayHaveStarted">True if a process may exist that was not reported.</param>
    internal static AttemptHolding Of(Attempt attempt, AttemptResult result, bool mayHaveStarted, DateTimeOffset now)
    {
        var granted = Max(now - attempt.Grant.At, TimeSpan.Zero);
        var measured = result.Started is not null || result.Usage.Wall != TimeSpan.Zero;
        var ran = measured ? result.Usage.Wall
            : !mayHaveStarted || result.Outcome == AttemptOutcome.NotStarted ? TimeSpan.Zero
            : now - (attempt.Started ?? attempt.Grant.At);
        var spec = attempt.Spec;
        return new AttemptHolding(attempt.Template.Job.Spec.User, spec.Needs, spec.Tags, Min(Max(ran, TimeSpan.Zero), granted));
    }

    private static TimeSpan Max(TimeSpan a, TimeSpan b) => a > b ? a : b;

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;
}
