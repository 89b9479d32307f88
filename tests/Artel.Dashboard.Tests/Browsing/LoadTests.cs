using Artel.Protocol.Client;
using Task = System.Threading.Tasks.Task;

namespace Artel.Dashboard.Tests.Browsing;

/// <summary>
/// A page on a large job while its tasks go by as fast as they can. How much it costs is measured by the bench <c>dashboard</c> at the full size; here only
/// a gross loss fails, since machines are noisy.
/// </summary>
[Collection(nameof(Alone))]
public sealed class LoadTests(Chromium chromium) : IClassFixture<Chromium>
{
    private const int Nodes = 100;
    private const int Tasks = 500_000;
    private static readonly TimeSpan Bearable = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task Clicks_are_answered_while_half_a_million_tasks_go_by()
    {
        await using var dashboard = await DashboardCluster.StartAsync();
        var ticket = Tickets.Parse(await dashboard.Cluster.TokenAsync("node"), out _)!;
        await using var nodes = await SimulatedNodes.ConnectAsync(ticket, Enumerable.Range(1, Nodes).Select(n => $"n{n}"));
        await using var visit = await Visit.AsAsync(dashboard, chromium, "viewer");
        var job = await dashboard.Cluster.SubmitAsync("--array", $"1-{Tasks}", "--", "true");
        await visit.GoAsync($"/jobs/{job}?tab=stats");
        await visit.Page.Locator("section.artel-tab").WaitForAsync();

        var clicks = new List<Click>();
        for (var i = 0; i < 3 * JobView.All.Count; i++)
        {
            clicks.Add(await JobView.All[i % JobView.All.Count].ClickAsync(visit.Page));
        }

        await dashboard.Cluster.JobBecomesAsync(job, "succeeded", Patience);
        await visit.SeesAsync("succeeded");
        var waits = clicks.Select(c => c.Answered).Order().ToList();
        Assert.True(waits[waits.Count / 2] < Bearable, $"clicks were answered after {string.Join(", ", waits.Select(w => $"{w.TotalMilliseconds:0}"))} ms");
        Assert.Empty(visit.Complaints);
    }
}

/// <summary>Takes the whole machine: other tests with a browser would wait for it.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
