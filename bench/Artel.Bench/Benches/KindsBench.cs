using Artel.Bench.Cluster;
using Artel.Bench.Reporting;
using Artel.Protocol.V1;
using Google.Protobuf.WellKnownTypes;

namespace Artel.Bench.Benches;

/// <summary>
/// Measures how much many kinds of tasks on many nodes slow the server down. Each job has another timeout, so that the
/// scheduler has to keep them apart. Measured are as many jobs that are all alike, in turn with those that are all
/// different; and one array alone, in turn with the same behind a job of each kind that no node can take.
/// </summary>
internal static class KindsBench
{
    private const int Nodes = 10_000;
    private const int Kinds = 10_000;
    private const int TasksOfJob = 10;
    private const int Clients = 64;
    private const double Reach = 0.8;

    public static async Task<Outcome> RunAsync(string artel, BenchOptions options)
    {
        var (count, kinds) = (options.Extra ?? options.Of(Nodes, 10), options.Of(Kinds, 10));
        OpenFiles.Require(count);
        await using var cluster = await BenchCluster.StartAsync(artel);
        await using var nodes = await cluster.ConnectAsync(count);
        _ = await ControlRun.MeasureAsync(cluster, kinds * TasksOfJob);
        List<double> alike = [], different = [], alone = [], behind = [];
        for (var pair = 0; pair < options.Pairs; pair++)
        {
            alike.Add(await JobsAsync(cluster, kinds, _ => Jobs.True(TasksOfJob)));
            different.Add(await JobsAsync(cluster, kinds, kind => OfKind(Jobs.True(TasksOfJob), kind)));
            alone.Add((await ControlRun.MeasureAsync(cluster, kinds * TasksOfJob)).ServerMicroseconds);
            var queued = await SubmitAsync(cluster, kinds, kind => OfKind(Jobs.Queued(1), kind));
            behind.Add((await ControlRun.MeasureAsync(cluster, kinds * TasksOfJob)).ServerMicroseconds);
            foreach (var some in queued.Chunk(Clients))
            {
                await Task.WhenAll(
                    some.Select(job => cluster.Admin.CancelAsync(new JobAction { Job = job }).ResponseAsync));
            }
        }

        await cluster.RequireConnectedAsync(count);
        var kindsRatio = Figure.Median(alike.Zip(different, (a, d) => a / d));
        var queueRatio = Figure.Median(alone.Zip(behind, (a, b) => a / b));
        var worst = Math.Min(kindsRatio, queueRatio);
        return new Outcome(
            "kinds", worst, "of the speed with one kind", "≥ 0.8", worst >= Reach, worst < Reach / 4,
            new Dictionary<string, double>
            {
                ["nodes"] = count,
                ["kinds"] = kinds,
                ["alike_us_per_task"] = Figure.Median(alike),
                ["different_us_per_task"] = Figure.Median(different),
                ["alone_us_per_task"] = Figure.Median(alone),
                ["behind_us_per_task"] = Figure.Median(behind),
            },
            new Rows(
                ["server µs a task", "one kind", Figure.Text($"{kinds:N0} kinds"), "ratio"],
                [
                    Row("jobs of 10 tasks", alike, different, kindsRatio),
                    Row("an array, alone and behind", alone, behind, queueRatio),
                ]));
    }

    private static string[] Row(string what, List<double> one, List<double> many, double ratio) =>
    [
        what, Figure.Text($"{Figure.Median(one):0.0}"), Figure.Text($"{Figure.Median(many):0.0}"),
        Figure.Text($"{ratio:0.00}"),
    ];

    private static JobSpec OfKind(JobSpec job, int kind)
    {
        job.Tasks[0].Timeout = Duration.FromTimeSpan(TimeSpan.FromHours(1) + TimeSpan.FromSeconds(kind));
        return job;
    }

    /// <summary>Runs jobs to their end, and returns the server's time on processors, in µs a task.</summary>
    private static async Task<double> JobsAsync(BenchCluster cluster, int count, Func<int, JobSpec> job)
    {
        var before = ProcessFigures.Cpu(cluster.ServerId);
        foreach (var id in await SubmitAsync(cluster, count, job))
        {
            await cluster.WaitAsync(id);
        }

        return (ProcessFigures.Cpu(cluster.ServerId) - before).TotalMicroseconds / (count * TasksOfJob);
    }

    private static async Task<long[]> SubmitAsync(BenchCluster cluster, int count, Func<int, JobSpec> job)
    {
        var jobs = new List<long>();
        foreach (var some in Enumerable.Range(1, count).Chunk(Clients))
        {
            var replies = await Task.WhenAll(
                some.Select(n => cluster.Admin.SubmitAsync(new SubmitRequest { Job = job(n) }).ResponseAsync));
            jobs.AddRange(replies.Select(r => r.Job));
        }

        return [.. jobs];
    }
}
