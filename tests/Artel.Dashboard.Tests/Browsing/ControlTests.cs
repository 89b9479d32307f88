using Microsoft.AspNetCore.Components;
using Microsoft.Playwright;

namespace Artel.Dashboard.Tests.Browsing;

/// <summary>
/// Clicks every control of every page, as the pages themselves say which there are: links, buttons, fields, choices,
/// menus and what is in them, dialogs and what is in them. Nothing may fail, and the browser may complain of nothing.
/// </summary>
public sealed class ControlTests(Chromium chromium) : IClassFixture<Chromium>
{
    private const int Deepest = 3;

    // What can be clicked now: within the topmost dialog or menu, if one is open. A control is known by its page, its
    // kind and its name without numbers; controls of the frame around the pages, and links, are the same on all of
    // them.
    private const string Find = """
        () => {
          const open = [...document.querySelectorAll('.mud-dialog, .mud-popover-open')].filter((e) => e.checkVisibility());
          const within = open.at(-1) ?? document;
          const page = location.pathname.replace(/\d+/g, '#') + (new URLSearchParams(location.search).get('tab') ?? '');
          const kinds = 'a[href], button, select, input:not([type=hidden]), textarea, summary, canvas[tabindex], [role=button], [role=menuitem], .mud-menu-item';
          const known = new Set();
          const found = [];
          for (const e of within.querySelectorAll(kinds)) {
            if (!e.checkVisibility({ visibilityProperty: true }) || e.disabled || e.getAttribute('aria-disabled') === 'true' || e.matches('.artel-skip')) continue;
            if (e.parentElement.closest('button, a[href], .mud-menu-item')) continue;
            const name = e.getAttribute('aria-label') || e.labels?.[0]?.textContent || e.textContent || e.placeholder || e.title;
            const words = name.trim().replace(/\d+/g, '#').slice(0, 60);
            const href = e.getAttribute('href');
            const link = href && new URL(href, location.href);
            const sign = link ? `link ${link.host} ${link.pathname.replace(/\d+/g, '#').replace(/nodes\/.+/, 'nodes/*')} ${[...link.searchParams.keys()]}`
              : e.closest('.mud-appbar, .mud-drawer') ? `frame ${words}`
              : `${page} ${open.length} ${e.tagName} ${e.type ?? ''} ${words}`;
            if (known.has(sign)) continue;
            known.add(sign);
            e.dataset.testSign = sign;
            found.push(sign);
          }
          return found;
        }
        """;

    private readonly HashSet<string> _done = [];
    private readonly List<string> _problems = [];

    [Fact]
    public async Task Every_control_of_every_page_can_be_used()
    {
        await using var dashboard = await DashboardCluster.StartAsync("1", "2");
        var cluster = dashboard.Cluster;
        await cluster.JobBecomesAsync(await cluster.SubmitAsync("--array", "1-3", "--name", "fails", "--tag", "db", "--", "sh", "-c", "echo out; echo err >&2; exit 3"), "failed");
        await cluster.SubmitAsync("--name", "runs", "--", "sleep", "1000");
        await cluster.SubmitAsync("--hold", "--array", "1-30", "--name", "held", "--", "true");
        await cluster.ArtelAsync("limit", "set", "db=3");
        await cluster.ArtelAsync("schedule", "add", "nightly", "--cron", "0 3 * * *", "--", "true");
        await using var visit = await Visit.AsAsync(dashboard, chromium, "admin");
        visit.Page.SetDefaultTimeout(5_000);
        visit.Page.Popup += (_, popup) => _ = popup.CloseAsync();
        await cluster.TokenAsync("viewer");

        foreach (var page in Pages)
        {
            await ExploreAsync(visit, page, []);
        }

        Assert.Empty(_problems);
        Assert.InRange(_done.Count, 100, int.MaxValue);
    }

    [Fact]
    public void Every_page_there_is_is_among_those()
    {
        var routes = typeof(App).Assembly.GetTypes().SelectMany(t => t.GetCustomAttributes(typeof(RouteAttribute), false)).Cast<RouteAttribute>().Select(r => r.Template);

        Assert.All(routes, route => Assert.Contains(Pages.Select(p => p.Split('?')[0].Split('/')), page => Fits(route.Split('/'), page)));
    }

