using Artel.Dashboard.Pages.Jobs;
using Artel.Dashboard.Pages.Nodes;
using Artel.Dashboard.Pages.Overview;
using Artel.Dashboard.Pages.Settings;
using Artel.Protocol.V1;
using Bunit;
using Task = System.Threading.Tasks.Task;

namespace Artel.Dashboard.Tests.Components;

/// <summary>What pages say of a cluster.</summary>
public sealed class PageTests
{
    [Fact]
    public async Task The_list_shows_what_its_address_asks_for_and_follows_what_happens()
    {
        await using var cluster = await TestCluster.StartAsync(nodes: ["1"]);
        var good = await cluster.SubmitAsync("--name", "good", "--", "true");
        var bad = await cluster.SubmitAsync("--name", "bad", "--", "false");
        await cluster.JobBecomesAsync(good, "succeeded");
        await cluster.JobBecomesAsync(bad, "failed");
        await using var view = await ClusterView.OfAsync(cluster, Role.User);

        var list = view.Show<JobsPage>("/jobs?state=failed");
        list.WaitForAssertion(() => Assert.Contains("bad", list.Find("table").TextContent, StringComparison.Ordinal), ClusterView.Patience);
        Assert.DoesNotContain("good", list.Find("table").TextContent, StringComparison.Ordinal);

        var second = await cluster.SubmitAsync("--name", "bad-too", "--", "false");
        await cluster.JobBecomesAsync(second, "failed");
        list.WaitForAssertion(() => Assert.Contains("bad-too", list.Find("table").TextContent, StringComparison.Ordinal), ClusterView.Patience);
    }

    [Theory]
    [InlineData(Role.Viewer, 0)]
    [InlineData(Role.User, 1)]
    [InlineData(Role.Admin, 1)]
    public async Task Only_who_may_act_can_select(Role role, int boxes)
    {
        await using var cluster = await TestCluster.StartAsync();
        await cluster.SubmitAsync("--hold", "--", "true");
        await using var view = await ClusterView.OfAsync(cluster, role);

        var list = view.Show<JobsPage>("/jobs");
        list.WaitForAssertion(() => Assert.Single(list.FindAll("tbody tr")), ClusterView.Patience);

        Assert.Equal(boxes, list.FindAll("tbody input[type=checkbox]").Count);
    }

    [Theory]
    [InlineData(Role.User, "alice", true)]
    [InlineData(Role.User, "bob", false)]
    [InlineData(Role.Viewer, "alice", false)]
    [InlineData(Role.Admin, "carol", true)]
    public async Task Jobs_of_others_are_shown_without_actions_and_without_what_is_inside(Role role, string name, bool theirs)
    {
        await using var cluster = await TestCluster.StartAsync(nodes: ["1"]);
        var alice = (await cluster.ArtelAsync("token", "create", "--role", "user", "--name", "alice")).Output.Trim();
        var job = (await cluster.TryArtelWithAsync("ARTEL_TOKEN", alice, "submit", "--", "sh", "-c", "echo s3cr3t >&2; sleep 600")).Output.Trim();
        await cluster.JobBecomesAsync(job, "running");
        await using var view = await ClusterView.OfAsync(cluster, role, name);

        var list = view.Show<JobsPage>("/jobs");
        list.WaitForAssertion(() => Assert.Single(list.FindAll("tbody tr")), ClusterView.Patience);
        list.WaitForAssertion(
            () => Assert.Equal(theirs ? 1 : 0, list.FindAll("tbody input[type=checkbox]:not([disabled])").Count), ClusterView.Patience);

        var page = view.Show<SourceTab>("/jobs/1", p => p.Add(t => t.Job, 1));
        page.WaitForAssertion(() => Assert.Equal(!theirs, page.Markup.Contains("(only the owner and admins see this)", StringComparison.Ordinal)), ClusterView.Patience);
        page.WaitForAssertion(() => Assert.Equal(theirs, page.Markup.Contains("s3cr3t", StringComparison.Ordinal)), ClusterView.Patience);

        var settings = view.Show<SettingsPage>("/settings");
        settings.WaitForAssertion(() => Assert.Contains("--privacy own", settings.Markup, StringComparison.Ordinal), ClusterView.Patience);
        settings.WaitForAssertion(() => Assert.Equal(theirs || role == Role.Admin || name == "alice", settings.Find("[aria-labelledby=settings-quotas]").TextContent.Contains("alice", StringComparison.Ordinal)), ClusterView.Patience);
    }

    [Fact]
    public async Task What_can_not_be_answered_is_said_and_asked_again()
    {
        await using var cluster = await TestCluster.StartAsync();
        await cluster.SubmitAsync("--hold", "--name", "kept", "--", "true");
        await using var view = await ClusterView.OfAsync(cluster, Role.Viewer);
        var list = view.Show<JobsPage>("/jobs");
        list.WaitForAssertion(() => Assert.Contains("kept", list.Markup, StringComparison.Ordinal), ClusterView.Patience);

        cluster.Server.Signal("KILL");
        list.WaitForAssertion(() => Assert.Contains("The server does not answer", list.Markup, StringComparison.Ordinal), ClusterView.Patience);
        Assert.Contains("kept", list.Markup, StringComparison.Ordinal);

        await cluster.StartServerAsync();
        list.WaitForAssertion(() => Assert.DoesNotContain("The server does not answer", list.Markup, StringComparison.Ordinal), ClusterView.Patience);
    }

    [Fact]
    public async Task A_fresh_cluster_is_told_its_first_steps()
    {
        await using var cluster = await TestCluster.StartAsync();
        await using var view = await ClusterView.OfAsync(cluster, Role.Admin);

        var overview = view.Show<OverviewPage>("/");

        overview.WaitForAssertion(
            () => Assert.Equal(2, overview.FindAll(".artel-copyline pre").Count(line => line.TextContent.StartsWith("artel ", StringComparison.Ordinal))), ClusterView.Patience);
    }

    [Fact]
    public async Task Nodes_are_told_with_the_numbers_of_their_states()
    {
        await using var cluster = await TestCluster.StartAsync(nodes: ["1"]);
        var job = await cluster.SubmitAsync("--node", "1", "--", "sleep", "100");
        await cluster.JobBecomesAsync(job, "running");
        await using var view = await ClusterView.OfAsync(cluster, Role.Viewer);

        var nodes = view.Show<NodesPage>("/nodes?view=table");

        nodes.WaitForAssertion(() => Assert.Matches(@"2\s*running", nodes.Find("tbody tr").TextContent), ClusterView.Patience);
    }

    [Theory]
    [InlineData(Role.Viewer, false)]
    [InlineData(Role.User, false)]
    [InlineData(Role.Admin, true)]
    public async Task Tokens_are_for_admins(Role role, bool shown)
    {
        await using var cluster = await TestCluster.StartAsync();
        await using var view = await ClusterView.OfAsync(cluster, role);

        var tokens = view.Show<TokensPage>("/tokens");

        tokens.WaitForAssertion(() => Assert.Equal(shown ? 1 : 0, tokens.FindAll("table").Count), ClusterView.Patience);
        Assert.Equal(!shown, tokens.Markup.Contains("admin", StringComparison.OrdinalIgnoreCase) && tokens.FindAll("table").Count == 0);
    }
}
