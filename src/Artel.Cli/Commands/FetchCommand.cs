using System.CommandLine;
using Artel.Cli.Access;
using Artel.Cli.Json;
using Artel.Cli.Progress;
using Artel.Cli.Results;
using Artel.Cli.Selecting;
using Artel.Protocol.V1;

namespace Artel.Cli.Commands;

/// <summary><c>artel fetch</c></summary>
internal static class FetchCommand
{
    public static Command Create(Surroundings s)
    {
        var which = JobSelection.OneJobOrTasks(s);
        var to = new Option<string>("--to") { Description = "The folder; made where it is not there.", HelpName = "DIR", Required = true };
        var follow = new Option<bool>("--follow", "-f") { Description = "Go on until the job has ended." };
        var json = Verb.Json();
        var command = new Verb(
            "fetch",
            "Write the results of a job, or of tasks of it, into a folder.\n"
            + "NODE/out<n>.txt and NODE/ouMis<n>.txt hold what task n of that node wrote to standard output and standard error; "
            + "results.jsonl has a line of JSON for each task that has ended.")
        {
            Examples = ["artel fetch 12 --to out", "artel fetch -f last --to out", "artel fetch 12.3-7 --to out", "artel fetch 12 --state failed --to out"],
        };
        which.AddTo(command);
        command.Add(to);
        command.Add(follow);
        command.Add(json);
        command.SetAction(async (parsed, ct) =>
        {
            var choice = which.Read(parsed);
            var session = await s.ConnectAsync(parsed, ct);
            var selected = await choice.FindOneAsync(session, s, ct);
            var job = selected.Job;
            if (selected.Tasks.Count > 0 && parsed.GetValue(follow))
                throw CommandFailure.WrongUsage($"--follow fetches a whole job as it goes on: artel fetch -f {job} --to DIR");

            // Asks for the job first: of one that is not there, no folder is made.
            var now = await session.Client.GetJobAsync(new GetJobRequest { Job = job }, session.Question(ct));
            using var folder = ResultsFolder.Open(parsed.GetRequiredValue(to));
            var (damaged, cuts) = await FetchAsync(session, selected, now, folder, parsed.GetValue(follow), s, ct);
            if (parsed.GetValue(json))
            {
                var fetched = new FetchedJson(job, folder.Path, folder.Tasks, cuts.Count);
                s.Terminal.Print(ArtelJson.Write(fetched, j => j.FetchedJson, indented: false));
            }

            s.Terminal.Note(now.Counts is { Total: 0 }
                ? $"Job {job} has no tasks: there is nothing to fetch."
                : folder.Tasks == 0
                ? $"No task of {selected} has ended yet: 'artel fetch -f {job}' waits for them."
                : $"Fetched {Words.Tasks(folder.Tasks)} of job {job} to {folder.Path}");
            if (cuts.Summary is { } summary)
                s.Terminal.Note(summary);

            return damaged > 0 ? ExitStatus.TaskFailed : ExitStatus.Done;
        });
        return command;
    }

    /// <summary>Returns how many outputs are damaged, and the report of those that were cut.</summary>
    private static async Task<(int Damaged, CutReport Cuts)> FetchAsync(
        ClusterSession session, Selected selected, Job job, ResultsFolder folder, bool follow, Surroundings s, CancellationToken ct)
    {
        var total = selected.Tasks.Count > 0 ? selected.Count : follow ? job.Counts?.Total ?? 0 : JobText.Ended(job.Counts);
        await using var view = s.Terminal.CanDraw
            ? new LiveView(s.Terminal, s.Clock, new FetchPicture(s.Clock, folder, total))
            : null;
        view?.Update(job);
        Action<string> tell = view is null ? s.Terminal.Warn : line => view.Note($"artel: {line}");
        var cuts = new CutReport(tell);
        if (selected.Tasks.Count > 0)
            return (await new TaskFeed(session, selected, tell).ReadAsync([folder, cuts], ct), cuts);

        var feed = new ResultFeed(session, job.Id, [folder, cuts], true, tell, s.Clock);
        await feed.ReadAsync(follow, ct);
        return (feed.Damaged, cuts);
    }
}
