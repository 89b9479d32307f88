using Artel.Bench.Cluster;
using Artel.Bench.Micro;
using Artel.Bench.Reporting;
using Artel.Testing;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;

namespace Artel.Bench.Benches;

/// <summary>The small things, by BenchmarkDotNet: the rules alone, and the codec alone.</summary>
internal static class MicroBench
{
    // Nobody has asked for a figure; the rules are to be no part of what limits 'control'.
    private const double ReachPairs = 1_000_000;

    public static Task<Outcome> RunAsync(string artel, BenchOptions options)
    {
        using var artifacts = new TestFolder();

        // In this process: another one would be built from this program's sources, wherever it was published to.
        var job = Job.Default.WithToolchain(InProcessEmitToolchain.Instance).WithWarmupCount(2).WithIterationCount(Math.Max(3, options.Pairs));
        var config = ManualConfig.CreateEmpty()
            .AddJob(job)
            .AddLogger(NullLogger.Instance)
            .AddColumnProvider(BenchmarkDotNet.Columns.DefaultColumnProviders.Instance)
            .WithOptions(ConfigOptions.DisableLogFile)
            .WithArtifactsPath(artifacts.Path);
        var reports = new[] { typeof(RulesMicro), typeof(CodecMicro) }.SelectMany(t => BenchmarkRunner.Run(t, config).Reports).ToArray();
        var pairs = PerSecond(reports, nameof(RulesMicro.GrantsAndEnds), RulesMicro.Tasks);
        return Task.FromResult(new Outcome(
            "micro", pairs, "grant+end pairs/s of the rules", "≥ 1,000,000", pairs >= ReachPairs, pairs < ReachPairs / 2,
            new Dictionary<string, double>
            {
                ["rules_bytes_per_pair"] = Bytes(reports, nameof(RulesMicro.GrantsAndEnds), RulesMicro.Tasks),
                ["serialized_results_per_s"] = PerSecond(reports, nameof(CodecMicro.Serialize), CodecMicro.Results),
                ["parsed_results_per_s"] = PerSecond(reports, nameof(CodecMicro.Parse), CodecMicro.Results),
                ["parsed_bytes_per_result"] = Bytes(reports, nameof(CodecMicro.Parse), CodecMicro.Results),
            },
            new Rows(
                ["what", "ms", "± ms", "/s", "bytes each"],
                [
                    Row(reports, "grant and end of a task", nameof(RulesMicro.GrantsAndEnds), RulesMicro.Tasks),
                    Row(reports, "serialize a result", nameof(CodecMicro.Serialize), CodecMicro.Results),
                    Row(reports, "parse a result", nameof(CodecMicro.Parse), CodecMicro.Results),
                ])));
    }

    private static string[] Row(BenchmarkReport[] reports, string what, string method, int things)
    {
        var statistics = Of(reports, method).ResultStatistics!;
        return
        [
            what, Figure.Text($"{statistics.Mean / 1e6:0.000}"), Figure.Text($"{statistics.StandardDeviation / 1e6:0.000}"),
            Figure.Text($"{PerSecond(reports, method, things):0}"), Figure.Text($"{Bytes(reports, method, things):0}"),
        ];
    }

    private static double PerSecond(BenchmarkReport[] reports, string method, int things) => things / (Of(reports, method).ResultStatistics!.Median / 1e9);

    private static double Bytes(BenchmarkReport[] reports, string method, int things)
    {
        var report = Of(reports, method);
        return (double)(report.GcStats.GetBytesAllocatedPerOperation(report.BenchmarkCase) ?? 0) / things;
    }

    private static BenchmarkReport Of(BenchmarkReport[] reports, string method) =>
        reports.FirstOrDefault(r => r.BenchmarkCase.Descriptor.WorkloadMethod.Name == method && r.ResultStatistics is not null)
        ?? throw new BenchException($"BenchmarkDotNet has no figure for {method}");
}