    /// <summary>Leaving comes last.</summary>
    private static IEnumerable<string> Pages => [.. AccessibilityTests.Pages, "/jobs/2", "/jobs/3", "/jobs/2/tasks/1", "/submit?job=1", "/not-found", "/logout", "/login"];

    private static bool Fits(string[] route, string[] page) =>
        route.Length == page.Length && route.Zip(page).All(p => p.First == p.Second || (p.First.StartsWith('{') && p.Second.Length > 0));

    /// <param name="path">The controls that were clicked on the page to come to what is shown: a menu, a dialog in
    /// it.</param>
    private async Task ExploreAsync(Visit visit, string page, IReadOnlyList<string> path)
    {
        if (!await OpenAsync(visit, page, path))
        {
            return;
        }

        foreach (var sign in (await visit.AskAsync<string[]>(Find)).OrderBy(s => s.Contains("log", StringComparison.OrdinalIgnoreCase)))
        {
            if (_done.Contains(sign) || (!await IsThereAsync(visit, sign) && !await OpenAsync(visit, page, path)))
            {
                continue;
            }

            _done.Add(sign);
            if (!await UseAsync(visit, sign))
            {
                continue;
            }

            await CheckAsync(visit, page, [.. path, sign]);
            var isOpen = await visit.Page.Locator(".mud-dialog:visible, .mud-popover-open:visible").CountAsync() > path.Count;
            if (isOpen && path.Count < Deepest)
            {
                await ExploreAsync(visit, page, [.. path, sign]);
            }

            if (isOpen || path.Count > 0 || new Uri(visit.Page.Url).AbsolutePath != page.Split('?')[0])
            {
                await OpenAsync(visit, page, path);
            }
        }
    }

    private static async Task<bool> OpenAsync(Visit visit, string page, IReadOnlyList<string> path)
    {
        await visit.GoAsync(page);
        await visit.Page.Locator("h1").First.WaitForAsync();
        await visit.QuietAsync();
        foreach (var sign in path)
        {
            await visit.AskAsync<string[]>(Find);
            if (!await UseAsync(visit, sign))
            {
                return false;
            }
        }

        return true;
    }

    private static async Task<bool> IsThereAsync(Visit visit, string sign) => (await visit.AskAsync<string[]>(Find)).Contains(sign);

    /// <summary>False if it has gone meanwhile.</summary>
    private static async Task<bool> UseAsync(Visit visit, string sign)
    {
        var found = await visit.Page.EvaluateHandleAsync("sign => [...document.querySelectorAll('[data-test-sign]')].find((e) => e.dataset.testSign === sign)", sign);
        if (found is not IElementHandle control)
        {
            return false;
        }

        var kind = await control.EvaluateAsync<string>("e => e.tagName + ' ' + (e.type ?? '')");
        switch (kind)
        {
            case "SELECT select-one":
                await control.EvaluateAsync("e => { e.selectedIndex = e.options.length - 1; e.dispatchEvent(new Event('change', { bubbles: true })); }");
                break;
            case "INPUT text" or "INPUT search" or "INPUT number" or "INPUT password":
                await control.FillAsync("7");
                await control.PressAsync("Enter");
                break;
            case "TEXTAREA textarea":
                await control.FillAsync("tasks:\n  - run: [");
                break;
            default:
                // As the page gets it: what lies above it, such as a message, is not what is tested.
                await ClickAsync(control);
                break;
        }

        await visit.Page.WaitForLoadStateAsync(LoadState.DOMContentLoaded);
        await visit.QuietAsync();
        return true;
    }

    private static async Task ClickAsync(IElementHandle control)
    {
        try
        {
            await control.EvaluateAsync("e => e.click()");
        }
        catch (PlaywrightException e) when (e.Message.Contains("context was destroyed", StringComparison.Ordinal))
        {
            // The click has left the page before it could answer.
        }
    }

    private async Task CheckAsync(Visit visit, string page, IReadOnlyList<string> path)
    {
        var failures = await visit.FailuresAsync();
        if (await visit.Page.Locator("h1").CountAsync() == 0)
        {
            failures += $" {visit.Page.Url} has no heading";
        }

        failures += string.Join("; ", visit.TakeComplaints());
        if (failures.Trim().Length > 0)
        {
            _problems.Add($"{page}: {string.Join(" > ", path)}: {failures}");
        }
    }
}
