using Artel.Dashboard.Parts;
using Artel.Protocol.V1;

namespace Artel.Dashboard.Pages.Jobs;

/// <summary>One of the places of a node where attempts ran one after the other.</summary>
/// <param name="Slot">From 0.</param>
internal readonly record struct TimelineRow(string Node, int Slot);

/// <summary>An attempt as a bar, in milliseconds since 1970.</summary>
internal readonly record struct TimelineBar(int Row, double Start, double End, TimedAttempt Attempt);

/// <summary>
/// Attempts laid into rows so that none covers another: those of a node one below the other, each in the first of its
/// rows that is free. Starts are read from one clock and durations are measured by another: an attempt that begins a
/// moment before the one before it has ended follows it in its row, so that a node has no more rows than it ran
/// attempts at once.
/// </summary>
/// <param name="Rows">By node, as people count (node 2 before node 10).</param>
internal sealed record TimelineRows(IReadOnlyList<TimelineRow> Rows, IReadOnlyList<TimelineBar> Bars)
{
    /// <summary>As far as the two clocks may be apart, in milliseconds.</summary>
    private const double Late = 2;

    /// <param name="now">Where bars of running attempts end.</param>
    public static TimelineRows Of(IEnumerable<TimedAttempt> attempts, DateTimeOffset now)
    {
        var rows = new List<TimelineRow>();
        var bars = new List<TimelineBar>();
        foreach (var node in attempts.GroupBy(a => a.Node).OrderBy(g => Naturally.Key(g.Key), StringComparer.Ordinal))
        {
            var first = rows.Count;
            var free = new List<(double At, int Bar)>();
            var timed = node.Select(a => (Attempt: a, Times: TimesOf(a, now))).OrderBy(a => a.Times.Start).ThenBy(a => a.Attempt.Task).ThenBy(a => a.Attempt.Number);
            foreach (var (attempt, (start, end)) in timed)
            {
                var slot = SlotFor(start, free, bars);
                if (slot < 0)
                {
                    slot = free.Count;
                    free.Add(default);
                    rows.Add(new TimelineRow(node.Key, slot));
                }
                else if (bars[free[slot].Bar] is var before && before.End > start)
                {
                    bars[free[slot].Bar] = before with { End = start };
                }

                free[slot] = (end, bars.Count);
                bars.Add(new TimelineBar(first + slot, start, end, attempt));
            }
        }

        return new TimelineRows(rows, bars);
    }

    /// <summary>
    /// The first free row; otherwise the one whose attempt ends first, if that is within the moment by which clocks
    /// differ. -1 if there is none.
    /// </summary>
    private static int SlotFor(double start, List<(double At, int Bar)> free, List<TimelineBar> bars)
    {
        var slot = free.FindIndex(f => f.At <= start);
        if (slot >= 0 || free.Count == 0)
        {
            return slot;
        }

        var soonest = free.Select((f, i) => (f.At, Slot: i)).Min();
        var bar = bars[free[soonest.Slot].Bar];
        return soonest.At - start <= Late && bar.Attempt.Ended is not null && bar.Start < start ? soonest.Slot : -1;
    }

    /// <summary>One that was never started is a moment: the one in which that was known.</summary>
    private static (double Start, double End) TimesOf(TimedAttempt attempt, DateTimeOffset now)
    {
        var end = Milliseconds(attempt.Ended?.ToDateTimeOffset() ?? now);
        var start = attempt.Started is { } started ? Milliseconds(started.ToDateTimeOffset()) : end;
        return (start, Math.Max(start, end));
    }

    private static double Milliseconds(DateTimeOffset time) => time.ToUnixTimeMilliseconds();
}
