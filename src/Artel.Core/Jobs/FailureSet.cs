using System.Collections.Immutable;
using System.Globalization;

namespace Artel.Core;

/// <summary>Ways in which an attempt fails.</summary>
/// <param name="Statuses">Exit statuses. A process that signal n ended counts as 128+n too, as a shell would say it; one that was out of memory as 137.</param>
/// <param name="Outcomes">Of Signalled, TimedOut, NotStarted and OutOfMemory.</param>
public sealed record FailureSet(ImmutableArray<StatusRange> Statuses, ImmutableArray<AttemptOutcome> Outcomes)
{
    private const int FirstOfSignals = 128;
    private const int Kill = 9;

    /// <summary>Whether a failed attempt ended in one of these ways.</summary>
    public bool Contains(AttemptResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        return Outcomes.Contains(result.Outcome) || result.Outcome switch
        {
            AttemptOutcome.Failed => HasStatus(result.ExitStatus),
            AttemptOutcome.Signalled => HasStatus(FirstOfSignals + result.Signal),
            AttemptOutcome.OutOfMemory => HasStatus(FirstOfSignals + Kill),
            _ => false,
        };
    }

    /// <summary>The way in which a failed attempt ended, in the words of a map: <c>exit status 2</c>, <c>signal 9</c>, <c>timeout</c>.</summary>
    public static string NameOf(AttemptResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        return result.Outcome switch
        {
            AttemptOutcome.Signalled => string.Create(CultureInfo.InvariantCulture, $"signal {result.Signal}"),
            AttemptOutcome.TimedOut => "timeout",
            AttemptOutcome.NotStarted => "not-started",
            AttemptOutcome.OutOfMemory => "out-of-memory",
            _ => string.Create(CultureInfo.InvariantCulture, $"exit status {result.ExitStatus}"),
        };
    }

    private bool HasStatus(int status)
    {
        foreach (var range in Statuses)
        {
            if (range.First <= status && status <= range.Last)
            {
                return true;
            }
        }

        return false;
    }
}

/// <summary>Exit statuses, both ends included.</summary>
public readonly record struct StatusRange(int First, int Last);
