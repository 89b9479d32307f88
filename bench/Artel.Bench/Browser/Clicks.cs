using Artel.Bench.Cluster;
using Artel.Dashboard.Tests.Browsing;
using Artel.Protocol.V1;

namespace Artel.Bench.Browser;

/// <summary>Clicks from view to view of a job until it has ended.</summary>
internal static class Clicks
{
    private static readonly TimeSpan Between = TimeSpan.FromMilliseconds(100);

    public static async Task<IReadOnlyList<Click>> MeasureAsync(BenchCluster cluster, DashboardPage page, int tasks)
    {
        var job = (await cluster.Admin.SubmitAsync(new SubmitRequest { Job = Jobs.True(tasks) })).Job;
        var ended = cluster.WaitAsync(job);
        await page.OpenAsync(job, JobView.All[^1]);
        var clicks = new List<Click>();
        for (var i = 0; !ended.IsCompleted; i++)
        {
            clicks.Add(await JobView.All[i % JobView.All.Count].ClickAsync(page.Page));
            await Task.Delay(Between, TimeProvider.System);
        }

        await ended;
        return clicks;
    }
}
