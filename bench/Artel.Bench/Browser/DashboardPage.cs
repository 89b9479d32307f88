using System.Globalization;
using Artel.Bench.Cluster;
using Artel.Dashboard.Tests.Browsing;
using Microsoft.Playwright;

namespace Artel.Bench.Browser;

/// <summary>A page of the dashboard in a browser, logged in as the admin.</summary>
internal sealed class DashboardPage : IAsyncDisposable
{
    private readonly IBrowserContext _visitor;
    private readonly Uri _site;

    private DashboardPage(IBrowserContext visitor, IPage page, Uri site) => (_visitor, Page, _site) = (visitor, page, site);

    public IPage Page { get; }

    public static async Task<DashboardPage> LogInAsync(IBrowser browser, BenchCluster cluster)
    {
        var link = new Uri((await cluster.ArtelAsync("dashboard", "--no-open")).Output.Trim());
        var visitor = await browser.NewContextAsync();
        var page = await visitor.NewPageAsync();
        await page.GotoAsync(link.ToString());
        await page.GetByRole(AriaRole.Heading, new() { Level = 1, Name = "Overview" }).WaitForAsync();
        return new DashboardPage(visitor, page, new Uri(link, "/"));
    }

    /// <summary>Another page of the same visitor.</summary>
    public async Task<DashboardPage> AnotherAsync() => new(_visitor, await _visitor.NewPageAsync(), _site);

    /// <summary>Opens a view of a job and waits until it is there.</summary>
    public async Task OpenAsync(long job, JobView view)
    {
        await Page.GotoAsync(new Uri(_site, string.Create(CultureInfo.InvariantCulture, $"/jobs/{job}?tab={view.Name}")).ToString());
        await Page.Locator($"section.artel-tab[aria-label='{view.Title}']").WaitForAsync();
    }

    /// <summary>Goes where nothing is live: the server may forget what it kept for this page.</summary>
    public Task LeaveAsync() => Page.GotoAsync("about:blank");

    /// <summary>What the page's scripts hold, in bytes, after a collection of their garbage.</summary>
    public async Task<double> ScriptBytesAsync()
    {
        var session = await _visitor.NewCDPSessionAsync(Page);
        await session.SendAsync("HeapProfiler.collectGarbage");
        var used = await session.SendAsync("Runtime.getHeapUsage");
        await session.DetachAsync();
        return used!.Value.GetProperty("usedSize").GetDouble();
    }

    public async ValueTask DisposeAsync() => await Page.CloseAsync();
}
