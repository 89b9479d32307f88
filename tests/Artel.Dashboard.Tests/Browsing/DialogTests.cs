using Microsoft.Playwright;

namespace Artel.Dashboard.Tests.Browsing;

/// <summary>Dialogs by keyboard, and controls in quick succession.</summary>
public sealed class DialogTests(Chromium chromium) : IClassFixture<Chromium>
{
    private const string Focused = "document.activeElement.textContent.trim() || document.activeElement.tagName + ' ' + (document.activeElement.type ?? '')";

    [Fact]
    public async Task The_safe_answer_has_the_focus_and_escape_closes()
    {
        await using var dashboard = await DashboardCluster.StartAsync();
        var job = await dashboard.Cluster.SubmitAsync("--hold", "--", "true");
        await using var visit = await Visit.AsAsync(dashboard, chromium, "admin");
        await visit.GoAsync($"/jobs/{job}");
        var cancel = visit.Page.GetByRole(AriaRole.Button, new() { Name = "Cancel" }).First;

        await cancel.ClickAsync();
        await HasFocusAsync(visit, "Keep");
        await visit.Page.Keyboard.PressAsync("Escape");
        await IsClosedAsync(visit);
        await cancel.ClickAsync();
        await HasFocusAsync(visit, "Keep");
        await visit.Page.Keyboard.PressAsync("Enter");
        await IsClosedAsync(visit);
        Assert.Equal("waiting", (await dashboard.Cluster.JsonAsync("show", job)).GetProperty("job").GetProperty("state").GetString());

        await cancel.ClickAsync();
        await HasFocusAsync(visit, "Keep");
        await visit.Page.Keyboard.PressAsync("Tab");
        await visit.Page.Keyboard.PressAsync("Enter");
        await dashboard.Cluster.JobBecomesAsync(job, "cancelled");
        Assert.Empty(visit.Complaints);
    }

    [Fact]
    public async Task Enter_confirms_what_was_written_into_the_first_field_which_has_the_focus()
    {
        await using var dashboard = await DashboardCluster.StartAsync("1");
        var job = await dashboard.Cluster.SubmitAsync("--hold", "--", "true");
        await using var visit = await Visit.AsAsync(dashboard, chromium, "admin");

        await visit.GoAsync($"/jobs/{job}");
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Set priority" }).ClickAsync();
        await HasFocusAsync(visit, "INPUT");
        await visit.Page.Keyboard.PressAsync("Control+A");
        await visit.Page.Keyboard.TypeAsync("17");
        await visit.Page.Keyboard.PressAsync("Enter");
        await IsClosedAsync(visit);
        await Polling.UntilAsync(
            async () => (await dashboard.Cluster.JsonAsync("show", job)).GetProperty("job").GetProperty("priority").GetInt32(), priority => priority == 17, "the priority to be set");

        await visit.GoAsync("/nodes/1");
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Actions on node 1" }).ClickAsync();
        await visit.Page.GetByText("Drain").First.ClickAsync();
        await HasFocusAsync(visit, "INPUT");
        await visit.Page.Keyboard.TypeAsync("never");
        await visit.Page.Keyboard.PressAsync("Enter");
        await visit.Page.GetByRole(AriaRole.Dialog).GetByText("never").First.WaitForAsync();
        await visit.Page.Keyboard.PressAsync("Control+A");
        await visit.Page.Keyboard.TypeAsync("10m");
        await visit.Page.Keyboard.PressAsync("Enter");
        await IsClosedAsync(visit);
        await visit.SeesAsync("draining");

        await visit.GoAsync("/tokens");
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Make a token" }).ClickAsync();
        await visit.Page.GetByRole(AriaRole.Dialog).GetByLabel("Name").FillAsync("by-keyboard");
        await visit.Page.Keyboard.PressAsync("Enter");
        await visit.SeesAsync("by-keyboard, for a viewer");
        Assert.Empty(visit.Complaints);
    }

    [Fact]
    public async Task Two_quick_clicks_both_count()
    {
        await using var dashboard = await DashboardCluster.StartAsync("1");
        await dashboard.Cluster.JobBecomesAsync(await dashboard.Cluster.SubmitAsync("--", "sleep", "4"), "succeeded");
        await using var visit = await Visit.AsAsync(dashboard, chromium, "viewer");

        await visit.GoAsync("/jobs");
        await visit.Page.Locator(".artel-states button").First.WaitForAsync();
        await ClickAllAsync(visit, ".artel-states button", "failed", "running", "mine");
        await visit.AddressAsync("/jobs?state=failed,running&mine=true");

        await visit.GoAsync("/jobs/1?tab=tasks");
        await visit.Page.Locator("button.artel-chip").First.WaitForAsync();
        await ClickAllAsync(visit, "button.artel-chip", "failed", "running");
        await visit.AddressAsync("state=failed%2Crunning");

        await visit.GoAsync("/usage");
        await visit.SeesAsync("CPU hours in total");
        await ClickAllAsync(visit, ".artel-choice button", "Tag", "7 days");
        await visit.AddressAsync("/usage?by=tag&range=7d");

        await visit.GoAsync("/jobs/1?tab=timeline");
        await visit.Page.Locator("canvas").First.WaitForAsync();
        await visit.Page.EvaluateAsync("() => { const b = document.querySelector('[aria-label=\"Less time\"]'); b.click(); b.click(); }");

        // One click leaves at least two of the four seconds, two clicks leave half of that.
        await visit.Page.WaitForFunctionAsync(
            "() => { const at = new URLSearchParams(location.search); return at.has('start') && at.get('end') - at.get('start') < 2000; }");
        Assert.Empty(visit.Complaints);
    }

    private static Task ClickAllAsync(Visit visit, string buttons, params string[] words) => visit.Page.EvaluateAsync(
        "([buttons, words]) => { const all = [...document.querySelectorAll(buttons)]; for (const word of words) all.find((b) => b.textContent.trim() === word).click(); }",
        new object[] { buttons, words });

    private static Task HasFocusAsync(Visit visit, string what) => visit.Page.WaitForFunctionAsync($"what => document.querySelector('.mud-dialog') && ({Focused}).startsWith(what)", what);

    private static Task IsClosedAsync(Visit visit) => visit.Page.GetByRole(AriaRole.Dialog).WaitForAsync(new() { State = WaitForSelectorState.Hidden });
}
