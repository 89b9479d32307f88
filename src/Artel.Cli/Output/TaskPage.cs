using Artel.Protocol.V1;
using Spectre.Console;

namespace Artel.Cli.Output;

/// <summary>What <c>artel show JOB.TASK</c> shows.</summary>
internal static class TaskPage
{
    /// <param name="lastLines">Of the error stream of the last attempt.</param>
    public static void Print(WireTask task, IReadOnlyList<string> lastLines, Terminal terminal, DateTimeOffset now)
    {
        new Facts()
            .Add("task", JobText.TaskId(task) + (task.Name.Length == 0 ? "" : $"  {task.Name}"))
            .Add("index", task.HasIndex ? FormattableString.Invariant($"{task.Index}") : "")
            .Add("runs", JobText.Command(task))
            .Add("state", StateWords.Of(task.State), StateColors.Of(task.State))
            .Add("because", task.Reason)
            .Add("limits", DeathText.Limits(task, null))
            .Add("assigned to", task.AssignedNode)
            .Add("retry", Retry(task, now))
            .Add("avoids", task.AvoidedNodes.Count == 0 ? "" : $"{(task.AvoidedNodes.Count == 1 ? "node" : "nodes")} {string.Join(", ", task.AvoidedNodes)}, while another could run it")
            .Add("output", task.Hidden ? JobText.Hidden : FormattableString.Invariant($"out{task.OutputNumber}.txt, ouMis{task.OutputNumber}.txt: artel logs {JobText.TaskId(task)}"))
            .Print(terminal.Out);
        if (task.Attempts.Count == 0)
            return;

        terminal.Out.WriteLine();
        var listing = new Listing().Column("attempt", right: true).Column("node").Column("started").Column("took", right: true)
            .Column("cpu", right: true, minor: 2).Column("memory", right: true, minor: 1)
            .Column("stdout", right: true, minor: 3).Column("stderr", right: true, minor: 3)
            .Column("outcome", wrap: true);
        foreach (var attempt in task.Attempts)
        {
            listing.Row(
                FormattableString.Invariant($"{attempt.Number}"),
                attempt.Node,
                attempt.Started is null ? "" : Words.Moment(attempt.Started.ToDateTimeOffset()),
                Outcomes.Wall(attempt) is { } wall ? Words.Duration(wall) : "",
                attempt.Usage is { User: not null, System: not null } u ? Words.Duration(u.User.ToTimeSpan() + u.System.ToTimeSpan()) : "",
                attempt.Usage is { PeakMemoryBytes: > 0 } m ? Words.Size(m.PeakMemoryBytes) : "",
                OfOutput(attempt.Stdout),
                OfOutput(attempt.Stderr),
                Outcomes.Explain(attempt, task));
        }

        listing.Print(terminal.Out);
        if (lastLines.Count == 0)
            return;

        terminal.Out.WriteLine();
        terminal.Out.WriteLine($"The last lines of its error stream (all: artel logs {JobText.TaskId(task)} --stderr):");
        foreach (var line in lastLines)
            terminal.Out.WriteLine($"| {line}");
    }

    /// <summary>Which retry comes next, or runs, of how many, and when.</summary>
    private static string Retry(WireTask task, DateTimeOffset now)
    {
        if (task.Failures == 0)
            return "";

        var which = FormattableString.Invariant($"{task.Failures} of {task.Retries}");
        return task.NotBefore?.ToDateTimeOffset() is { } time && time > now ? $"{which}, in {Words.Duration(time - now)} ({Words.Moment(time)})" : which;
    }

    private static string OfOutput(OutputInfo? info) => info switch
    {
        null => "",
        _ when OutputCut.IsCut(info) => $"cut: {Words.Size(info.Length)} of {Words.Size(info.Written)}",
        _ => Words.Size(info.Length),
    };
}
