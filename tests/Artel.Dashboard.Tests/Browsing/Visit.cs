using Microsoft.Playwright;

namespace Artel.Dashboard.Tests.Browsing;

/// <summary>A visitor at a dashboard. What the browser complained of meanwhile is kept: a page that breaks its own content policy has failed.</summary>
public sealed class Visit : IAsyncDisposable
{
    /// <summary>
    /// Complaints that are no faults of the page. A server that is killed leaves calls unanswered. And a key that is
    /// pressed in a dialog is released after the server has closed the dialog: Blazor then finds no handler for the
    /// release (dotnet/aspnetcore issues 26838 and 67257). What a handler throws is reported otherwise, as an exception on
    /// the circuit.
    /// </summary>
    private static readonly string[] NoFaults =
        ["net::ERR_", "WebSocket", "There was an exception invoking 'DispatchEventAsync'"];

    private readonly List<string> _complaints = [];
    private readonly DashboardCluster _dashboard;

    private Visit(DashboardCluster dashboard, IPage page)
    {
        _dashboard = dashboard;
        Page = page;
        page.PageError += (_, error) => _complaints.Add(error);
        page.Console += (_, message) =>
        {
            if (message.Type == "error")
            {
                _complaints.Add(message.Text);
            }
        };
    }

    public IPage Page { get; }

    /// <summary>What the browser complained of, without <see cref="NoFaults"/>.</summary>
    public IReadOnlyList<string> Complaints =>
        [.. _complaints.Where(c => !NoFaults.Any(n => c.Contains(n, StringComparison.Ordinal)))];

    /// <summary>The same since it was asked last.</summary>
    public IReadOnlyList<string> TakeComplaints()
    {
        var complaints = Complaints;
        _complaints.Clear();
        return complaints;
    }

    /// <summary>Logs in with a token of a role.</summary>
    public static async Task<Visit> AsAsync(
        DashboardCluster dashboard, Chromium chromium, string role, ColorScheme theme = ColorScheme.Light, int width = 1280, string? zone = null) =>
        await WithAsync(dashboard, chromium, await dashboard.Cluster.TokenAsync(role), theme, width, zone);

    /// <summary>Logs in with a token.</summary>
    public static async Task<Visit> WithAsync(
        DashboardCluster dashboard, Chromium chromium, string token, ColorScheme theme = ColorScheme.Light, int width = 1280, string? zone = null)
    {
        var visit = new Visit(dashboard, await chromium.NewPageAsync(theme, width, zone));
        await visit.GoAsync("/login");
        await visit.Page.FillAsync("#secret", token);
        await visit.Page.ClickAsync("button[type=submit]");
        await visit.HeadingAsync("Overview");
        return visit;
    }

    /// <summary>Opens a link that <c>artel dashboard</c> printed.</summary>
    public static async Task<Visit> ByLinkAsync(DashboardCluster dashboard, Chromium chromium)
    {
        var visit = new Visit(dashboard, await chromium.NewPageAsync());
        await visit.Page.GotoAsync((await dashboard.LinkAsync()).ToString());
        await visit.HeadingAsync("Overview");
        return visit;
    }

    public Task GoAsync(string path) => Page.GotoAsync(new Uri(_dashboard.Site, path).ToString());

    /// <summary>Waits for a page by its heading.</summary>
    public Task HeadingAsync(string text) => Page.GetByRole(AriaRole.Heading, new() { Level = 1, Name = text }).WaitForAsync();

    /// <summary>Waits for a text.</summary>
    public Task SeesAsync(string text) => Page.GetByText(text).First.WaitForAsync();

    /// <summary>
    /// Waits for the address of the page. Asks the page itself: WaitForURLAsync overlooks a change within a page (history.replaceState)
    /// that comes while it begins to wait.
    /// </summary>
    /// <param name="end">With what it ends.</param>
    public Task AddressAsync(string end) => Page.WaitForFunctionAsync("end => location.href.endsWith(end)", end);

    /// <summary>
    /// Waits until the page has stopped changing, for two seconds at most: live parts go on changing. If the page is
    /// left meanwhile, it waits for the next one.
    /// </summary>
    public Task QuietAsync() => AskAsync<object?>(Quiet);

    /// <summary>What a script says that runs in the page. If the page is left meanwhile, it runs in the next one.</summary>
    public async Task<T> AskAsync<T>(string script)
    {
        while (true)
        {
            try
            {
                return await Page.EvaluateAsync<T>(script);
            }
            catch (PlaywrightException e) when (e.Message.Contains("context was destroyed", StringComparison.Ordinal))
            {
                await Page.WaitForLoadStateAsync(LoadState.DOMContentLoaded);
            }
        }
    }

    private const string Quiet = """
        () => new Promise((done) => {
          const end = setTimeout(finish, 2000);
          let still = setTimeout(finish, 150);
          const seen = new MutationObserver(() => { clearTimeout(still); still = setTimeout(finish, 150); });
          seen.observe(document.documentElement, { childList: true, subtree: true, attributes: true, characterData: true });
          function finish() { clearTimeout(end); clearTimeout(still); seen.disconnect(); done(); }
        })
        """;

    /// <summary>What of the page has failed; empty if nothing has.</summary>
    public Task<string> FailuresAsync() => AskAsync<string>(
        """
        () => [...document.querySelectorAll('#blazor-error-ui, .artel-failed-part, #artel-away')]
          .filter((e) => e.checkVisibility()).map((e) => e.textContent.trim()).join('; ')
          + (/\b\w+Exception\b|Cannot parse the value/.test(document.body.innerText) ? 'shows an exception' : '')
        """);

    public async ValueTask DisposeAsync() => await Page.Context.DisposeAsync();
}
