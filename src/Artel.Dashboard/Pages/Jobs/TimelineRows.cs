using Artel.Dashboard.Parts;
using Artel.Protocol.V1;

namespace Artel.Dashboard.Pages.Jobs;

/// <summary>One of the places of a node where attempts ran one after the other.</summary>
/// <param name="Slot">From 0.</param>
internal readonly record struct TimelineRow(string Node, int Slot);

/// <summary>An attempt as a bar, in milliseconds since 1970.</summary>
internal readonly record struct TimelineBar(int Row, double Start, double End, TimedAttempt Attempt);

/// <summary>Attempts laid into rows so that none covers another: those of a node one below the other, each in the first of its rows that is free.</summary>
/// <param name="Rows">By node, as people count (node 2 before node 10).</param>
internal sealed record TimelineRows(IReadOnlyList<TimelineRow> Rows, IReadOnlyList<TimelineBar> Bars)
{
    /// <param name="now">Where bars of running attempts end.</param>
    public static TimelineRows Of(IEnumerable<TimedAttempt> attempts, DateTimeOffset now)
    {
        var rows = new List<TimelineRow>();
        var bars = new List<TimelineBar>();
        foreach (var node in attempts.GroupBy(a => a.Node).OrderBy(g => Naturally.Key(g.Key), StringComparer.Ordinal))
        {
            var first = rows.Count;
            var free = new List<double>();
            var timed = node.Select(a => (Attempt: a, Times: TimesOf(a, now))).OrderBy(a => a.Times.Start).ThenBy(a => a.Attempt.Task).ThenBy(a => a.Attempt.Number);
            foreach (var (attempt, (start, end)) in timed)
            {
                var slot = free.FindIndex(at => at <= start);
                if (slot < 0)
                {
                    slot = free.Count;
                    free.Add(0);
                    rows.Add(new TimelineRow(node.Key, slot));
                }

                free[slot] = end;
                bars.Add(new TimelineBar(first + slot, start, end, attempt));
            }
        }

        return new TimelineRows(rows, bars);
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
