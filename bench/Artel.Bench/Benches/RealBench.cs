using System.Diagnostics;
using Artel.Bench.Bare;
using Artel.Bench.Cluster;
using Artel.Bench.Reporting;

namespace Artel.Bench.Benches;

/// <summary>What Artel adds to real processes: through server and node, against a bare loop of the same ones.</summary>
internal static class RealBench
{
    private const int Tasks = 5_000;
    private const int Slots = 2;
    private const double Reach = 0.85;

    public static async Task<Outcome> RunAsync(string artel, BenchOptions options)
    {
        var tasks = options.Of(Tasks, 200);
        await using var cluster = await BenchCluster.StartAsync(artel);
        var agent = await cluster.StartNodeAsync("1", Slots);
        await cluster.RunAsync(Jobs.True(tasks / 2));
        var bare = Directory.CreateDirectory(cluster.Folder["bare"]).FullName;
        BareLoop.Run(bare, tasks / 2, Slots);
        var pairs = new List<(double Artel, double Bare, double Server, double Agent)>();
        for (var i = 0; i < options.Pairs; i++)
        {
            var (server, node) = (ProcessFigures.Cpu(cluster.ServerId), ProcessFigures.Cpu(agent));
            var watch = Stopwatch.StartNew();
            await cluster.RunAsync(Jobs.True(tasks));
            var rate = tasks / watch.Elapsed.TotalSeconds;
            var serverCost = (ProcessFigures.Cpu(cluster.ServerId) - server).TotalMicroseconds / tasks;
            var agentCost = (ProcessFigures.Cpu(agent) - node).TotalMicroseconds / tasks;
            pairs.Add((rate, tasks / BareLoop.Run(bare, tasks, Slots).TotalSeconds, serverCost, agentCost));
        }

        var ratio = Figure.Median(pairs.Select(p => p.Artel / p.Bare));
        return new Outcome(
            "real", ratio, "of a bare loop's rate", "≥ 0.85", ratio >= Reach, ratio < Reach / 2,
            new Dictionary<string, double>
            {
                ["tasks"] = tasks,
                ["tasks_per_s"] = Figure.Median(pairs.Select(p => p.Artel)),
                ["bare_per_s"] = Figure.Median(pairs.Select(p => p.Bare)),
                ["server_us_per_task"] = Figure.Median(pairs.Select(p => p.Server)),
                ["agent_us_per_task"] = Figure.Median(pairs.Select(p => p.Agent)),
            },
            new Rows(
                ["pair", "Artel tasks/s", "bare loop /s", "ratio", "server µs a task", "agent µs a task"],
                [.. pairs.Select((p, i) => new[]
                {
                    $"{i + 1}", Figure.Text($"{p.Artel:0}"), Figure.Text($"{p.Bare:0}"), Figure.Text($"{p.Artel / p.Bare:0.00}"), Figure.Text($"{p.Server:0}"), Figure.Text($"{p.Agent:0}"),
                })]));
    }
}
