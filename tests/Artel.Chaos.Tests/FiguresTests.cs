using Artel.Chaos.History;

namespace Artel.Chaos.Tests;

public class FiguresTests
{
    private readonly Past _past = new();

    [Fact]
    public void What_was_done_is_counted()
    {
        _past.Runs.Add(new ProcessRun(Past.Second, 3, "4", "run-6", 0, Start: 9, Overlapped: true, End: 11));

        var figures = Figures.Of(_past.Records);

        Assert.Equal(
            new Figures(
                Jobs: 1, Unanswered: 0, Tasks: 3, Exclusive: 1, Attempts: 5, Runs: 6, Killed: 1, RanAgain: 1, SideBySide: 1, Accepted: 3,
                GivenUp: 1, LongestStuck: 4, StuckTask: "7.1"),
            figures);
    }

    [Fact]
    public void A_task_that_waits_for_another_is_not_stuck()
    {
        _past.Run("run-2", r => r with { Start = 1.5, End = 6.5 });
        Assert.Equal("7.3", Figures.Of(_past.Records).StuckTask);
    }

    [Fact]
    public void The_lines_of_a_task_are_read()
    {
        string[] lines = ["start 1 1 a 1.5 20", "overlap 2 3 b 2.25 20", "end 2 3 b 3.5 7"];
        Assert.Equal(
            [
                new ProcessRun(new TaskKey(12, 3), 1, "1", "a", 20, 1.5, Overlapped: false),
                new ProcessRun(new TaskKey(12, 3), 2, "3", "b", 20, 2.25, Overlapped: true, End: 3.5, Status: 7),
            ],
            RunLog.Parse("12.3", lines));
    }
}
