using System.CommandLine;
using Artel.Cli.Access;
using Artel.Cli.Running;
using Artel.Cli.Submitting;
using Artel.Node;
using Grpc.Core;

namespace Artel.Cli.Commands;

/// <summary><c>artel run</c></summary>
internal static class RunCommand
{
    private const string Description =
        "Run a map, a command or a script and wait for it: submit, show progress, bring the results.\n"
        + "With no cluster configured it starts a private one on this machine, with the nodes of the map, and stops it afterwards.\n"
        + "\n"
        + "Of a map, results are written as tasks end: NODE/out<n>.txt and NODE/ouMis<n>.txt hold what task n of that node wrote to "
        + "standard output and standard error, results.jsonl how each task went. Of a command, its output is this program's; "
        + "of an array, one task's after the other's.\n"
        + "\n"
        + "Ctrl-C on a private cluster cancels the job and stops everything. On a shared cluster it works as in srun: once "
        + "reports how the job is doing, twice within a second cancels it, once more leaves without waiting. SIGTERM "
        + "cancels the job, and so does a failed write to a reader that has left, such as 'head'; a closed terminal "
        + "leaves it to the cluster.\n"
        + "\n"
        + "Exit status: 0 all succeeded, 1 a task failed, 130 interrupted; of a command that is one task, the task's own "
        + "(128+n for signal n, 124 timed out, 127 could not be started).";

    public static Command Create(Surroundings s)
    {
        var job = new JobOptions(withHold: false);
        var results = new Option<string?>("--results")
        {
            Description = "Folder for the result files [MAP.results, or a new one beside it; of a command, none].",
            HelpName = "DIR",
        };
        var isPrivate = new Option<bool>("--private") { Description = "Start a private cluster even where one is configured." };
        var raw = new Option<bool>("--raw") { Description = "Pass output to a terminal as it is, escape sequences included." };
        var json = Verb.Json();
        var command = new Verb("run", Description)
        {
            Usages = JobOptions.Usages,
            Examples =
            [
                "artel run examples/sweep.yaml",
                "artel run map.yaml --results out",
                "artel run -- sh -c 'hostname; nproc'",
                "artel run --array 1-100 --retries 2 -- ./simulate --seed {index}",
                "artel run --stdin words.txt -- sort -u",
                "artel run -- gzip -k {} ::: *.log",
            ],
        };
        job.AddTo(command);
        command.Add(results);
        command.Add(isPrivate);
        command.Add(raw);
        command.Add(json);
        command.SetAction(async (parsed, ct) =>
        {
            var requested = await job.ReadAsync(parsed, s, ct);
            if (job.IsOnlyPrinted(parsed, requested.Job, s.Terminal))
                return ExitStatus.Done;

            var configured = parsed.GetValue(isPrivate) ? null : s.FindAccess(parsed);
            using var interruptions = new Interruptions(configured is null, s.Clock);
            s.Signals.Handle(interruptions.Take);
            var report = new RunReport(requested, parsed.GetValue(results), parsed.GetValue(json), parsed.GetValue(raw), s);
            try
            {
                if (configured is not null)
                {
                    var session = await s.ConnectAsync(configured, interruptions.Leave);
                    return await report.RunAsync(session, null, interruptions);
                }

                if (requested.Job.OnEnd is not null)
                {
                    s.Terminal.Warn("on_end: a private cluster ends with its job, so nothing follows; submit it to a cluster that stays");
                    requested.Job.OnEnd = null;
                }

                if (PrivateFit.Misfit(requested.Job, MachineResources.Detect) is { } misfit)
                    throw CommandFailure.WrongUsage(misfit);

                await using var cluster = await StartPrivateAsync(requested, s, interruptions.Leave);
                try
                {
                    return await report.RunAsync(cluster.Session, cluster, interruptions);
                }
                catch (RpcException e) when (RpcFailure.IsOutOfReach(e) && !interruptions.Leave.IsCancellationRequested)
                {
                    await cluster.ThrowIfDeadAsync();
                    throw;
                }
                catch (RpcException)
                {
                    cluster.ThrowIfFolderFailed();
                    throw;
                }
            }
            catch (OperationCanceledException) when (interruptions.Leave.IsCancellationRequested)
            {
                return ExitStatus.Interrupted;
            }
        });
        return command;
    }

    private static async Task<PrivateCluster> StartPrivateAsync(RequestedJob requested, Surroundings s, CancellationToken ct)
    {
        var started = s.Clock.GetTimestamp();
        var cluster = await PrivateCluster.StartAsync(requested.Job, s, ct);
        if (requested.MapFile is not null)
        {
            var nodes = Math.Max(1, requested.Job.Sections.Count);
            s.Terminal.Note(
                $"No cluster is configured: started a private one with {Words.Count(nodes, "node", "nodes")} in {Words.Duration(s.Clock.GetElapsedTime(started))}.");
        }

        return cluster;
    }
}
