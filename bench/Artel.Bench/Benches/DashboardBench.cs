using Artel.Bench.Browser;
using Artel.Bench.Cluster;
using Artel.Bench.Reporting;
using Artel.Dashboard.Tests.Browsing;
using Artel.Testing;
using Microsoft.Playwright;

namespace Artel.Bench.Benches;

/// <summary>
/// What someone costs who looks on while a million tasks go through a thousand nodes, and how long they wait for a click. Clicks are at full speed. The cost is
/// taken behind that, of a job whose other half takes a second a task: at full speed two runs differ by more than a page takes.
/// </summary>
internal static class DashboardBench
{
    private const int Tasks = 1_000_000;
    private const int Nodes = 1_000;
    private const double ReachPercent = 5;
    private const double ReachMilliseconds = 200;
    private const double ReachMegabytes = 10;
    private static readonly SimulatedWork Steady = new() { TaskTime = TimeSpan.FromSeconds(1), TakesTime = true };

    public static async Task<Outcome> RunAsync(string artel, BenchOptions options)
    {
        if (!SystemChromium.IsThere)
        {
            throw new BenchException($"there is no {SystemChromium.Executable}: apt-get install chromium");
        }

        var (tasks, nodes) = (options.Of(Tasks, 10_000), options.Extra ?? options.Of(Nodes, 10));
        using var playwright = await Playwright.CreateAsync();
        await using var browser = await SystemChromium.LaunchAsync(playwright);
        await using var cluster = await BenchCluster.StartAsync(artel, "--dashboard", "127.0.0.1:0");
        await using var page = await DashboardPage.LogInAsync(browser, cluster);
        var clicks = new List<Click>();
        long job;
        await using (await cluster.ConnectAsync(nodes, name: "fast"))
        {
            _ = await Clicks.MeasureAsync(cluster, page, tasks);
            for (var i = 0; i < options.Pairs; i++)
            {
                clicks.AddRange(await Clicks.MeasureAsync(cluster, page, tasks));
            }

            job = await LookingOn.BegunAsync(cluster, tasks);
        }

        await page.LeaveAsync();
        await using var steady = await cluster.ConnectAsync(nodes, Steady, "steady");
        var costs = await LookingOn.MeasureAsync(cluster, page, job, options.Pairs);
        var memory = await PageMemory.MeasureAsync(cluster, page, job);
        return Told(tasks, nodes, costs, clicks, memory);
    }

    private static Outcome Told(int tasks, int nodes, IReadOnlyList<WatchedTime> costs, List<Click> clicks, PageMemory memory)
    {
        var figures = new Dictionary<string, double> { ["tasks"] = tasks, ["nodes"] = nodes };
        var lines = new List<string[]> { Line("none", costs.Where(c => c.View is null).ToList(), []) };
        var worst = 0.0;
        foreach (var view in JobView.All)
        {
            var watched = costs.Where(c => c.View == view).ToList();
            var percent = Figure.Median(watched.Select(c => c.More));
            worst = Math.Max(worst, percent);
            figures[$"{view.Name}_percent"] = percent;
            lines.Add(Line(view.Title, watched, clicks.Where(c => c.View == view).ToList()));
        }

        var slow = Figure.Percentile(clicks.Select(c => c.Answered.TotalMilliseconds), 0.95);
        figures["click_median_ms"] = Figure.Median(clicks.Select(c => c.Answered.TotalMilliseconds));
        figures["click_p95_ms"] = slow;
        figures["filled_p95_ms"] = Figure.Percentile(clicks.Select(c => c.Filled.TotalMilliseconds), 0.95);
        figures["page_mb"] = memory.Fresh;
        figures["page_after_a_minute_mb"] = memory.Old;
        figures["browser_scripts_mb"] = memory.Scripts;
        return new Outcome(
            "dashboard", worst, "% of a core for the dearest view", "≤ 5 %; 95 of 100 clicks ≤ 200 ms; ≤ 10 MB of the server for a page",
            worst <= ReachPercent && slow <= ReachMilliseconds && Math.Max(memory.Fresh, memory.Old) <= ReachMegabytes,
            worst > 2 * ReachPercent || slow > 2 * ReachMilliseconds, figures,
            new Rows(["view", "cpu %", "for it", "clicks", "answered ms", "most", "filled ms", "most"], lines));
    }

    private static string[] Line(string name, List<WatchedTime> times, List<Click> clicks)
    {
        string[] cost = [name, Figure.Text($"{Figure.Median(times.Select(t => t.Percent)):0.0}"), Figure.Text($"{Figure.Median(times.Select(t => t.More)):0.0}"), $"{clicks.Count}"];
        return clicks.Count == 0 ? [.. cost, "", "", "", ""] : [.. cost, .. Spread(clicks.Select(c => c.Answered)), .. Spread(clicks.Select(c => c.Filled))];
    }

    private static string[] Spread(IEnumerable<TimeSpan> times)
    {
        var sorted = times.Select(t => t.TotalMilliseconds).ToArray();
        return [Figure.Text($"{Figure.Median(sorted):0}"), Figure.Text($"{sorted.Max():0}")];
    }
}
