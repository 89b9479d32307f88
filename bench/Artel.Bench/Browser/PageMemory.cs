using Artel.Bench.Cluster;
using Artel.Dashboard.Tests.Browsing;

namespace Artel.Bench.Browser;

/// <summary>What the server keeps for a page, in megabytes, after collections of its garbage.</summary>
/// <param name="Fresh">One that was just opened on a running job.</param>
/// <param name="Old">One that has looked at it for a minute more.</param>
/// <param name="Scripts">What the old one's scripts hold, in the browser.</param>
internal sealed record PageMemory(double Fresh, double Old, double Scripts)
{
    private const int Pages = 10;

    private static readonly TimeSpan Looking = TimeSpan.FromMinutes(1);

    // A page that has been left is known to be gone after this.
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(5);

    /// <summary>Opens some pages on a job that runs, and lets them look at it.</summary>
    public static async Task<PageMemory> MeasureAsync(BenchCluster cluster, DashboardPage page, long job)
    {
        var map = JobView.All.Single(v => v.Name == "map");
        await page.LeaveAsync();
        var before = await HeldAsync(cluster);
        var pages = new List<DashboardPage>();
        for (var i = 0; i < Pages; i++)
        {
            pages.Add(await page.AnotherAsync());
            await pages[i].OpenAsync(job, map);
        }

        var fresh = await HeldAsync(cluster) - before;
        await Task.Delay(Looking, TimeProvider.System);
        var with = await HeldAsync(cluster);
        var scripts = await pages[0].ScriptBytesAsync();
        foreach (var each in pages)
        {
            await each.DisposeAsync();
        }

        var old = with - await HeldAsync(cluster);
        return new PageMemory(fresh / Pages / 1e6, old / Pages / 1e6, scripts / 1e6);
    }

    private static async Task<double> HeldAsync(BenchCluster cluster)
    {
        await Task.Delay(Settling, TimeProvider.System);
        await GarbageOf.CollectAsync(cluster.ServerId);
        return ProcessFigures.ResidentBytes(cluster.ServerId);
    }
}
