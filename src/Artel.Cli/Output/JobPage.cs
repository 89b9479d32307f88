using Artel.Protocol.V1;
using Google.Protobuf.Collections;
using Spectre.Console;

namespace Artel.Cli.Output;

/// <summary>What <c>artel show JOB</c> shows.</summary>
internal static class JobPage
{
    private const int MaxNodes = 20;

    /// <param name="shown">What was asked for, as one would type it after the command.</param>
    public static void Print(Job job, IReadOnlyList<WireTask> tasks, bool more, string shown, Terminal terminal, DateTimeOffset now)
    {
        new Facts()
            .Add("job", FormattableString.Invariant($"{job.Id}  {job.Name}"))
            .Add("state", StateWords.Of(job.State) + (JobText.IsHeld(job) ? ", held: 'artel release' lets it start" : ""), StateColors.Of(job.State))
            .Add("tasks", JobText.Counts(job.Counts))
            .Add("submitted", job.Submitted is null ? "" : $"{Words.Moment(job.Submitted.ToDateTimeOffset())} by {job.User}")
            .Add("took", JobText.Took(job, now))
            .Add("priority", job.Priority == 0 ? "" : FormattableString.Invariant($"{job.Priority}"))
            .Add("changed", string.Join("; ", job.Changes))
            .Print(terminal.Out);

        foreach (var line in job.Attention)
            terminal.Out.WriteLine(Terminal.Plain($"! {line}"), new Style(Color.Yellow));

        if (job.Nodes.Count > 0)
        {
            terminal.Out.WriteLine();
            PrintNodes(job.Nodes, terminal);
        }

        if (tasks.Count > 0)
        {
            terminal.Out.WriteLine();
            TaskTable.Print(tasks, terminal.Out);
        }

        if (more)
            terminal.Note(FormattableString.Invariant($"There are more: artel show {shown} --after-task {tasks[^1].Number}"));
    }

    private static void PrintNodes(RepeatedField<NodeProgress> nodes, Terminal terminal)
    {
        var listing = new Listing().Column("node").Column("assigned", right: true).Column("running", right: true)
            .Column("succeeded", right: true).Column("failed attempts", right: true);
        foreach (var node in nodes.Take(MaxNodes))
        {
            listing.Row(
                node.Node,
                node.Assigned == 0 ? "" : $"{Words.Count(node.AssignedEnded)}/{Words.Count(node.Assigned)}",
                node.Running == 0 ? "" : Words.Count(node.Running),
                Words.Count(node.Succeeded),
                node.FailedAttempts == 0 ? "" : Words.Count(node.FailedAttempts));
        }

        listing.Print(terminal.Out);
        if (nodes.Count > MaxNodes)
            terminal.Out.WriteLine($"and {Words.Count(nodes.Count - MaxNodes, "more node", "more nodes")}");
    }
}
