using System.CommandLine;
using Artel.Cli.Json;
using Artel.Cli.Output;
using Artel.Cli.Selecting;
using Artel.Protocol.V1;

namespace Artel.Cli.Commands;

/// <summary><c>artel show</c></summary>
internal static class ShowCommand
{
    private const int DefaultLimit = 50;

    public static Command Create(Surroundings s)
    {
        var what = SelectorArguments.JobOrTask();
        var states = StateOptions.Tasks();
        var limit = Amounts.Count("--limit", "Most tasks of a job to show; 0: none.", 0, int.MaxValue, DefaultLimit);
        var after = Amounts.Count("--after-task", "Only tasks with a larger number.", 0, int.MaxValue);
        var json = Verb.Json();
        var command = new Verb("show", "Show a job with its tasks, or one task with all its attempts.")
        {
            Examples = ["artel show 12", "artel show 12 --state failed", "artel show 12.3", "artel show 12 --json"],
        };
        command.Add(what);
        command.Add(states);
        command.Add(limit);
        command.Add(after);
        command.Add(json);
        command.SetAction(async (parsed, ct) =>
        {
            var selector = parsed.GetRequiredValue(what);
            var session = await s.ConnectAsync(parsed, ct);
            if (selector.Task is { } number)
            {
                var task = await session.Client.GetTaskAsync(new GetTaskRequest { Job = selector.Job, Task = number }, session.Question(ct));
                if (parsed.GetValue(json))
                    s.Terminal.Print(ArtelJson.Write(TaskJson.Of(task), j => j.TaskJson));
                else
                    TaskPage.Print(task, s.Terminal, s.Clock.GetUtcNow());

                return ExitStatus.Done;
            }

            var job = await session.Client.GetJobAsync(new GetJobRequest { Job = selector.Job }, session.Question(ct));
            var request = new ListTasksRequest { Job = selector.Job, After = (int)parsed.GetValue(after) };
            request.States.AddRange(parsed.GetValue(states) ?? []);
            var left = (int)parsed.GetValue(limit);
            var tasks = new List<WireTask>();
            var more = false;
            while (tasks.Count < left)
            {
                request.Limit = Math.Min(left - tasks.Count, 1000);
                var page = await session.Client.ListTasksAsync(request, session.Question(ct));
                tasks.AddRange(page.Tasks);
                more = page.More && page.Tasks.Count > 0;
                if (!more)
                    break;

                request.After = tasks[^1].Number;
            }

            if (parsed.GetValue(json))
                s.Terminal.Print(ArtelJson.Write(new JobDetailJson(JobJson.Of(job), [.. tasks.Select(TaskJson.Of)], more), j => j.JobDetailJson));
            else
                JobPage.Print(job, tasks, more, s.Terminal, s.Clock.GetUtcNow());

            return ExitStatus.Done;
        });
        return command;
    }
}
