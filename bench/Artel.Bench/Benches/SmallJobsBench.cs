using System.Diagnostics;
using Artel.Bench.Cluster;
using Artel.Bench.Reporting;
using Artel.Protocol.Client;
using Artel.Protocol.V1;

namespace Artel.Bench.Benches;

/// <summary>Many jobs of one task: what a program that submits each command by itself gets.</summary>
internal static class SmallJobsBench
{
    private const int JobsInAll = 20_000;
    private const int Clients = 8;
    private const int Nodes = 4;

    // Submits of one client that wait for their answers at the same time, as in a program that does not wait for each.
    private const int AtOnce = 16;
    private const double ReachRate = 5_000;

    public static async Task<Outcome> RunAsync(string artel, BenchOptions options)
    {
        var jobs = options.Of(JobsInAll, 800);
        await using var cluster = await BenchCluster.StartAsync(artel);
        await using var nodes = await cluster.ConnectAsync(Nodes);
        await SubmitAllAsync(cluster, jobs / 10);
        var rates = new List<double>();
        var cpus = new List<double>();
        for (var i = 0; i < options.Pairs; i++)
        {
            var cpu = ProcessFigures.Cpu(cluster.ServerId);
            var watch = Stopwatch.StartNew();
            await SubmitAllAsync(cluster, jobs);
            rates.Add(jobs / watch.Elapsed.TotalSeconds);
            cpus.Add((ProcessFigures.Cpu(cluster.ServerId) - cpu).TotalMicroseconds / jobs);
        }

        var rate = Figure.Median(rates);
        return new Outcome(
            "small-jobs", rate, "jobs/s", "≥ 5,000", rate >= ReachRate, rate < ReachRate / 2,
            new Dictionary<string, double> { ["jobs"] = jobs, ["server_us_per_job"] = Figure.Median(cpus) },
            new Rows(["run", "jobs/s", "server µs a job"], [.. rates.Zip(cpus).Select((r, i) => new[] { $"{i + 1}", Figure.Text($"{r.First:0}"), Figure.Text($"{r.Second:0}") })]));
    }

    /// <summary>From the first submit to the last result.</summary>
    private static async Task SubmitAllAsync(BenchCluster cluster, int jobs)
    {
        var left = jobs;
        long last = 0;
        await Task.WhenAll(Enumerable.Range(0, Clients).Select(async _ =>
        {
            using var channel = cluster.Connect();
            var client = new Protocol.V1.Cluster.ClusterClient(channel.Authenticated(cluster.Access.Secret));
            await Task.WhenAll(Enumerable.Range(0, AtOnce).Select(async _ =>
            {
                while (Interlocked.Decrement(ref left) >= 0)
                {
                    var submitted = await client.SubmitAsync(new SubmitRequest { Job = Jobs.True(1) });
                    InterlockedMax(ref last, submitted.Job);
                }
            }));
        }));

        // The last job is not always the last to end: nothing may be unfinished.
        await cluster.WaitAsync(last);
        while (await UnfinishedAsync(cluster) > 0)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System);
        }
    }

    private static async Task<int> UnfinishedAsync(BenchCluster cluster)
    {
        var query = new ListJobsRequest { Limit = 1 };
        query.States.Add([JobState.Waiting, JobState.Running]);
        return (await cluster.Admin.ListJobsAsync(query)).Jobs.Count;
    }

    private static void InterlockedMax(ref long largest, long value)
    {
        for (var seen = Volatile.Read(ref largest); value > seen; seen = Volatile.Read(ref largest))
        {
            if (Interlocked.CompareExchange(ref largest, value, seen) == seen)
            {
                return;
            }
        }
    }
}
