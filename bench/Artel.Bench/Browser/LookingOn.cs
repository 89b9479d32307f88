using Artel.Bench.Cluster;
using Artel.Dashboard.Tests.Browsing;
using Artel.Protocol.V1;
using Artel.Testing;

namespace Artel.Bench.Browser;

/// <summary>Time of the server on processors while a view of a running job is open.</summary>
/// <param name="View">Which; null: none.</param>
/// <param name="Percent">Of one core.</param>
/// <param name="More">Than just before and just after, when none was.</param>
internal sealed record WatchedTime(JobView? View, double Percent, double More);

/// <summary>Opens one view after the other on a running job, and none between them.</summary>
internal static class LookingOn
{
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    // A page that comes is drawn for the first time, and one that has gone is cleared away.
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(1.5);

    /// <summary>Runs a part of an array, a quarter and more, and leaves the rest to other nodes than those that are there.</summary>
    public static async Task<long> BegunAsync(BenchCluster cluster, int tasks)
    {
        var job = (await cluster.Admin.SubmitAsync(new SubmitRequest { Job = Jobs.True(tasks) })).Job;
        await Polling.UntilAsync(
            async () => (await cluster.Admin.GetJobAsync(new GetJobRequest { Job = job })).Counts.Succeeded, done => done >= tasks / 4, "a quarter of the tasks has ended",
            Patience);
        var nodes = (await cluster.Admin.ListNodesAsync(new ListNodesRequest())).Nodes;
        await Task.WhenAll(nodes.Select(n => cluster.Admin.DrainNodeAsync(new NodeAction { Id = n.Id }).ResponseAsync));
        return job;
    }

    /// <summary>Goes through all views so many times.</summary>
    public static async Task<IReadOnlyList<WatchedTime>> MeasureAsync(BenchCluster cluster, DashboardPage page, long job, int times)
    {
        var taken = new List<WatchedTime>();
        for (var i = 0; i < times; i++)
        {
            foreach (var view in JobView.All)
            {
                var before = await WithoutAsync(cluster, page);
                await page.OpenAsync(job, view);
                var with = await PercentAsync(cluster);
                var after = await WithoutAsync(cluster, page);
                taken.Add(new WatchedTime(null, before, after - before));
                taken.Add(new WatchedTime(view, with, with - ((before + after) / 2)));
            }
        }

        return (await cluster.Admin.GetJobAsync(new GetJobRequest { Job = job })).Ended is null ? taken
            : throw new BenchException("the job ended while it was looked at: with fewer --pairs, or a larger --scale, it does not");
    }

    private static async Task<double> WithoutAsync(BenchCluster cluster, DashboardPage page)
    {
        await page.LeaveAsync();
        return await PercentAsync(cluster);
    }

    private static async Task<double> PercentAsync(BenchCluster cluster)
    {
        await Task.Delay(Settling, TimeProvider.System);
        return await ProcessFigures.PercentAsync(cluster.ServerId, Window);
    }
}
