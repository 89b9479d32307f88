using Spectre.Console;

namespace Artel.Cli.Output;

/// <summary>Tasks with how they went: one line each.</summary>
internal static class TaskTable
{
    private const int TitleLength = 60;

    public static void Print(IEnumerable<WireTask> tasks, IAnsiConsole console)
    {
        var listing = new Listing().Column("task", right: true).Column("what", wrap: true).Column("node").Column("state")
            .Column("attempts", right: true).Column("exit", right: true).Column("took", right: true);
        foreach (var task in tasks)
        {
            var last = JobText.LastAttempt(task);
            listing.Row(
                FormattableString.Invariant($"{task.Number}"),
                Words.Cut(JobText.Title(task), TitleLength),
                JobText.NodeOf(task),
                new Cell(StateWords.Of(task.State), StateColors.Of(task.State)),
                task.AttemptCount == 0 ? "" : Words.Count(task.AttemptCount),
                Outcomes.Exit(last),
                Outcomes.Wall(last) is { } wall ? Words.Duration(wall) : "");
        }

        listing.Print(console);
    }
}
