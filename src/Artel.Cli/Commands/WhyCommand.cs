using System.CommandLine;
using Artel.Cli.Access;
using Artel.Cli.Json;
using Artel.Cli.Output;
using Artel.Cli.Results;
using Artel.Cli.Selecting;
using Artel.Protocol.V1;

namespace Artel.Cli.Commands;

/// <summary><c>artel why</c></summary>
internal static class WhyCommand
{
    /// <summary>Tasks that one command explains.</summary>
    private const int MostTasks = 20;

    public static Command Create(Surroundings s)
    {
        var what = JobSelection.OneJobOrTasks(s);
        var json = Verb.Json();
        var command = new Verb(
            "why",
            "Explain the state of a job or a task: what it waits for, where it runs, or how it ended.\n"
            + "For an unfinished job it shows each reason with the number of tasks that it applies to, the nodes that "
            + "were considered and what each lacks, how many tasks go first, and the estimated start if there is one.\n"
            + "For a failed job it shows the failed tasks, grouped by how they failed, each group with an example and "
            + "the last lines of its error stream.")
        {
            Examples = ["artel why 12", "artel why last", "artel why 12.3", "artel why 12 --state failed"],
        };
        what.AddTo(command);
        command.Add(json);
        command.SetAction(async (parsed, ct) =>
        {
            var choice = what.Read(parsed);
            var session = await s.ConnectAsync(parsed, ct);
            var selected = await choice.FindOneAsync(session, s, ct);
            if (selected.Count > MostTasks)
                throw CommandFailure.WrongUsage($"{Words.Tasks(selected.Count)} at once: why explains up to {MostTasks}, and 'artel why {selected.Job}' the whole job");

            if (selected.Tasks.Count == 0)
                await ExplainJobAsync(session, selected.Job, parsed.GetValue(json), s, ct);

            foreach (var number in selected.Numbers)
                await ExplainTaskAsync(session, selected, number, parsed.GetValue(json), s, ct);

            return ExitStatus.Done;
        });
        return command;
    }

    private static async Task ExplainJobAsync(ClusterSession session, long id, bool json, Surroundings s, CancellationToken ct)
    {
        var job = await session.Client.GetJobAsync(new GetJobRequest { Job = id }, session.Question(ct));
        var report = await FailureReport.ReadAsync(session, id, ct);
        var said = await session.Client.ExplainAsync(new ExplainRequest { Job = id }, session.Question(ct));
        if (json)
        {
            var whole = ExplanationJson.Of(id, null, said, FailureJson.Of(report));
            s.Terminal.Print(ArtelJson.Write(whole, j => j.ExplanationJson));
            return;
        }

        s.Terminal.Print($"job {id} ({StateWords.Of(job.State)}): {JobText.Counts(job.Counts)}");
        Print([.. Counted(said, s), .. report.Describe(), .. said.Ended], s);
    }

    private static async Task ExplainTaskAsync(ClusterSession session, Selected selected, int number, bool json, Surroundings s, CancellationToken ct)
    {
        var request = new ExplainRequest { Job = selected.Job, Task = number };
        var explanation = await session.Client.ExplainAsync(request, session.Question(ct));
        if (json)
        {
            var whole = ExplanationJson.Of(selected.Job, number, explanation, []);
            s.Terminal.Print(ArtelJson.Write(whole, j => j.ExplanationJson));
            return;
        }

        var ends = explanation.Reasons.Skip(explanation.Counted.Count);
        var lines = Counted(explanation, s, ofTask: true).Concat(ends).ToList();
        var task = await session.Client.GetTaskAsync(new GetTaskRequest { Job = selected.Job, Task = number }, session.Question(ct));
        if (JobText.LastAttempt(task) is { } last && last.Outcome is not (AttemptOutcome.Unspecified or AttemptOutcome.Succeeded))
        {
            if (Outcomes.Meaning(last, task) is { Length: > 0 } meaning)
                lines.Add($"{Outcomes.Describe(last)}: {meaning}");

            if (DeathText.Limits(task, last) is { Length: > 0 } limits)
                lines.Add($"limits: {limits}");

            if (task.Hidden)
                lines.Add($"| {JobText.Hidden}");

            lines.AddRange((await ErrorTail.ReadAsync(session, task, ct)).Select(l => $"| {l}"));
        }

        if (selected.Count > 1)
            s.Terminal.Print($"{JobText.TaskId(task)} ({StateWords.Of(task.State)}):");

        Print(lines, s);
    }

    /// <summary>Each reason with its details.</summary>
    private static IEnumerable<string> Counted(Explanation said, Surroundings s, bool ofTask = false)
    {
        foreach (var reason in said.Counted)
        {
            yield return ofTask ? ReasonText.OfTask(reason, Words.Moment) : ReasonText.OfTasks(reason, Words.Moment);
            foreach (var detail in ReasonText.Details(reason, s.Clock.GetUtcNow(), Words.Moment))
                yield return $"  {detail}";
        }
    }

    private static void Print(IEnumerable<string> lines, Surroundings s)
    {
        foreach (var line in lines)
            s.Terminal.Print(Terminal.Plain(line));
    }
}
