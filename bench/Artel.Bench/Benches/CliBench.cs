using Artel.Bench.Bare;
using Artel.Bench.Cluster;
using Artel.Bench.Reporting;
using Artel.Protocol.V1;

namespace Artel.Bench.Benches;

/// <summary>What a short command costs whoever types it: the whole process, from its start to its end.</summary>
internal static class CliBench
{
    private const int JobsThere = 20;
    private const int RunsPerPair = 5;
    private const int WarmUps = 5;
    private const int PeakRuns = 10;
    private const double ReachMilliseconds = 25;
    private const double ReachMegabytes = 30;

    private static readonly string[] List = ["ls"];

    public static async Task<Outcome> RunAsync(string artel, BenchOptions options)
    {
        await using var cluster = await BenchCluster.StartAsync(artel);
        for (var i = 0; i < JobsThere; i++)
        {
            await cluster.Admin.SubmitAsync(new SubmitRequest { Job = Jobs.Queued(1_000) });
        }

        var environment = new Dictionary<string, string> { ["ARTEL_HOME"] = cluster.Home, ["HOME"] = cluster.Home, ["PATH"] = "/usr/bin:/bin" };
        var output = cluster.Folder["listed"];
        for (var i = 0; i < WarmUps; i++)
        {
            WholeProcess.Time(artel, List, environment, output);
        }

        var lines = (await File.ReadAllLinesAsync(output)).Length;
        if (lines < JobsThere)
        {
            throw new BenchException($"'artel ls' lists {JobsThere} jobs in {lines} lines:\n{await File.ReadAllTextAsync(output)}");
        }

        // What a process costs that does nothing, for comparison.
        var nothing = Figure.Median(Enumerable.Range(0, RunsPerPair * options.Pairs).Select(_ => WholeProcess.Time("/bin/true", [], environment, output).TotalMilliseconds));
        var times = Enumerable.Range(0, RunsPerPair * options.Pairs).Select(_ => WholeProcess.Time(artel, List, environment, output).TotalMilliseconds).ToArray();
        var peak = Enumerable.Range(0, PeakRuns).Max(_ => WholeProcess.PeakBytes(artel, List, environment, output)) / 1e6;
        var median = Figure.Median(times);
        return new Outcome(
            "cli", median, "ms", "≤ 25 ms and ≤ 30 MB", median <= ReachMilliseconds && peak <= ReachMegabytes,
            median > 2 * ReachMilliseconds || peak > 2 * ReachMegabytes,
            new Dictionary<string, double> { ["runs"] = times.Length, ["best_ms"] = times.Min(), ["worst_ms"] = times.Max(), ["peak_rss_mb"] = peak, ["true_ms"] = nothing },
            new Rows(
                ["runs", "median ms", "best ms", "worst ms", "peak RSS MB", "/bin/true ms"],
                [[$"{times.Length}", Figure.Text($"{median:0.0}"), Figure.Text($"{times.Min():0.0}"), Figure.Text($"{times.Max():0.0}"), Figure.Text($"{peak:0.0}"), Figure.Text($"{nothing:0.0}")]]));
    }
}
