using System.Globalization;
using Artel.Bench.Cluster;
using Artel.Bench.Reporting;
using Artel.Protocol.V1;

namespace Artel.Bench.Benches;

/// <summary>
/// Whether a long queue slows the server down: the rate of <see cref="ControlBench"/> with older tasks queued ahead, which no node can
/// take, so that they have to be passed over all the time; in turn with none.
/// </summary>
internal static class QueueBench
{
    private const int Tasks = 500_000;
    private const int Nodes = 16;
    private const double Reach = 0.9;
    private static readonly (int Tasks, int Jobs)[] AllDepths = [(1_000_000, 1), (1_000_000, 10_000), (10_000_000, 1), (10_000_000, 10_000)];

    public static async Task<Outcome> RunAsync(string artel, BenchOptions options)
    {
        var tasks = options.Of(Tasks, 10_000);
        var depths = Array.FindAll(AllDepths, d => d.Tasks <= (options.Extra ?? int.MaxValue));
        if (depths.Length == 0)
        {
            throw new BenchException($"--of {options.Extra}: 'queue' begins with {AllDepths[0].Tasks} tasks ahead");
        }

        await using var cluster = await BenchCluster.StartAsync(artel);
        await using var nodes = await cluster.ConnectAsync(Nodes);
        _ = await ControlRun.MeasureAsync(cluster, tasks / 2);
        var without = new List<double>();
        var ratios = depths.Select(_ => new List<double>()).ToArray();
        var rates = depths.Select(_ => new List<double>()).ToArray();
        for (var pair = 0; pair < options.Pairs; pair++)
        {
            for (var i = 0; i < depths.Length; i++)
            {
                var alone = (await ControlRun.MeasureAsync(cluster, tasks)).Rate;
                var queued = await QueueAsync(cluster, depths[i].Tasks, depths[i].Jobs);
                var behind = (await ControlRun.MeasureAsync(cluster, tasks)).Rate;
                await CancelAsync(cluster, queued);
                without.Add(alone);
                rates[i].Add(behind);
                ratios[i].Add(behind / alone);
            }
        }

        var medians = ratios.Select(r => Figure.Median(r)).ToArray();
        var figures = new Dictionary<string, double> { ["depth_0_jobs_0"] = Figure.Median(without) };
        for (var i = 0; i < depths.Length; i++)
        {
            figures[string.Create(CultureInfo.InvariantCulture, $"depth_{depths[i].Tasks}_jobs_{depths[i].Jobs}")] = Figure.Median(rates[i]);
        }

        return new Outcome(
            "queue", medians.Min(), "of the rate without a queue", "≥ 0.9", medians.Min() >= Reach, medians.Min() < Reach / 2, figures,
            new Rows(
                ["queued ahead", "in jobs", "tasks/s", "of the rate without"],
                [
                    ["0", "0", Figure.Text($"{Figure.Median(without):0}"), "1"],
                    .. depths.Select((d, i) => new[] { Figure.Text($"{d.Tasks:N0}"), Figure.Text($"{d.Jobs:N0}"), Figure.Text($"{Figure.Median(rates[i]):0}"), Figure.Text($"{medians[i]:0.00}") }),
                ]));
    }

    private static async Task<long[]> QueueAsync(BenchCluster cluster, int tasks, int jobs)
    {
        var queued = new List<long>();
        foreach (var some in Enumerable.Range(0, jobs).Chunk(64))
        {
            var replies = await Task.WhenAll(some.Select(_ => cluster.Admin.SubmitAsync(new SubmitRequest { Job = Jobs.Queued(tasks / jobs) }).ResponseAsync));
            queued.AddRange(replies.Select(r => r.Job));
        }

        return [.. queued];
    }

    private static async Task CancelAsync(BenchCluster cluster, long[] jobs)
    {
        foreach (var some in jobs.Chunk(64))
        {
            await Task.WhenAll(some.Select(job => cluster.Admin.CancelAsync(new JobAction { Job = job }).ResponseAsync));
        }
    }
}
