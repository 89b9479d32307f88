using System.CommandLine;
using Artel.Cli.Access;
using Artel.Cli.Json;
using Artel.Cli.Output;
using Artel.Cli.Results;
using Artel.Cli.Selecting;
using Artel.Protocol.V1;

namespace Artel.Cli.Commands;

/// <summary><c>artel show</c></summary>
internal static class ShowCommand
{
    private const int DefaultLimit = 50;

    public static Command Create(Surroundings s)
    {
        var what = JobSelection.OneJobOrTasks(s);
        var limit = Amounts.Count("--limit", "Most tasks of a job to show; 0: none.", 0, int.MaxValue, DefaultLimit);
        var after = Amounts.Count("--after-task", "Only tasks with a larger number.", 0, int.MaxValue);
        var json = Verb.Json();
        var command = new Verb("show", "Show a job with its tasks, or one task with all its attempts.\nOf a task that failed: how it ended, its limits, and the last lines of its error stream.")
        {
            Examples = ["artel show 12", "artel show last", "artel show 12 --state failed", "artel show 12.3", "artel show --name 'sweep*' --json"],
        };
        what.AddTo(command);
        command.Add(limit);
        command.Add(after);
        command.Add(json);
        command.SetAction(async (parsed, ct) =>
        {
            var choice = what.Read(parsed);
            var session = await s.ConnectAsync(parsed, ct);
            // States are left to the list of tasks: there they cost nothing more.
            var selected = await (choice with { TaskStates = [] }).FindOneAsync(session, s, ct);
            if (selected.Task is { } number && choice.TaskStates.Count == 0)
            {
                var task = await session.Client.GetTaskAsync(new GetTaskRequest { Job = selected.Job, Task = number }, session.Question(ct));
                if (parsed.GetValue(json))
                    s.Terminal.Print(ArtelJson.Write(TaskJson.Of(task), j => j.TaskJson));
                else
                    TaskPage.Print(task, await LastLinesAsync(session, task, ct), s.Terminal, s.Clock.GetUtcNow());

                return ExitStatus.Done;
            }

            var job = await session.Client.GetJobAsync(new GetJobRequest { Job = selected.Job }, session.Question(ct));
            var request = new ListTasksRequest { Job = selected.Job, After = (int)parsed.GetValue(after), Tasks = { selected.Ranges }, States = { choice.TaskStates } };
            var tasks = new List<WireTask>();
            var more = false;
            await foreach (var page in TaskPages.ReadAsync(session, request, parsed.GetValue(limit), ct))
            {
                tasks.AddRange(page.Tasks);
                more = page.More;
            }

            if (parsed.GetValue(json))
                s.Terminal.Print(ArtelJson.Write(new JobDetailJson(JobJson.Of(job), [.. tasks.Select(TaskJson.Of)], more), j => j.JobDetailJson));
            else
                JobPage.Print(job, tasks, more, Shown(selected, choice), s.Terminal, s.Clock.GetUtcNow());

            return ExitStatus.Done;
        });
        return command;
    }

    private static string Shown(Selected selected, JobChoice choice) =>
        choice.TaskStates.Count == 0 ? selected.ToString() : $"{selected} --state {string.Join(',', choice.TaskStates.Select(StateWords.Of))}";

    private static async Task<IReadOnlyList<string>> LastLinesAsync(ClusterSession session, WireTask task, CancellationToken ct) =>
        JobText.LastAttempt(task) is { } last && last.Outcome is not (AttemptOutcome.Unspecified or AttemptOutcome.Succeeded)
            ? await ErrorTail.ReadAsync(session, task, ct)
            : [];
}
