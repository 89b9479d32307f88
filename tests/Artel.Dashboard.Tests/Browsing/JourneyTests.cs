using Microsoft.Playwright;

namespace Artel.Dashboard.Tests.Browsing;

/// <summary>What people come for, in a real browser at a real cluster.</summary>
public sealed class JourneyTests(Chromium chromium) : IClassFixture<Chromium>
{
    private const string Map = """
        name: hello
        tasks:
          - name: greet
            run: [sh, -c, "echo hello from {index}; sleep 1"]
            array: 1-3
          - name: fail
            run: [sh, -c, "echo this went wrong >&2; exit 7"]
        """;

    [Fact]
    public async Task A_fresh_cluster_teaches_and_a_map_is_submitted_watched_and_understood()
    {
        await using var dashboard = await DashboardCluster.StartAsync();
        await using var visit = await Visit.ByLinkAsync(dashboard, chromium);
        await visit.SeesAsync("artel token create --role node");
        await dashboard.Cluster.StartNodeAsync("1");

        await visit.GoAsync("/submit");
        await visit.HeadingAsync("Submit");
        var editor = visit.Page.GetByRole(AriaRole.Textbox, new() { Name = "Map" }).First;
        await editor.FillAsync("tasks:\n  - run: echo\n");
        await visit.SeesAsync("2:");
        await editor.FillAsync(Map);
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Submit" }).First.ClickAsync();
        await visit.Page.WaitForURLAsync("**/jobs/1*");

        await visit.SeesAsync("failed");
        await visit.GoAsync("/jobs/1/tasks/4");
        await visit.SeesAsync("this went wrong");
        await visit.SeesAsync("exit status 7");
        Assert.Empty(visit.Complaints);
    }

    [Fact]
    public async Task A_job_is_cancelled_and_a_node_drained_by_click()
    {
        await using var dashboard = await DashboardCluster.StartAsync("1");
        var job = await dashboard.Cluster.SubmitAsync("--", "sleep", "1000");
        await using var visit = await Visit.AsAsync(dashboard, chromium, "admin");

        await visit.GoAsync($"/jobs/{job}");
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Cancel" }).First.ClickAsync();
        await visit.Page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { NameRegex = new("^(?!Keep)(?!Close).+") }).Last.ClickAsync();
        await visit.Page.GetByRole(AriaRole.Dialog).WaitForAsync(new() { State = WaitForSelectorState.Hidden });
        await dashboard.Cluster.JobBecomesAsync(job, "cancelled");
        await visit.SeesAsync("cancelled");

        await visit.GoAsync("/nodes/1");
        await visit.Page.GetByRole(AriaRole.Button, new() { NameRegex = new("actions", System.Text.RegularExpressions.RegexOptions.IgnoreCase) }).First.ClickAsync();
        await visit.Page.GetByText("Drain").First.ClickAsync();
        await visit.Page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Drain" }).ClickAsync();
        await visit.SeesAsync("draining");
        Assert.True((await dashboard.Cluster.JsonAsync("node", "show", "1")).GetProperty("draining").GetBoolean());
        Assert.Empty(visit.Complaints);
    }

    [Fact]
    public async Task An_open_page_comes_back_after_a_kill_of_the_server()
    {
        await using var dashboard = await DashboardCluster.StartAsync("1");
        var job = await dashboard.Cluster.SubmitAsync("--", "sleep", "1000");
        await using var visit = await Visit.AsAsync(dashboard, chromium, "viewer");
        await visit.GoAsync($"/jobs/{job}");
        await visit.SeesAsync("running");

        dashboard.Cluster.Server.Signal("KILL");
        await visit.SeesAsync("The server does not answer.");
        await dashboard.Cluster.StartServerAsync();
        await visit.Page.GetByText("The server does not answer.").First.WaitForAsync(new() { State = WaitForSelectorState.Hidden });

        await dashboard.Cluster.ArtelAsync("cancel", job);
        await visit.SeesAsync("cancelled");
    }

    [Theory]
    [InlineData("viewer", false, false)]
    [InlineData("user", false, false)]
    [InlineData("admin", true, true)]
    public async Task Each_is_offered_what_they_may_do(string role, bool onJobs, bool onTokens)
    {
        await using var dashboard = await DashboardCluster.StartAsync();
        var job = await dashboard.Cluster.SubmitAsync("--hold", "--", "true");
        await using var visit = await Visit.AsAsync(dashboard, chromium, role);

        Assert.Equal(onTokens ? 1 : 0, await visit.Page.GetByRole(AriaRole.Link, new() { Name = "Tokens" }).CountAsync());
        await visit.GoAsync($"/jobs/{job}");
        await visit.SeesAsync("submitted");
        Assert.Equal(onJobs ? 1 : 0, await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Cancel" }).CountAsync());
        Assert.Empty(visit.Complaints);
    }

    [Fact]
    public async Task A_user_acts_on_their_own_job_and_is_offered_nothing_on_that_of_another()
    {
        await using var dashboard = await DashboardCluster.StartAsync();
        var (ada, bob) = (await dashboard.Cluster.TokenAsync("user"), await dashboard.Cluster.TokenAsync("user"));
        var own = (await dashboard.Cluster.TryArtelWithAsync("ARTEL_TOKEN", ada, "submit", "--hold", "--", "true")).Output.Trim();
        var other = (await dashboard.Cluster.TryArtelWithAsync("ARTEL_TOKEN", bob, "submit", "--hold", "--", "true")).Output.Trim();
        await using var visit = await Visit.WithAsync(dashboard, chromium, ada);

        await visit.GoAsync($"/jobs/{other}");
        await visit.SeesAsync("submitted");
        Assert.Equal(0, await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Cancel" }).CountAsync());
        await visit.GoAsync($"/jobs/{own}");
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Cancel" }).ClickAsync();
        await visit.Page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Cancel" }).Last.ClickAsync();

        await dashboard.Cluster.JobBecomesAsync(own, "cancelled");
        Assert.NotEqual("cancelled", (await dashboard.Cluster.JsonAsync("show", other)).GetProperty("job").GetProperty("state").GetString());
        Assert.Empty(visit.Complaints);
    }

    [Fact]
    public async Task Copy_puts_a_new_token_on_the_clipboard()
    {
        await using var dashboard = await DashboardCluster.StartAsync();
        await using var visit = await Visit.AsAsync(dashboard, chromium, "admin");
        await visit.Page.Context.GrantPermissionsAsync(["clipboard-read", "clipboard-write"]);

        await visit.GoAsync("/tokens");
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Make a token" }).ClickAsync();
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Make it" }).ClickAsync();
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Copy the token" }).ClickAsync();

        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Copied" }).WaitForAsync();
        Assert.Equal(
            await visit.Page.Locator(".settings-secret pre").First.InnerTextAsync(),
            await visit.Page.EvaluateAsync<string>("navigator.clipboard.readText()"));
        Assert.Empty(visit.Complaints);
    }
}
