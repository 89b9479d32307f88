using System.CommandLine;
using Artel.Cli.Access;
using Artel.Cli.Json;
using Artel.Cli.Output;
using Artel.Cli.Running;
using Artel.Cli.Selecting;
using Artel.Protocol.V1;

namespace Artel.Cli.Commands;

/// <summary><c>artel wait</c></summary>
internal static class WaitCommand
{
    public static Command Create(Surroundings s)
    {
        var jobs = SelectorArguments.Jobs();
        var json = Verb.Json();
        var command = new Verb("wait", "Wait until jobs have ended. Exit status 1 where a task of them failed or was cancelled.")
        {
            Examples = ["artel wait 12 13", "id=$(artel submit map.yaml) && artel wait $id"],
        };
        command.Add(jobs);
        command.Add(json);
        command.SetAction(async (parsed, ct) =>
        {
            var session = await s.ConnectAsync(parsed, ct);
            var ids = parsed.GetRequiredValue(jobs).Select(j => j.Job).Distinct().ToList();

            // Asked once before: a server that was never there is not one to wait for.
            await Task.WhenAll(ids.Select(id => session.Client.GetJobAsync(new GetJobRequest { Job = id }, session.Question(ct)).ResponseAsync));
            var ended = await Task.WhenAll(ids.Select(id => WaitForAsync(session, id, s, ct)));
            if (parsed.GetValue(json))
                s.Terminal.Print(ArtelJson.Write(new WaitedJson([.. ended.Select(j => JobJson.Of(j))]), j => j.WaitedJson));

            return ended.All(j => j.State == JobState.Succeeded) ? ExitStatus.Done : ExitStatus.TaskFailed;
        });
        return command;
    }

    /// <summary>Waits for one job, says how it ended, and gives it as it was then.</summary>
    public static async Task<Job> WaitForAsync(ClusterSession session, long id, Surroundings s, CancellationToken ct)
    {
        Job? last = null;
        await foreach (var job in JobFeed.WatchAsync(session, id, s.Terminal.Warn, s.Clock, ct))
            last = job;

        var ended = last ?? throw new CommandFailure(ExitStatus.NoCluster, $"the server said nothing about job {id}");
        s.Terminal.Note($"Job {id} {StateWords.Of(ended.State)}: {JobText.Counts(ended.Counts)}, {JobText.Took(ended, s.Clock.GetUtcNow())}.");
        return ended;
    }
}
