using System.Diagnostics;
using System.Globalization;
using Artel.Bench.Cluster;
using Artel.Bench.Reporting;
using Artel.Protocol.V1;

namespace Artel.Bench.Benches;

/// <summary>What one task waits for in a cluster that has nothing else to do: until its process runs, and until who waits for it has its result.</summary>
internal static class LatencyBench
{
    private const int Tasks = 200;

    // While the runtimes still compile what they run often, one task in ten waits twice as long.
    private const int WarmUp = 1500;
    private const double ReachStarted = 3;
    private const double ReachSeen = 5;
    private const double ReachTail = 3;
    private static readonly TimeSpan Idle = TimeSpan.FromMilliseconds(20);

    public static async Task<Outcome> RunAsync(string artel, BenchOptions options)
    {
        await using var cluster = await BenchCluster.StartAsync(artel);
        await cluster.StartNodeAsync("1", cpus: 2);
        for (var i = 0; i < options.Of(WarmUp, 50); i++)
        {
            _ = await MeasureAsync(cluster);
        }

        var called = new List<double>();
        var answered = new List<double>();
        var started = new List<double>();
        var seen = new List<double>();
        for (var i = 0; i < options.Of(Tasks, 20); i++)
        {
            await Task.Delay(Idle, TimeProvider.System);
            var call = Stopwatch.StartNew();
            await cluster.Admin.GetStatusAsync(new GetStatusRequest());
            called.Add(call.Elapsed.TotalMilliseconds);
            await Task.Delay(Idle, TimeProvider.System);
            var (answer, start, result) = await MeasureAsync(cluster);
            answered.Add(answer.TotalMilliseconds);
            started.Add(start.TotalMilliseconds);
            seen.Add(result.TotalMilliseconds);
        }

        var (p50, p99) = (Figure.Median(seen), Figure.Percentile(seen, 0.99));
        var (startP50, startP99) = (Figure.Median(started), Figure.Percentile(started, 0.99));
        return new Outcome(
            "latency", p50, "ms from submit to result, p50", "≤ 5, to the running process ≤ 3; p99 ≤ 3 × p50",
            p50 <= ReachSeen && startP50 <= ReachStarted && p99 <= ReachTail * p50 && startP99 <= ReachTail * startP50,
            p50 > 2 * ReachSeen,
            new Dictionary<string, double> { ["seen_p50_ms"] = p50, ["seen_p99_ms"] = p99, ["started_p50_ms"] = startP50, ["started_p99_ms"] = startP99 },
            new Rows(
                ["from submit to", "p50 ms", "p90 ms", "p99 ms", "worst ms"],
                [Row("answer of a call that changes nothing", called), Row("answer: it is on disk", answered), Row("running process", started), Row("result seen", seen)]));
    }

    private static string[] Row(string what, List<double> times) =>
        [what, .. new[] { 0.5, 0.9, 0.99, 1 }.Select(p => Figure.Text($"{Figure.Percentile(times, p):0.00}"))];

    /// <summary>The process tells itself when it runs: the time is what <c>date</c> prints, by the clock of the same machine.</summary>
    private static async Task<(TimeSpan Answered, TimeSpan Started, TimeSpan Seen)> MeasureAsync(BenchCluster cluster)
    {
        var job = new JobSpec { Name = "date", Tasks = { new TaskTemplate { Run = { "/bin/date", "+%s%N" } } } };
        var at = TimeProvider.System.GetUtcNow();
        var watch = Stopwatch.StartNew();
        var submitted = await cluster.Admin.SubmitAsync(new SubmitRequest { Job = job });
        var answered = watch.Elapsed;
        using var results = cluster.Admin.FetchResults(new FetchResultsRequest { Job = submitted.Job, Follow = true });
        var printed = "";
        while (await results.ResponseStream.MoveNext(CancellationToken.None))
        {
            if (results.ResponseStream.Current is { Output: { Stream: Protocol.V1.Stream.Stdout } output })
            {
                printed += output.Data.ToStringUtf8();
            }
            else if (results.ResponseStream.Current.Position > 0)
            {
                break;
            }
        }

        var seen = watch.Elapsed;
        var nanoseconds = long.Parse(printed.Trim(), CultureInfo.InvariantCulture);
        return (answered, DateTimeOffset.UnixEpoch.AddTicks(nanoseconds / 100) - at, seen);
    }
}
