using Microsoft.Playwright;

namespace Artel.Dashboard.Tests.Browsing;

/// <summary>Pages that report on what was used and done, in a real browser.</summary>
public sealed class ReportTests(Chromium chromium) : IClassFixture<Chromium>
{
    [Fact]
    public async Task Usage_is_grouped_by_what_is_chosen_and_the_choice_is_in_the_address()
    {
        await using var dashboard = await DashboardCluster.StartAsync("1");
        await dashboard.Cluster.JobBecomesAsync(await dashboard.Cluster.SubmitAsync("--array", "1-12", "--tag", "blue", "--memory", "1MiB", "--", "sleep", "0.2"), "succeeded");
        await using var visit = await Visit.AsAsync(dashboard, chromium, "viewer");

        await visit.Page.GetByRole(AriaRole.Link, new() { Name = "Usage" }).ClickAsync();
        await visit.SeesAsync("CPU hours in total");
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Tag" }).ClickAsync();
        await visit.AddressAsync("/usage?by=tag");
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "7 days" }).ClickAsync();

        await visit.AddressAsync("/usage?by=tag&range=7d");
        await visit.Page.GetByRole(AriaRole.Row, new() { Name = "blue 12 12 0 0" }).WaitForAsync();
        await visit.Page.Locator("canvas, svg").Last.WaitForAsync();
        Assert.Empty(visit.Complaints);
    }

    [Fact]
    public async Task The_audit_page_shows_an_admin_who_did_what_and_nobody_else()
    {
        await using var dashboard = await DashboardCluster.StartAsync("1");
        await using (var viewer = await Visit.AsAsync(dashboard, chromium, "viewer"))
        {
            await viewer.GoAsync("/audit");
            await viewer.SeesAsync("The audit log is for admins");
        }

        await dashboard.Cluster.ArtelAsync("limit", "set", "db=3");
        await using var visit = await Visit.AsAsync(dashboard, chromium, "admin");

        await visit.Page.GetByRole(AriaRole.Link, new() { Name = "Audit" }).ClickAsync();
        await visit.SeesAsync("limit db=3");
        await visit.Page.GetByLabel("Outcome").SelectOptionAsync("failed");
        await visit.AddressAsync("/audit?outcome=failed");
        await visit.SeesAsync("No record matches");
        await visit.Page.GetByRole(AriaRole.Link, new() { Name = "Show all records" }).ClickAsync();
        await visit.Page.GetByLabel("Call").FillAsync("OpenSession");
        await visit.Page.GetByLabel("Call").PressAsync("Enter");

        await visit.Page.GetByRole(AriaRole.Row, new() { Name = "login with a token ok 127.0.0.1" }).First.WaitForAsync();
        Assert.Empty(visit.Complaints);
    }
}
