using System.Diagnostics;
using Artel.Bench.Cluster;
using Artel.Bench.Reporting;
using Artel.Protocol.V1;

namespace Artel.Bench.Benches;

/// <summary>How soon a large array is on disk and answered.</summary>
internal static class SubmitBench
{
    private const int Tasks = 1_000_000;
    private const double ReachMilliseconds = 20;

    public static async Task<Outcome> RunAsync(string artel, BenchOptions options)
    {
        await using var cluster = await BenchCluster.StartAsync(artel);
        var times = new List<double>();
        var job = Jobs.Queued(Tasks);
        job.Hold = true;

        // The first ones compile what the others use.
        for (var i = -5; i < 4 * options.Pairs; i++)
        {
            var watch = Stopwatch.StartNew();
            await cluster.Admin.SubmitAsync(new SubmitRequest { Job = job });
            if (i >= 0)
            {
                times.Add(watch.Elapsed.TotalMilliseconds);
            }
        }

        var (median, worst) = (Figure.Median(times), times.Max());
        return new Outcome(
            "submit", median, "ms", "≤ 20", median <= ReachMilliseconds, median > 2 * ReachMilliseconds,
            new Dictionary<string, double> { ["tasks"] = Tasks, ["worst_ms"] = worst },
            new Rows(["submits", "median ms", "best ms", "worst ms"], [[$"{times.Count}", Figure.Text($"{median:0.0}"), Figure.Text($"{times.Min():0.0}"), Figure.Text($"{worst:0.0}")]]));
    }
}
