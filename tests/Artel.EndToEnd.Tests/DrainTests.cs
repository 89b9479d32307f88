using System.Text.Json;

namespace Artel.EndToEnd.Tests;

/// <summary>Nodes that are freed of their work, at once, in time, or when it is done.</summary>
public class DrainTests
{
    [Fact]
    public async Task What_still_runs_at_the_deadline_goes_to_another_node()
    {
        await using var cluster = await TestCluster.StartAsync(lostAfter: "60s", nodes: ["1"]);
        var job = await BeginAsync(cluster);
        await cluster.StartNodeAsync("2");

        var deadline = await DrainAsync(cluster, "1h");
        Assert.Contains("draining until ", (await cluster.ArtelAsync("node", "ls")).Output, StringComparison.Ordinal);
        Assert.Contains("draining until ", (await cluster.ArtelAsync("node", "show", "1")).Output, StringComparison.Ordinal);
        var why = await cluster.WhyAsync(job + ".1");
        Assert.Contains(
            $"the node is draining until {deadline.ToLocalTime():yyyy-MM-dd HH:mm:ss}", why, StringComparison.Ordinal);
        Assert.Contains(
            "what has not ended by then is ended and starts again on another", why, StringComparison.Ordinal);

        // A later call replaces what an earlier one said.
        deadline = await DrainAsync(cluster, "300ms");
        await IsMovedAsync(cluster, job);
        var first = (await cluster.JsonAsync("show", job + ".1")).GetProperty("attempts")[0];
        Assert.True(first.GetProperty("ended").GetDateTimeOffset() >= deadline);
        await cluster.ArtelAsync("node", "resume", "1");
        Assert.Equal(JsonValueKind.Null, (await cluster.JsonAsync("node", "show", "1")).GetProperty("drain_deadline").ValueKind);
    }

    [Fact]
    public async Task A_deadline_holds_when_the_server_was_killed_before_it()
    {
        await using var cluster = await TestCluster.StartAsync(heartbeat: "300ms", lostAfter: "60s", nodes: ["1"]);
        var job = await BeginAsync(cluster);
        await cluster.StartNodeAsync("2");
        var deadline = await DrainAsync(cluster, "5s");

        cluster.Server.Signal("KILL");
        await cluster.Server.EndAsync();
        await cluster.StartServerAsync();

        var again = (await cluster.JsonAsync("node", "show", "1")).GetProperty("drain_deadline");
        Assert.Equal(deadline, again.GetDateTimeOffset(), TimeSpan.FromMicroseconds(1));
        await IsMovedAsync(cluster, job);
    }

    [Fact]
    public async Task A_task_of_the_nodes_own_list_is_ended_and_waits_for_it()
    {
        await using var cluster = await TestCluster.StartAsync(lostAfter: "60s", nodes: ["1", "2"]);
        var folder = cluster.Folder.Path;
        var job = await cluster.SubmitAsync("--node", "1", "--", "sh", "-c", $"touch {folder}/begun; while [ ! -e {folder}/go ]; do sleep 0.05; done");
        await Polling.UntilAsync(() => Task.FromResult(File.Exists($"{folder}/begun")), begun => begun, "it runs");

        await cluster.ArtelAsync("node", "drain", "1", "--deadline", "100ms");

        await Polling.UntilAsync(() => cluster.JsonAsync("show", job + ".1"), t => t.GetProperty("state").GetString() == "ready", "it waits again");
        await Processes.AreGoneAsync($"{folder}/go");
        Assert.Contains("node 1 is draining until ", await cluster.WhyAsync(job + ".1"), StringComparison.Ordinal);
        cluster.Folder.Write("go", "");
        await cluster.ArtelAsync("node", "resume", "1");
        await cluster.ArtelAsync("wait", job);
        Assert.Equal(["moved", "succeeded"], await OutcomesAsync(cluster, job));
    }

    [Fact]
    public async Task A_stop_with_a_deadline_moves_what_runs_and_ends_the_agent()
    {
        await using var cluster = await TestCluster.StartAsync(lostAfter: "60s", nodes: ["1"]);
        var job = await BeginAsync(cluster);
        await cluster.StartNodeAsync("2");

        await cluster.ArtelAsync("node", "stop", "1", "--deadline", "500ms");

        await cluster.Node("1").EndAsync();
        await IsMovedAsync(cluster, job);
        await cluster.WaitForNodeAsync("1", "stopped");
        Assert.False((await cluster.JsonAsync("node", "show", "1")).GetProperty("draining").GetBoolean());
    }

    [Fact]
    public async Task A_stop_drains_by_itself_and_ends_what_runs_only_where_that_is_said()
    {
        await using var cluster = await TestCluster.StartAsync(lostAfter: "60s", nodes: ["1"]);
        var job = await BeginAsync(cluster);
        await cluster.StartNodeAsync("2");
        await cluster.ArtelAsync("node", "stop", "1");
        var late = await cluster.SubmitAsync("--", "sh", "-c", "echo $ARTEL_NODE");
        await cluster.ArtelAsync("wait", late);
        Assert.Equal("2\n", (await cluster.ArtelAsync("logs", late + ".1")).Output);
        Assert.False(cluster.Node("1").HasEnded);

        await cluster.ArtelAsync("node", "stop", "1", "--now");

        await cluster.Node("1").EndAsync();
        await cluster.ArtelAsync("wait", job);
        Assert.Equal("from 2\n", (await cluster.ArtelAsync("logs", job + ".1")).Output);
    }

    /// <summary>A task that runs on node 1 for ever, and ends at once on any other.</summary>
    private static async Task<string> BeginAsync(TestCluster cluster)
    {
        var folder = cluster.Folder.Path;
        var job = await cluster.SubmitAsync(
            "--", "sh", "-c", $"[ $ARTEL_NODE = 1 ] || {{ echo from $ARTEL_NODE; exit; }}; touch {folder}/begun; while [ ! -e {folder}/never ]; do sleep 0.05; done");
        await Polling.UntilAsync(() => Task.FromResult(File.Exists($"{folder}/begun")), begun => begun, "it runs on node 1");
        return job;
    }

    private static async Task<DateTimeOffset> DrainAsync(TestCluster cluster, string deadline) =>
        (await cluster.JsonAsync("node", "drain", "1", "--deadline", deadline)).GetProperty("drain_deadline").GetDateTimeOffset();

    private static async Task IsMovedAsync(TestCluster cluster, string job)
    {
        await cluster.ArtelAsync("wait", job);
        await Processes.AreGoneAsync($"{cluster.Folder.Path}/never");
        Assert.Equal("from 2\n", (await cluster.ArtelAsync("logs", job + ".1")).Output);
        Assert.Equal(["moved", "succeeded"], await OutcomesAsync(cluster, job));
        Assert.Contains("moved: node drained", (await cluster.ArtelAsync("show", job + ".1")).Output, StringComparison.Ordinal);
        Assert.Contains("attempt 1 on node 1 was moved: node drained", await cluster.WhyAsync(job + ".1"), StringComparison.Ordinal);
    }

    private static async Task<string?[]> OutcomesAsync(TestCluster cluster, string job) =>
        [.. (await cluster.JsonAsync("show", job + ".1")).GetProperty("attempts").EnumerateArray().Select(a => a.GetProperty("outcome").GetString())];
}
