using System.CommandLine;
using Artel.Cli.Access;
using Artel.Cli.Json;
using Artel.Cli.Running;
using Artel.Cli.Selecting;
using Artel.Protocol.V1;

namespace Artel.Cli.Commands;

/// <summary><c>artel wait</c></summary>
internal static class WaitCommand
{
    public static Command Create(Surroundings s)
    {
        var jobs = JobSelection.Jobs(s, JobFilter.Unfinished, TakesAll.Yes, acts: false);
        var any = new Option<bool>("--any") { Description = "Until the first of them has ended." };
        var timeout = Amounts.Duration("--timeout", "Wait no longer than this, at most 3650d: exit status 124. The jobs go on.");
        var json = Verb.Json();
        var command = new Verb(
            "wait",
            "Wait until jobs have ended. Exit status 1 where a task of them failed or was cancelled, 124 where the time was up.\n"
            + "On a terminal it shows how they are doing. Ctrl-C ends the waiting, not the jobs.")
        {
            Examples = ["artel wait 12 13", "id=$(artel submit map.yaml) && artel wait $id", "artel wait last --timeout 10m", "artel wait --all --any"],
        };
        jobs.AddTo(command);
        command.Add(any);
        command.Add(timeout);
        command.Add(json);
        command.SetAction(async (parsed, ct) =>
        {
            var choice = jobs.Read(parsed);
            var session = await s.ConnectAsync(parsed, ct);
            var ids = (await choice.FindAsync(session, s, ct)).Select(j => j.Job).ToList();
            var wait = new JobsWait(session, ids, s) { UntilFirst = parsed.GetValue(any), Timeout = parsed.GetValue(timeout) };
            var seen = await wait.RunAsync(ct);
            if (parsed.GetValue(json))
                s.Terminal.Print(ArtelJson.Write(new WaitedJson([.. seen.Select(j => JobJson.Of(j))]), j => j.WaitedJson));

            var ended = seen.Where(j => JobText.HasEnded(j.State)).ToList();
            return ended.Count < seen.Count && !(wait.UntilFirst && ended.Count > 0)
                ? ExitStatus.TimedOut
                : ended.All(j => j.State == JobState.Succeeded) ? ExitStatus.Done : ExitStatus.TaskFailed;
        });
        return command;
    }

    /// <summary>Waits for one job, says how it ended, and gives it as it was then.</summary>
    public static async Task<Job> WaitForAsync(ClusterSession session, long id, Surroundings s, CancellationToken ct) =>
        (await new JobsWait(session, [id], s).RunAsync(ct))[0];
}
