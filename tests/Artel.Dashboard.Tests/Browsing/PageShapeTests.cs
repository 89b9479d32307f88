using System.Text.RegularExpressions;

namespace Artel.Dashboard.Tests.Browsing;

/// <summary>
/// What holds for every page: whole tables, times on the viewer's clock, an answer to wrong values in the address.
/// </summary>
public sealed partial class PageShapeTests(Chromium chromium) : IClassFixture<Chromium>
{
    private static readonly int[] Widths = [360, 768, 1024, 1280, 1440, 1920];

    // The parts of tables that need scrolling, or that the next cell covers.
    private const string CutOff = """
        () => [...document.querySelectorAll('main table')].flatMap((table) => {
          const place = table.parentElement;
          const found = [];
          if (place.scrollWidth > place.clientWidth + 1) found.push(`${place.getAttribute('aria-label') ?? table.className} is ${place.scrollWidth - place.clientWidth} pixels too wide`);
          for (const cell of table.querySelectorAll('tbody td, tbody th')) {
            if (cell.scrollWidth > cell.clientWidth + 1 && getComputedStyle(cell).display !== 'none') found.push(`${table.className}: '${cell.textContent.trim().slice(0, 30)}' is cut off`);
          }
          return found;
        }).concat(document.documentElement.scrollWidth > innerWidth ? [`the page is ${document.documentElement.scrollWidth - innerWidth} pixels too wide`] : [])
        """;

    private static readonly string[] WithTables =
    [
        "/", "/jobs", "/jobs?group=name", "/jobs/1", "/jobs/1?tab=tasks", "/jobs/1?tab=stats", "/jobs/1/tasks/1", "/nodes?view=table", "/nodes/1", "/schedules", "/events", "/tokens",
        "/usage", "/audit", "/settings", "/about", "/submit?job=1",
    ];

    // Addresses with wrong values, and how many of them the page names.
    private static readonly (string Address, int Lines)[] Wrong =
    [
        ("/nodes?page=abc&desc=7&condition=odd&sort=%00", 4),
        ("/jobs?state=odd&before=-1&group=none&since=ever&sort=up&mine=me", 6),
        ("/jobs/1?tab=timeline&start=99999999999999999999&end=x&row=-1", 3),
        ("/jobs/1?tab=tasks&from=0&count=no&after=1e9&state=%F0%9F", 4),
        ("/jobs/1/tasks/1?attempt=one&out=1.5&err=-1&stream=all&wrap=yes", 5),
        ("/nodes/1?ran=many", 1),
        ("/events?job=x&kind=y&paused=z", 3),
        ("/tokens?all=x&page=y", 2),
        ("/schedules?page=y", 1),
        ("/usage?by=x&range=y", 2),
        ("/audit?outcome=x&before=y", 2),
        ("/submit?job=x", 1),
        ("/?range=x", 1),
        ("/jobs/x", 0),
        ("/jobs/99999999999999999999", 0),
        ("/jobs/x/tasks/y", 0),
        ("/jobs/1/tasks/-1", 0),
        ("/nodes/%ff", 0),
    ];

    [Fact]
    public async Task No_table_is_cut_off_at_any_width_and_times_are_the_viewers()
    {
        await using var dashboard = await DashboardCluster.StartAsync("1", "a-node-with-quite-a-long-name-of-its-own");
        var cluster = dashboard.Cluster;
        var message = $"printf 'this went wrong: {new string('x', 200)} %s' no-space-in-{new string('y', 120)} >&2; exit 3";
        await cluster.JobBecomesAsync(
            await cluster.SubmitAsync("--retries", "2", "--name", $"a-name-{new string('n', 90)}", "--tag", "db", "--node", "a-node-with-quite-a-long-name-of-its-own", "--", "sh", "-c", message), "failed");
        await cluster.ArtelAsync("limit", "set", "db=3");
        await cluster.ArtelAsync("schedule", "add", "nightly", "--cron", "0 3 * * *", "--", "true");
        await using var visit = await Visit.AsAsync(dashboard, chromium, "admin", zone: "Asia/Kathmandu");

        var problems = new List<string>();
        var moments = 0;
        foreach (var page in WithTables)
        {
            await visit.GoAsync(page);
            await visit.Page.Locator("main h1").First.WaitForAsync();
            await visit.QuietAsync();
            foreach (var width in Widths)
            {
                await visit.Page.SetViewportSizeAsync(width, 900);
                await visit.QuietAsync();
                problems.AddRange((await visit.Page.EvaluateAsync<string[]>(CutOff)).Select(p => $"{page} at {width}: {p}"));
            }

            var times = await visit.Page.EvaluateAsync<string[]>(
                "[...document.querySelectorAll('main time')].map((t) => t.dateTime + ' ' + t.title)");
            moments += times.Length;
            problems.AddRange(times.Where(t => !Exact().IsMatch(t)).Select(t => $"{page}: {t}"));
        }

        Assert.True(problems.Count == 0, string.Join("\n", problems));
        Assert.NotEqual(0, moments);
        await visit.GoAsync("/events");
        await visit.SeesAsync("Time (Asia/Kat");
        Assert.Empty(visit.Complaints);
    }

    [Fact]
    public async Task A_value_in_an_address_that_is_none_gives_a_line_and_not_an_exception()
    {
        await using var dashboard = await DashboardCluster.StartAsync("1");
        await dashboard.Cluster.JobBecomesAsync(await dashboard.Cluster.SubmitAsync("--", "true"), "succeeded");
        await using var visit = await Visit.AsAsync(dashboard, chromium, "admin");

        var problems = new List<string>();
        foreach (var (address, lines) in Wrong)
        {
            await visit.GoAsync(address);
            await visit.Page.Locator("main h1").First.WaitForAsync();
            await visit.QuietAsync();
            var failures = await visit.FailuresAsync() + string.Join("; ", visit.TakeComplaints());
            var shown = await visit.Page.Locator(".artel-address-problem").CountAsync();
            if (failures.Length > 0 || shown != lines)
            {
                problems.Add($"{address}: {shown} lines instead of {lines}; {failures}");
            }
        }

        Assert.True(problems.Count == 0, string.Join("\n", problems));
    }

    [GeneratedRegex(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z \d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} \+05:45 \(Asia/Kat[a-z]+\)$")]
    private static partial Regex Exact();
}
