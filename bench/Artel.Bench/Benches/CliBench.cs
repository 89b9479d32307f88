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

    /// <summary>
    /// How many times as long as Python's start a short command may take before it counts as a gross loss. Some virtual
    /// machines start every process four times as slowly as others, so that milliseconds alone say little.
    /// </summary>
    private const double GrossPythonStarts = 4;

    private const string Python = "/usr/bin/python3";

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

        double[] Times(string program, string[] arguments) =>
            [.. Enumerable.Range(0, RunsPerPair * options.Pairs)
                .Select(_ => WholeProcess.Time(program, arguments, environment, output).TotalMilliseconds)];

        // For comparison: what it costs on this machine to start a process that does nothing, and to start Python.
        var nothing = Figure.Median(Times("/bin/true", []));
        var python = File.Exists(Python) ? Figure.Median(Times(Python, ["-I", "-c", "pass"])) : 0;
        var times = Times(artel, List);
        var peak = Enumerable.Range(0, PeakRuns).Max(_ => WholeProcess.PeakBytes(artel, List, environment, output)) / 1e6;
        var median = Figure.Median(times);
        return new Outcome(
            "cli", median, "ms", "≤ 25 ms and ≤ 30 MB", median <= ReachMilliseconds && peak <= ReachMegabytes,
            median > Math.Max(2 * ReachMilliseconds, GrossPythonStarts * python) || peak > 2 * ReachMegabytes,
            new Dictionary<string, double>
            {
                ["runs"] = times.Length,
                ["best_ms"] = times.Min(),
                ["worst_ms"] = times.Max(),
                ["peak_rss_mb"] = peak,
                ["true_ms"] = nothing,
                ["python_ms"] = python,
            },
            new Rows(
                ["runs", "median ms", "best ms", "worst ms", "peak RSS MB", "/bin/true ms", "python3 ms"],
                [[$"{times.Length}", .. new[] { median, times.Min(), times.Max(), peak, nothing, python }.Select(f => Figure.Text($"{f:0.0}"))]]));
    }
}
