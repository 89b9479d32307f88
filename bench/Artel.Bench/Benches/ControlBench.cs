using System.Diagnostics;
using Artel.Bench.Cluster;
using Artel.Bench.Reporting;

namespace Artel.Bench.Benches;

/// <summary>How many tasks a second the server itself can deal with: an array of a million on nodes that run nothing.</summary>
internal static class ControlBench
{
    private const int Tasks = 1_000_000;
    private const int Nodes = 16;
    private const double ReachRate = 150_000;
    private const double ReachMicroseconds = 10;

    public static async Task<Outcome> RunAsync(string artel, BenchOptions options)
    {
        var tasks = options.Of(Tasks, 10_000);
        await using var cluster = await BenchCluster.StartAsync(artel);
        await using var nodes = await cluster.ConnectAsync(Nodes);
        _ = await ControlRun.MeasureAsync(cluster, tasks / 10);
        var runs = new List<ControlRun>();
        for (var i = 0; i < options.Pairs; i++)
        {
            runs.Add(await ControlRun.MeasureAsync(cluster, tasks));
        }

        var rate = Figure.Median(runs.Select(r => r.Rate));
        var cpu = Figure.Median(runs.Select(r => r.ServerMicroseconds));
        return new Outcome(
            "control", rate, "tasks/s", "≥ 150,000 and ≤ 10 µs of server cpu a task", rate >= ReachRate && cpu <= ReachMicroseconds,
            rate < ReachRate / 2 && cpu > 2 * ReachMicroseconds,
            new Dictionary<string, double>
            {
                ["tasks"] = tasks,
                ["server_us_per_task"] = cpu,
                ["nodes_us_per_task"] = Figure.Median(runs.Select(r => r.OwnMicroseconds)),
            },
            new Rows(
                ["run", "tasks/s", "server µs a task", "nodes µs a task"],
                [.. runs.Select((r, i) => new[] { $"{i + 1}", Figure.Text($"{r.Rate:0}"), Figure.Text($"{r.ServerMicroseconds:0.0}"), Figure.Text($"{r.OwnMicroseconds:0.0}") })]));
    }
}

/// <summary>One array through simulated nodes.</summary>
/// <param name="Rate">Tasks a second, from the submit to the end as its submitter sees it.</param>
/// <param name="ServerMicroseconds">Time of the server on processors, a task.</param>
/// <param name="OwnMicroseconds">The same of this process, which is all nodes.</param>
internal sealed record ControlRun(double Rate, double ServerMicroseconds, double OwnMicroseconds)
{
    public static async Task<ControlRun> MeasureAsync(BenchCluster cluster, int tasks)
    {
        var (server, own) = (ProcessFigures.Cpu(cluster.ServerId), Environment.CpuUsage.TotalTime);
        var watch = Stopwatch.StartNew();
        await cluster.RunAsync(Jobs.True(tasks));
        var took = watch.Elapsed;
        return new ControlRun(
            tasks / took.TotalSeconds,
            (ProcessFigures.Cpu(cluster.ServerId) - server).TotalMicroseconds / tasks,
            (Environment.CpuUsage.TotalTime - own).TotalMicroseconds / tasks);
    }
}
