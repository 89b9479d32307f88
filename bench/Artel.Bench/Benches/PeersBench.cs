using System.Diagnostics;
using System.Globalization;
using Artel.Bench.Cluster;
using Artel.Bench.Peers;
using Artel.Bench.Reporting;

namespace Artel.Bench.Benches;

/// <summary>The same many short processes by other programs on this machine, in turn with <c>artel run</c> on a running cluster.</summary>
internal static class PeersBench
{
    private const int Tasks = 1_000;
    private const int Slots = 2;

    // Nobody has asked for more than a row each; what runs processes on other machines should still not be slower than xargs.
    private const double Reach = 1;

    public static async Task<Outcome> RunAsync(string artel, BenchOptions options)
    {
        if (options.InstallPeers)
        {
            await DebianPackages.InstallAsync();
        }

        var tasks = options.Of(Tasks, 50);
        await using var cluster = await BenchCluster.StartAsync(artel);
        await cluster.StartNodeAsync("1", Slots);
        await RunArtelAsync(cluster, tasks);
        var rows = new List<PeerRow>();
        foreach (var peer in new IPeer[] { new XargsPeer(), new ParallelPeer(), new DaskPeer(), new SlurmPeer.Array(), new SlurmPeer.Steps() })
        {
            await using (peer)
            {
                rows.Add(await MeasureAsync(peer, cluster, tasks, options.Pairs));
            }
        }

        var xargs = rows[0].Ratio ?? throw new BenchException($"xargs can not be measured: {rows[0].Reason}");
        var figures = new Dictionary<string, double> { ["tasks"] = tasks, ["artel_per_s"] = Figure.Median(rows.Where(r => r.Reason is null).Select(r => r.Artel)) };
        foreach (var row in rows.Where(r => r.Reason is null))
        {
            figures[$"{row.Key}_per_s"] = row.Rate;
            figures[$"artel_to_{row.Key}_ratio"] = row.Ratio!.Value;
        }

        return new Outcome(
            "peers", xargs, "of the rate of xargs", "≥ 1", xargs >= Reach, xargs < Reach / 2, figures,
            new Rows(
                ["peer", "tasks", "peer /s", "Artel /s", "Artel is times", "why not"],
                [.. rows.Select(r => r.Reason is { } reason
                    ? [r.Name, "", "", "", "", reason]
                    : new[] { r.Name, $"{r.Tasks}", Figure.Text($"{r.Rate:0.#}"), Figure.Text($"{r.Artel:0}"), Figure.Text($"{r.Ratio:0.00}"), "" })]));
    }

    private static async Task<PeerRow> MeasureAsync(IPeer peer, BenchCluster cluster, int tasks, int pairs)
    {
        var its = peer.TasksOf(tasks);
        try
        {
            if (await peer.PrepareAsync() is { } reason)
            {
                return new PeerRow(peer.Name, peer.Key, its, 0, 0, reason);
            }

            await Console.Error.WriteLineAsync($"{peer.Name} …");
            await peer.RunAsync(Math.Max(1, its / 10));
            var rates = new List<(double Peer, double Artel)>();
            for (var i = 0; i < pairs; i++)
            {
                rates.Add((its / (await peer.RunAsync(its)).TotalSeconds, tasks / (await RunArtelAsync(cluster, tasks)).TotalSeconds));
            }

            // The median of ratios of pairs, so that what else the machine does meets both.
            var ratio = Figure.Median(rates.Select(r => r.Artel / r.Peer));
            return new PeerRow(peer.Name, peer.Key, its, Figure.Median(rates.Select(r => r.Peer)), Figure.Median(rates.Select(r => r.Artel)), null) { Ratio = ratio };
        }
        catch (Exception e) when (e is BenchException or TimeoutException)
        {
            // A peer that fails is no reason to lose the others.
            return new PeerRow(peer.Name, peer.Key, its, 0, 0, e.Message.ReplaceLineEndings(" "));
        }
    }

    /// <summary>The whole command, as the whole of xargs is measured.</summary>
    private static async Task<TimeSpan> RunArtelAsync(BenchCluster cluster, int tasks)
    {
        var watch = Stopwatch.StartNew();
        await cluster.ArtelAsync("run", "--array", string.Create(CultureInfo.InvariantCulture, $"1-{tasks}"), "--", "/bin/true");
        return watch.Elapsed;
    }

    /// <param name="Rate">Of the peer, tasks a second.</param>
    /// <param name="Artel">Of Artel, in turn with it.</param>
    /// <param name="Reason">Why it could not be measured.</param>
    private sealed record PeerRow(string Name, string Key, int Tasks, double Rate, double Artel, string? Reason)
    {
        public double? Ratio { get; init; }
    }
}
