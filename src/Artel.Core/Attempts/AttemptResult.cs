using System.Globalization;

namespace Artel.Core;

/// <summary>How an attempt ended. Numbers as in the protocol.</summary>
public enum AttemptOutcome
{
    /// <summary>Exit status 0.</summary>
    Succeeded = 1,

    /// <summary>Another exit status.</summary>
    Failed = 2,
    Signalled = 3,
    TimedOut = 4,

    /// <summary>The process could not be started.</summary>
    NotStarted = 5,
    Cancelled = 6,

    /// <summary>Its node was lost.</summary>
    Lost = 7,

    /// <summary>It was ended to free its node; the task goes on elsewhere.</summary>
    Moved = 8,

    /// <summary>It took more memory than it may, or than there was.</summary>
    OutOfMemory = 9,
}

public static class OutcomeRules
{
    /// <summary>
    /// True if the attempt counts as failed. A cancelled attempt, or one that was moved off its node, does not.
    /// </summary>
    public static bool IsFailure(this AttemptOutcome outcome) =>
        outcome is not (AttemptOutcome.Succeeded or AttemptOutcome.Cancelled or AttemptOutcome.Moved);
}

/// <summary>What a node reports of an ended attempt.</summary>
/// <param name="Message">What went wrong, for people; empty where the status says it all.</param>
/// <param name="Started">By the node's clock; null where no process was started.</param>
public sealed record AttemptResult(
    AttemptOutcome Outcome,
    int ExitStatus,
    int Signal,
    string Message,
    DateTimeOffset? Started,
    Usage Usage,
    KeptOutput Stdout,
    KeptOutput Stderr)
{
    /// <summary>Exit status of a process that failed on a node which says no more than that.</summary>
    public const int UnknownExitStatus = int.MinValue;

    /// <summary>How it ended, in words: <c>exit status 2: …</c>.</summary>
    public string Describe()
    {
        var what = Outcome switch
        {
            AttemptOutcome.Failed when ExitStatus == UnknownExitStatus => "ended badly",
            AttemptOutcome.Failed => string.Create(CultureInfo.InvariantCulture, $"exit status {ExitStatus}"),
            AttemptOutcome.Signalled => string.Create(CultureInfo.InvariantCulture, $"ended by signal {Signal}"),
            AttemptOutcome.TimedOut => "timed out",
            AttemptOutcome.NotStarted => "could not be started",
            AttemptOutcome.OutOfMemory => "out of memory",
            _ => Outcome.ToString(),
        };
        return Message.Length > 0 ? $"{what}: {Message}" : what;
    }
}

/// <param name="Wall">From start to end of the process.</param>
/// <param name="PeakMemoryBytes">Most that its processes had together; 0 where not known.</param>
public readonly record struct Usage(TimeSpan Wall, TimeSpan User, TimeSpan System, long PeakMemoryBytes);

/// <summary>Where the kept output of one stream of an attempt is. Opaque to the rules.</summary>
/// <param name="Length">Bytes kept.</param>
/// <param name="Written">Bytes the process wrote; more than <paramref name="Length"/> where they were cut.</param>
/// <param name="Segment">Segment of the job's output that holds it, from 1; 0 where <paramref name="Inline"/> does, or where there is none.</param>
/// <param name="Offset">Of the record within its segment.</param>
/// <param name="Inline">Short output, kept beside the result.</param>
public sealed record KeptOutput(long Length, long Written, int Segment, long Offset, ReadOnlyMemory<byte> Inline)
{
    public static KeptOutput Empty { get; } = new(0, 0, 0, 0, default);
}
