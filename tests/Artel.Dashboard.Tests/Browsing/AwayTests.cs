using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;

namespace Artel.Dashboard.Tests.Browsing;

/// <summary>
/// What a visitor sees while the server is away: never an error page of the browser, and it comes back by itself.
/// </summary>
public sealed class AwayTests(Chromium chromium) : IClassFixture<Chromium>
{
    private const string Banner = "#artel-away";

    [Theory]
    [InlineData(ColorScheme.Light)]
    [InlineData(ColorScheme.Dark)]
    public async Task A_link_that_is_clicked_while_the_server_is_away_opens_when_it_is_back(ColorScheme theme)
    {
        await using var dashboard = await DashboardCluster.StartAsync();
        await using var visit = await Visit.AsAsync(dashboard, chromium, "admin", theme);
        await visit.Page.EvaluateAsync("navigator.serviceWorker.ready");

        dashboard.Cluster.Server.Signal("KILL");
        await visit.Page.Locator(Banner).WaitForAsync();
        Assert.InRange(await ContrastAsync(visit.Page, Banner), 4.5, 21);
        await visit.Page.GetByRole(AriaRole.Link, new() { Name = "Jobs" }).First.ClickAsync();
        await visit.SeesAsync("/jobs opens by itself");
        Assert.Equal(dashboard.Site.ToString(), visit.Page.Url);

        await dashboard.Cluster.StartServerAsync();
        await visit.AddressAsync("/jobs");
        await visit.HeadingAsync("Jobs");
        await visit.Page.Locator(Banner).WaitForAsync(new() { State = WaitForSelectorState.Hidden });
    }

    [Fact]
    public async Task A_page_that_is_loaded_while_the_server_is_away_says_so_and_comes_back()
    {
        await using var dashboard = await DashboardCluster.StartAsync();
        await using var visit = await Visit.AsAsync(dashboard, chromium, "viewer");
        await visit.Page.EvaluateAsync("navigator.serviceWorker.ready");
        await visit.GoAsync("/nodes?view=table");
        await visit.HeadingAsync("Nodes");

        dashboard.Cluster.Server.Signal("KILL");
        await visit.Page.Locator(Banner).WaitForAsync();
        await visit.Page.ReloadAsync();
        await visit.HeadingAsync("The server does not answer");
        await visit.GoAsync("/logout");
        await visit.HeadingAsync("The server does not answer");
        var unreadable = await visit.Page.RunAxe(new AxeRunOptions { ResultTypes = [ResultType.Violations] });
        Assert.Empty(unreadable.Violations.Select(v => v.Id));
        await visit.GoAsync("/nodes?view=table");

        await dashboard.Cluster.StartServerAsync();
        await visit.HeadingAsync("Nodes");
        await visit.AddressAsync("/nodes?view=table");
    }

    /// <summary>Of a text to what is behind it, as WCAG 2.2 measures it.</summary>
    private static Task<double> ContrastAsync(IPage page, string selector) => page.EvaluateAsync<double>(
        """
        (selector) => {
          const style = getComputedStyle(document.querySelector(selector));
          const light = (color) => {
            const [r, g, b] = color.match(/[\d.]+/g).map(Number).slice(0, 3).map((c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4));
            return 0.2126 * r + 0.7152 * g + 0.0722 * b;
          };
          const [a, b] = [light(style.color), light(style.backgroundColor)].sort((x, y) => y - x);
          return (a + 0.05) / (b + 0.05);
        }
        """,
        selector);
}
