using Artel.Bench.Cluster;
using Artel.Bench.Reporting;
using Artel.Protocol.V1;
using Artel.Testing;

namespace Artel.Bench.Benches;

/// <summary>How much memory of the server tasks take that wait, that run, and that have ended.</summary>
/// <remarks>
/// What counts is the growth of its resident memory, both times after a collection of garbage that this process asks for: else it is chance
/// how much of a growth is garbage. What was resident before that collection is in the table.
/// </remarks>
internal static class MemoryBench
{
    private const int Queued = 20_000_000;
    private const int QueuedJobs = 1_000;
    private const int Finished = 6_000_000;
    private const int RunningNodes = 250;
    private const int RunningPerNode = 4_000;
    private const int FinishingNodes = 16;

    // Compiles what the others use, and lets buffers grow to their size. Tasks that end take longer for that than those that wait.
    private const int WarmUp = 200_000;
    private const int FinishedBefore = 2_000_000;
    private const double ReachQueued = 10;
    private const double ReachFinished = 5;

    public static async Task<Outcome> RunAsync(string artel, BenchOptions options)
    {
        var queued = options.Of(Queued, 100_000);
        Growth[] growths =
        [
            await QueuedAsync("queued in 1 job", artel, 1, queued),
            await QueuedAsync($"queued in {QueuedJobs} jobs", artel, QueuedJobs, queued / QueuedJobs),
            await RunningAsync(artel, options.Of(RunningNodes, 4)),
            await FinishedAsync(artel, options.Of(FinishedBefore, 100_000), options.Of(Finished, 100_000)),
        ];
        var (one, many, running, finished) = (growths[0].PerMillion, growths[1].PerMillion, growths[2].PerMillion, growths[3].PerMillion);
        var worst = Math.Max(one, many);
        return new Outcome(
            "memory", worst, "MB a million queued tasks", "queued ≤ 10, finished ≤ 5", worst <= ReachQueued && finished <= ReachFinished,
            worst > 2 * ReachQueued || finished > 2 * ReachFinished,
            new Dictionary<string, double>
            {
                ["queued_1_job_mb_per_million"] = one,
                [$"queued_{QueuedJobs}_jobs_mb_per_million"] = many,
                ["running_mb_per_million"] = running,
                ["finished_mb_per_million"] = finished,
            },
            new Rows(
                ["tasks", "millions", "RSS before MB", "RSS after MB", "with garbage MB", "MB a million"],
                [.. growths.Select(g => new[]
                {
                    g.Name, Figure.Text($"{g.Tasks / 1e6:0.###}"), Figure.Text($"{g.Before:0}"), Figure.Text($"{g.After:0}"), Figure.Text($"{g.WithGarbage:0}"), Figure.Text($"{g.PerMillion:0.00}"),
                })]));
    }

    private static async Task<Growth> QueuedAsync(string name, string artel, int jobs, int tasks)
    {
        await using var cluster = await BenchCluster.StartAsync(artel);
        await cluster.Admin.SubmitAsync(new SubmitRequest { Job = Jobs.Queued(WarmUp) });
        return await Growth.MeasureAsync(name, (long)jobs * tasks, cluster, async () =>
        {
            for (var i = 0; i < jobs; i++)
            {
                await cluster.Admin.SubmitAsync(new SubmitRequest { Job = Jobs.Queued(tasks) });
            }
        });
    }

    private static async Task<Growth> RunningAsync(string artel, int nodes)
    {
        await using var cluster = await BenchCluster.StartAsync(artel);
        await using var simulated = await cluster.ConnectAsync(nodes, new SimulatedWork { Ends = false, MilliCpus = 1000 * RunningPerNode });
        var tasks = nodes * RunningPerNode;
        return await Growth.MeasureAsync("running", tasks, cluster, async () =>
        {
            var submitted = await cluster.Admin.SubmitAsync(new SubmitRequest { Job = Jobs.True(tasks) });
            await Polling.UntilAsync(
                async () => (await cluster.Admin.GetJobAsync(new GetJobRequest { Job = submitted.Job })).Counts.Running, r => r == tasks, $"{tasks} tasks run",
                TimeSpan.FromMinutes(5));
        });
    }

    private static async Task<Growth> FinishedAsync(string artel, int before, int tasks)
    {
        await using var cluster = await BenchCluster.StartAsync(artel);
        await using var simulated = await cluster.ConnectAsync(FinishingNodes);
        await cluster.RunAsync(Jobs.True(before));
        return await Growth.MeasureAsync("finished", tasks, cluster, () => cluster.RunAsync(Jobs.True(tasks)));
    }

    /// <param name="Before">Resident megabytes, without garbage.</param>
    /// <param name="After">The same afterwards.</param>
    /// <param name="WithGarbage">What was resident afterwards before the collection.</param>
    private sealed record Growth(string Name, long Tasks, double Before, double After, double WithGarbage)
    {
        private static readonly TimeSpan Settling = TimeSpan.FromSeconds(3);

        public double PerMillion => (After - Before) / (Tasks / 1e6);

        public static async Task<Growth> MeasureAsync(string name, long tasks, BenchCluster cluster, Func<Task> grow)
        {
            var before = await SettledAsync(cluster.ServerId);
            await grow();
            await Task.Delay(Settling, TimeProvider.System);
            var withGarbage = ProcessFigures.ResidentBytes(cluster.ServerId);
            return new Growth(name, tasks, before / 1e6, await SettledAsync(cluster.ServerId) / 1e6, withGarbage / 1e6);
        }

        private static async Task<long> SettledAsync(int server)
        {
            await Task.Delay(Settling, TimeProvider.System);
            await GarbageOf.CollectAsync(server);
            await Task.Delay(Settling, TimeProvider.System);
            return ProcessFigures.ResidentBytes(server);
        }
    }
}
