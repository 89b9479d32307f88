using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;

namespace Artel.Dashboard.Tests.Browsing;

/// <summary>Every page with something on it, in both themes and on a phone: nothing serious by axe, nothing beyond the screen, no complaint of the browser.</summary>
public sealed class AccessibilityTests(Chromium chromium) : IClassFixture<Chromium>
{
    /// <summary>Every page, with a job 1 that has ended and a node 1.</summary>
    internal static readonly string[] Pages =
    [
        "/", "/jobs", "/jobs?group=name", "/jobs/1", "/jobs/1?tab=map", "/jobs/1?tab=timeline", "/jobs/1?tab=graph", "/jobs/1?tab=tasks", "/jobs/1?tab=stats",
        "/jobs/1?tab=source", "/jobs/99", "/jobs/1/tasks/1", "/nodes", "/nodes/1", "/submit", "/schedules", "/events", "/tokens", "/usage", "/usage?by=tag&range=7d", "/audit", "/settings", "/about", "/nowhere",
    ];

    /// <summary>The page's colours are those of the theme: they come with the first answer of the server, after the page itself.</summary>
    private const string Themed = """
        () => getComputedStyle(document.documentElement).getPropertyValue("--mud-native-html-color-scheme").trim()
          === document.documentElement.dataset.theme
        """;

    /// <summary>Waits for transitions to end: halfway between two colours is neither of them.</summary>
    private const string Settled = """
        () => Promise.all(document.getAnimations()
          .filter(a => Number.isFinite(a.effect?.getComputedTiming().endTime))
          .map(a => a.finished.catch(() => {})))
        """;

    [Theory]
    [InlineData(ColorScheme.Light, 1280)]
    [InlineData(ColorScheme.Dark, 1280)]
    [InlineData(ColorScheme.Light, 390)]
    public async Task Every_page_can_be_read_by_everyone(ColorScheme theme, int width)
    {
        await using var dashboard = await DashboardCluster.StartAsync("1");
        var job = await dashboard.Cluster.SubmitAsync(Path.Combine(Binaries.Examples, "anywhere", "array.yaml"));
        await dashboard.Cluster.ArtelAsync("wait", job);
        await dashboard.Cluster.JobBecomesAsync(await dashboard.Cluster.SubmitAsync("--array", "1-30", "--name", "fails", "--", "false"), "failed");
        await using var visit = await Visit.AsAsync(dashboard, chromium, "admin", theme, width);

        var problems = new List<string>();
        foreach (var page in Pages)
        {
            await visit.GoAsync(page);
            await visit.Page.Locator("main h1").First.WaitForAsync();
            await visit.Page.WaitForLoadStateAsync(LoadState.NetworkIdle);
            await visit.Page.WaitForFunctionAsync(Themed);
            await visit.Page.EvaluateAsync(Settled);
            var found = await visit.Page.RunAxe(new AxeRunOptions { ResultTypes = [ResultType.Violations] });
            problems.AddRange(found.Violations.Where(v => v.Impact is "serious" or "critical").Select(v => $"{page}: {v.Id}: {v.Nodes[0].Html}"));
            var beyond = await visit.Page.EvaluateAsync<int>("document.documentElement.scrollWidth - innerWidth");
            if (beyond > 0)
            {
                problems.Add($"{page}: {beyond} pixels wider than the screen");
            }
        }

        Assert.Empty(problems);
        Assert.Empty(visit.Complaints);
    }
}
