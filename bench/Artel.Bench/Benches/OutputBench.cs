using System.Diagnostics;
using Artel.Bench.Bare;
using Artel.Bench.Cluster;
using Artel.Bench.Reporting;
using Artel.Protocol.V1;
using Artel.Testing;
using Google.Protobuf;

namespace Artel.Bench.Benches;

/// <summary>
/// How fast output gets from a node to the server and onto its disk, against a plain TLS copy of as many bytes to a file: that of one task
/// that writes much, and that of many which write little.
/// </summary>
/// <remarks>
/// Many small outputs come from a simulated node: with a real one it is the start of 10,000 processes that is measured, which is what
/// <c>real</c> is about. That is a row too, for orientation, and counts for nothing.
/// Pieces of output count as a sign of life of their node too, so its own silence says little of its heartbeats while they come. Beside it
/// is a node that says nothing but heartbeats, and takes no task.
/// A virtual machine may give memory that is free back to its host within seconds, and writing to a page that has to come from there again
/// takes up to ten times as long, which says nothing of whoever writes it. So that both find memory as on a machine of their own, as much as is going to be
/// written is written and removed before each of both.
/// </remarks>
internal static class OutputBench
{
    private const int Slots = 2;
    private const int LongMebibytes = 1024;
    private const int ShortOutputs = 10_000;
    private const int ShortBytes = 10_000;
    private const double Reach = 0.7;

    // The node's file and the server's.
    private const int CopiesOnDisk = 2;

    private static readonly TimeSpan Heartbeat = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan ReachLateness = TimeSpan.FromSeconds(1);

    // A node that is heard late is to be seen as that and not as lost.
    private static readonly string[] ServerOptions = ["--heartbeat", "250ms", "--lost-after", "30s"];

    public static async Task<Outcome> RunAsync(string artel, BenchOptions options)
    {
        var longBytes = options.Of(LongMebibytes, 16) * 1024L * 1024;
        var shortOutputs = options.Of(ShortOutputs, 500);
        var one = await MeasureAsync("one long output", artel, options.Pairs, Jobs.Writing(1, longBytes), longBytes, RealNodeAsync);
        var many = await MeasureAsync("short outputs", artel, options.Pairs, Jobs.True(shortOutputs), (long)shortOutputs * ShortBytes, SimulatedNodeAsync);
        var real = await MeasureAsync("short outputs of processes", artel, options.Pairs, Jobs.Writing(shortOutputs, ShortBytes), (long)shortOutputs * ShortBytes, RealNodeAsync);
        CopyRun[] runs = [one, many, real];
        var ratio = Math.Min(one.Ratio, many.Ratio);
        var latest = runs.Max(r => r.LongestSilence) - Heartbeat;
        return new Outcome(
            "output", ratio, "of a plain TLS copy's rate", "≥ 0.7 and no heartbeat later than 1 s", ratio >= Reach && latest <= ReachLateness,
            ratio < Reach / 2 || latest > 2 * ReachLateness,
            new Dictionary<string, double>
            {
                ["long_ratio"] = one.Ratio,
                ["long_mb_per_s"] = one.Rate,
                ["short_ratio"] = many.Ratio,
                ["short_mb_per_s"] = many.Rate,
                ["short_outputs_per_s"] = many.Rate * 1e6 / ShortBytes,
                ["processes_mb_per_s"] = real.Rate,
                ["copy_mb_per_s"] = one.CopyRate,
                ["latest_heartbeat_ms"] = Math.Max(0, latest.TotalMilliseconds),
                ["slowest_answer_ms"] = runs.Max(r => r.SlowestAnswer).TotalMilliseconds,
            },
            new Rows(
                ["of", "MB", "Artel MB/s", "copy MB/s", "ratio", "longest silence ms", "slowest answer ms"],
                [.. runs.Select(r => new[]
                {
                    r.Name, Figure.Text($"{r.Bytes / 1e6:0}"), Figure.Text($"{r.Rate:0}"), Figure.Text($"{r.CopyRate:0}"), Figure.Text($"{r.Ratio:0.00}"),
                    Figure.Text($"{r.LongestSilence.TotalMilliseconds:0}"), Figure.Text($"{r.SlowestAnswer.TotalMilliseconds:0}"),
                })]));
    }

    private static async Task<IAsyncDisposable?> RealNodeAsync(BenchCluster cluster)
    {
        await cluster.StartNodeAsync("1", Slots);
        return null;
    }

    private static async Task<IAsyncDisposable?> SimulatedNodeAsync(BenchCluster cluster)
    {
        var output = new byte[ShortBytes];
        new Random(1).NextBytes(output);
        return await cluster.ConnectAsync(1, new SimulatedWork { Output = ByteString.CopyFrom(output), MilliCpus = 1000 * Slots });
    }

    /// <param name="bytes">Of output, of the whole job.</param>
    private static async Task<CopyRun> MeasureAsync(
        string name, string artel, int pairs, JobSpec job, long bytes, Func<BenchCluster, Task<IAsyncDisposable?>> startNode)
    {
        await using var cluster = await BenchCluster.StartAsync(artel, ServerOptions);
        await using var node = await startNode(cluster);
        await using var idle = await cluster.ConnectAsync(1, new SimulatedWork { MilliCpus = 1 }, "idle");
        using var copy = new TlsCopy();

        // Programs are compiled while they run.
        await cluster.RunAsync(job);
        copy.Run(cluster.Folder["copy"], bytes);
        var rates = new List<(double Artel, double Copy)>();
        var (silence, slowest) = (TimeSpan.Zero, TimeSpan.Zero);
        for (var i = 0; i < pairs; i++)
        {
            UseMemory(cluster.Folder["memory"], CopiesOnDisk * bytes);
            var watch = HeartbeatWatch.Start(cluster);
            var clock = Stopwatch.StartNew();
            await using (watch)
            {
                await cluster.RunAsync(job);
                clock.Stop();
            }

            var rate = bytes / 1e6 / clock.Elapsed.TotalSeconds;
            (silence, slowest) = (Longer(silence, watch.LongestSilence), Longer(slowest, watch.SlowestAnswer));
            UseMemory(cluster.Folder["memory"], CopiesOnDisk * bytes);
            rates.Add((rate, bytes / 1e6 / copy.Run(cluster.Folder["copy"], bytes).TotalSeconds));
        }

        return new CopyRun(
            name, bytes, Figure.Median(rates.Select(r => r.Artel)), Figure.Median(rates.Select(r => r.Copy)), Figure.Median(rates.Select(r => r.Artel / r.Copy)),
            silence, slowest);
    }

    /// <summary>Has the system find so many bytes for files.</summary>
    private static void UseMemory(string file, long bytes)
    {
        var block = new byte[1024 * 1024];
        using (var target = new FileStream(file, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0))
        {
            for (var left = bytes; left > 0; left -= block.Length)
            {
                target.Write(block);
            }

            target.Flush(flushToDisk: true);
        }

        File.Delete(file);
    }

    private static TimeSpan Longer(TimeSpan a, TimeSpan b) => a > b ? a : b;

    /// <param name="Rate">MB/s, from the submit until its submitter sees the job's end, which is after its output is on disk.</param>
    private sealed record CopyRun(string Name, long Bytes, double Rate, double CopyRate, double Ratio, TimeSpan LongestSilence, TimeSpan SlowestAnswer);
}
