using System.CommandLine;
using Artel.Cli.Json;
using Artel.Cli.Output;
using Artel.Cli.Results;
using Artel.Cli.Selecting;
using Artel.Protocol.V1;

namespace Artel.Cli.Commands;

/// <summary><c>artel fetch</c></summary>
internal static class FetchCommand
{
    public static Command Create(Surroundings s)
    {
        var which = SelectorArguments.Job();
        var to = new Option<string>("--to") { Description = "The folder; made where it is not there.", HelpName = "DIR", Required = true };
        var follow = new Option<bool>("--follow", "-f") { Description = "Go on until the job has ended." };
        var json = Verb.Json();
        var command = new Verb(
            "fetch",
            "Write the results of a job into a folder.\n"
            + "NODE/out<n>.txt and NODE/ouMis<n>.txt hold what task n of that node wrote to standard output and standard error; "
            + "results.jsonl has a line of JSON for each task that has ended.")
        {
            Examples = ["artel fetch 12 --to out", "artel fetch -f 12 --to out"],
        };
        command.Add(which);
        command.Add(to);
        command.Add(follow);
        command.Add(json);
        command.SetAction(async (parsed, ct) =>
        {
            var job = parsed.GetRequiredValue(which).Job;
            var session = await s.ConnectAsync(parsed, ct);
            // Asks for the job first: of one that is not there, no folder is made.
            await session.Client.GetJobAsync(new GetJobRequest { Job = job }, session.Question(ct));
            using var folder = ResultsFolder.Open(parsed.GetRequiredValue(to));
            var feed = new ResultFeed(session, job, [folder], true, s.Terminal.Warn, s.Clock);
            await feed.ReadAsync(parsed.GetValue(follow), ct);
            if (parsed.GetValue(json))
                s.Terminal.Print(ArtelJson.Write(new FetchedJson(job, folder.Path, folder.Tasks), j => j.FetchedJson, indented: false));

            s.Terminal.Note(folder.Tasks == 0
                ? $"No task of job {job} has ended yet: 'artel fetch -f {job}' waits for them."
                : $"Fetched {Words.Tasks(folder.Tasks)} of job {job} to {folder.Path}");
            return feed.Damaged > 0 ? ExitStatus.TaskFailed : ExitStatus.Done;
        });
        return command;
    }
}
