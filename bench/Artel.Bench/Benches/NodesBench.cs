using Artel.Bench.Cluster;
using Artel.Bench.Reporting;

namespace Artel.Bench.Benches;

/// <summary>What a server costs that does nothing but listen to its nodes.</summary>
internal static class NodesBench
{
    private static readonly int[] Nodes = [1_000, 10_000];
    private const double ReachPercent = 15;
    private const double ReachMegabytes = 1_000;

    // Every node is heard once in each.
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(15);
    private const int LeastPeriods = 3;

    public static async Task<Outcome> RunAsync(string artel, BenchOptions options)
    {
        var counts = options.Extra is { } chosen ? [chosen] : Nodes.Select(n => options.Of(n, 10)).ToArray();
        OpenFiles.Require(counts.Max());
        var runs = new List<IdleRun>();
        foreach (var count in counts)
        {
            runs.Add(await MeasureAsync(artel, count, Math.Max(LeastPeriods, options.Pairs)));
        }

        var most = runs[^1];
        var figures = new Dictionary<string, double>();
        foreach (var run in runs)
        {
            figures[$"nodes_{run.Nodes}_cpu_percent"] = run.Percent;
            figures[$"nodes_{run.Nodes}_rss_mb"] = run.Megabytes;
            figures[$"nodes_{run.Nodes}_joining_s"] = run.JoiningSeconds;
        }

        return new Outcome(
            "nodes", most.Percent, Figure.Text($"% of one core with {most.Nodes} nodes"), "≤ 15 % and ≤ 1,000 MB with 10,000 nodes",
            most.Nodes >= Nodes[^1] && most.Percent <= ReachPercent && most.Megabytes <= ReachMegabytes, most.Percent > 2 * ReachPercent || most.Megabytes > 2 * ReachMegabytes,
            figures,
            new Rows(
                ["nodes", "server %", "highest %", "RSS MB", "empty MB", "joining s", "clients %"],
                [.. runs.Select(r => new[]
                {
                    $"{r.Nodes}", Figure.Text($"{r.Percent:0.0}"), Figure.Text($"{r.HighestPercent:0.0}"), Figure.Text($"{r.Megabytes:0}"), Figure.Text($"{r.EmptyMegabytes:0}"),
                    Figure.Text($"{r.JoiningSeconds:0.0}"), Figure.Text($"{r.OwnPercent:0.0}"),
                })]));
    }

    private static async Task<IdleRun> MeasureAsync(string artel, int count, int periods)
    {
        await using var cluster = await BenchCluster.StartAsync(artel);
        var empty = ProcessFigures.ResidentBytes(cluster.ServerId);
        var began = TimeProvider.System.GetTimestamp();
        await using var nodes = await cluster.ConnectAsync(count);
        var joining = TimeProvider.System.GetElapsedTime(began);
        await Task.Delay(Settling, TimeProvider.System);
        var own = Environment.CpuUsage.TotalTime;
        var percents = new List<double>();
        for (var i = 0; i < periods; i++)
        {
            percents.Add(await ProcessFigures.PercentAsync(cluster.ServerId, Heartbeat));
        }

        var ownPercent = 100 * (Environment.CpuUsage.TotalTime - own) / (Heartbeat * periods);
        await cluster.RequireConnectedAsync(count);
        return new IdleRun(
            count, percents.Average(), percents.Max(), ProcessFigures.ResidentBytes(cluster.ServerId) / 1e6, empty / 1e6, joining.TotalSeconds, ownPercent);
    }

    /// <param name="Percent">Of one core, of the server, over all periods.</param>
    private sealed record IdleRun(
        int Nodes, double Percent, double HighestPercent, double Megabytes, double EmptyMegabytes, double JoiningSeconds, double OwnPercent);
}
