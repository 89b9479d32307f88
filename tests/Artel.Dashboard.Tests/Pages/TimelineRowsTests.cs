using Artel.Dashboard.Pages.Jobs;
using Artel.Protocol.V1;
using Google.Protobuf.WellKnownTypes;

namespace Artel.Dashboard.Tests.Pages;

/// <summary>Attempts laid into rows.</summary>
public sealed class TimelineRowsTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void One_after_the_other_share_a_row_and_two_at_once_do_not()
    {
        var rows = TimelineRows.Of([Ran("1", 1, 0, 10), Ran("1", 2, 10, 20), Ran("1", 3, 5, 15)], Start.AddSeconds(20));

        Assert.Equal(2, rows.Rows.Count);
        Assert.Equal(rows.Bars.Single(b => b.Attempt.Task == 1).Row, rows.Bars.Single(b => b.Attempt.Task == 2).Row);
        Assert.NotEqual(rows.Bars.Single(b => b.Attempt.Task == 1).Row, rows.Bars.Single(b => b.Attempt.Task == 3).Row);
    }

    [Fact]
    public void No_bar_covers_another()
    {
        var attempts = Enumerable.Range(0, 500).Select(i => Ran($"{i % 7}", i + 1, (i * 37) % 101, ((i * 37) % 101) + 1 + ((i * 13) % 17)));

        var rows = TimelineRows.Of(attempts, Start.AddSeconds(200));

        Assert.Equal(500, rows.Bars.Count);
        foreach (var row in rows.Bars.GroupBy(b => b.Row))
        {
            var inOrder = row.OrderBy(b => b.Start).ToList();
            Assert.All(inOrder.Zip(inOrder.Skip(1)), pair => Assert.True(pair.First.End <= pair.Second.Start));
        }
    }

    [Fact]
    public void Clocks_that_differ_by_a_millisecond_make_no_row_that_the_node_has_not()
    {
        var attempts = Enumerable.Range(0, 100).Select(i => Ran("1", i + 1, i, i + 1)).ToList();
        foreach (var attempt in attempts)
        {
            attempt.Ended = (attempt.Ended.ToDateTimeOffset() + TimeSpan.FromMilliseconds(1.5)).ToTimestamp();
        }

        var rows = TimelineRows.Of(attempts, Start.AddSeconds(200));

        Assert.Single(rows.Rows);
        Assert.All(rows.Bars.Zip(rows.Bars.Skip(1)), pair => Assert.True(pair.First.End <= pair.Second.Start));
    }

    [Fact]
    public void Nodes_come_as_people_count_and_what_runs_reaches_to_now()
    {
        var running = Ran("node10", 1, 0, 1);
        running.Ended = null;

        var rows = TimelineRows.Of([running, Ran("node2", 2, 0, 1)], Start.AddSeconds(60));

        Assert.Equal(["node2", "node10"], rows.Rows.Select(r => r.Node));
        Assert.Equal(Start.AddSeconds(60).ToUnixTimeMilliseconds(), rows.Bars.Single(b => b.Attempt.Task == 1).End);
    }

    private static TimedAttempt Ran(string node, int task, int from, int to) => new()
    {
        Job = 1,
        Task = task,
        Number = 1,
        Node = node,
        Started = Start.AddSeconds(from).ToTimestamp(),
        Ended = Start.AddSeconds(to).ToTimestamp(),
        Outcome = AttemptOutcome.Succeeded,
    };
}
