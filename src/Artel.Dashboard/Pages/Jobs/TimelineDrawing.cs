using Artel.Protocol.Text;
using Artel.Protocol.V1;

namespace Artel.Dashboard.Pages.Jobs;

/// <summary>A timeline as <c>timeline.js</c> draws it: only the rows that are in sight.</summary>
internal static class TimelineDrawing
{
    /// <param name="all">The time of the job.</param>
    /// <param name="window">The part of it that is seen; null: all.</param>
    public static object Of(TimelineRows rows, int first, int count, (double First, double Last) all, (double First, double Last)? window) => new
    {
        rows = rows.Rows.Skip(first).Take(count).Select((row, i) => row.Slot == 0 || i == 0 ? row.Node : ""),
        bars = rows.Bars.Where(b => b.Row >= first && b.Row < first + count).Select(b => new object[]
        {
            b.Row - first, b.Start, b.End, Kind(b.Attempt), b.Attempt.Number, b.Attempt.Task, $"{b.Attempt.Node}: {Words(b)}",
        }),
        from = all.First,
        to = all.Last,
        seen = window is { } w ? new[] { w.First, w.Last } : [all.First, all.Last],
    };

    /// <summary>What is told apart by colour and pattern.</summary>
    public static string Kind(TimedAttempt attempt) => attempt.Outcome switch
    {
        AttemptOutcome.Unspecified => "running",
        AttemptOutcome.Succeeded => "succeeded",
        AttemptOutcome.Lost or AttemptOutcome.Moved => "lost",
        AttemptOutcome.Cancelled => "cancelled",
        _ => "failed",
    };

    private static string Words(TimelineBar bar) => $"{How(bar.Attempt)}, {Protocol.Text.Words.Duration(TimeSpan.FromMilliseconds(bar.End - bar.Start))}";

    private static string How(TimedAttempt attempt) => attempt.Outcome == AttemptOutcome.Unspecified
        ? "running"
        : Outcomes.Describe(new Attempt { Outcome = attempt.Outcome, ExitStatus = attempt.ExitStatus, Signal = attempt.Signal });
}
