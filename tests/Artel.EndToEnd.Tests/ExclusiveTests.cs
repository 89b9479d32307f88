using System.Diagnostics;
using System.Globalization;

namespace Artel.EndToEnd.Tests;

/// <summary>
/// Exclusive tasks of real nodes that can not reach their server any more. Each task keeps a lock on a file that all nodes share: a
/// second process of it that could not get the lock would leave a mark.
/// </summary>
public class ExclusiveTests
{
    [Fact]
    public async Task A_node_that_is_cut_off_ends_its_exclusive_task_before_another_gets_it()
    {
        using var lab = NetworkLab.Create("server", "1", "2");
        await using var cluster = await TestCluster.StartAsync(heartbeat: "500ms", lostAfter: "4s", lab: lab, nodes: ["1"]);
        var job = await SubmitAsync(cluster);
        await StartedAsync(cluster, "1");
        await cluster.StartNodeAsync("2");

        lab.Cut("1");

        await StartedAsync(cluster, "2");
        lab.Mend("1");
        await EndAsync(cluster, job);
        Assert.Equal(["lost on 1", "succeeded on 2"], await AttemptsAsync(cluster, job));
    }

    [Fact]
    public async Task A_node_that_hears_the_server_again_before_goes_on()
    {
        using var lab = NetworkLab.Create("server", "1");
        await using var cluster = await TestCluster.StartAsync(heartbeat: "500ms", lostAfter: "20s", lab: lab, nodes: ["1"]);
        var job = await SubmitAsync(cluster);
        await StartedAsync(cluster, "1");

        lab.Cut("1");
        await cluster.ArtelAsync("node", "ls");
        lab.Mend("1");

        await EndAsync(cluster, job);
        Assert.Equal(["succeeded on 1"], await AttemptsAsync(cluster, job));
    }

    [Theory]
    [InlineData("STOP")]
    [InlineData("KILL")]
    public async Task An_agent_that_is_stopped_or_killed_does_not_leave_its_exclusive_task_running(string signal)
    {
        await using var cluster = await TestCluster.StartAsync(heartbeat: "500ms", lostAfter: "4s", nodes: ["1"]);
        var job = await SubmitAsync(cluster);
        await StartedAsync(cluster, "1");
        await cluster.StartNodeAsync("2");

        using (var kill = Process.Start("kill", ["-s", signal, cluster.AgentOf("1").ToString(CultureInfo.InvariantCulture)]))
        {
            await kill.WaitForExitAsync();
        }

        await StartedAsync(cluster, "2");
        await EndAsync(cluster, job);
        Assert.Equal(["lost on 1", "succeeded on 2"], await AttemptsAsync(cluster, job));

        // The guardian has ended with its agent, whatever was done to that.
        Assert.NotEqual(0, (await cluster.Node("1").EndAsync()).Status);
    }

    [Fact]
    public async Task A_server_that_was_killed_gives_nothing_away_too_early()
    {
        await using var cluster = await TestCluster.StartAsync(heartbeat: "500ms", lostAfter: "60s", nodes: ["1", "2"]);
        var job = await SubmitAsync(cluster);
        await Polling.UntilAsync(() => Task.FromResult(File.Exists(cluster.Folder["started.1"]) || File.Exists(cluster.Folder["started.2"])), s => s, "it runs");

        for (var i = 0; i < 3; i++)
        {
            cluster.Server.Signal("KILL");
            await cluster.StartServerAsync();
            await cluster.WaitForNodeAsync("1", "connected");
            await cluster.WaitForNodeAsync("2", "connected");
        }

        await EndAsync(cluster, job);
        Assert.Single(await AttemptsAsync(cluster, job));
    }

    [Fact]
    public async Task A_node_is_not_forgotten_while_it_may_run_one()
    {
        await using var cluster = await TestCluster.StartAsync(nodes: ["1"]);
        var job = await SubmitAsync(cluster);
        await StartedAsync(cluster, "1");

        var refused = await cluster.TryArtelAsync("node", "forget", "1");

        Assert.NotEqual(0, refused.Status);
        Assert.Contains($"node 1 may still run task {job}.1, which is exclusive", refused.Errors, StringComparison.Ordinal);
        await EndAsync(cluster, job);
        await cluster.ArtelAsync("node", "forget", "1");
    }

    [Fact]
    public async Task It_can_be_asked_for_on_the_command_line()
    {
        await using var cluster = await TestCluster.StartAsync(nodes: ["1"]);
        var job = await cluster.SubmitAsync("--exclusive", "--", "sh", "-c", $"touch {cluster.Folder["started.1"]}; sleep 600");
        await StartedAsync(cluster, "1");

        Assert.Contains("which is exclusive", (await cluster.TryArtelAsync("node", "forget", "1")).Errors, StringComparison.Ordinal);

        await cluster.ArtelAsync("cancel", job);
        await cluster.JobBecomesAsync(job, "cancelled");
    }

    private static Task<string> SubmitAsync(TestCluster cluster)
    {
        var folder = cluster.Folder.Path;
        return cluster.SubmitAsync(cluster.Folder.Write("map.yaml", $$"""
            tasks:
              - run:
                  - sh
                  - -c
                  - |
                    exec 9> {{folder}}/lock
                    flock -n 9 || touch {{folder}}/overlap
                    touch {{folder}}/started.$ARTEL_NODE
                    while [ ! -e {{folder}}/go ]; do sleep 0.05; done
                exclusive: true
            """));
    }

    private static Task StartedAsync(TestCluster cluster, string node) => Polling.UntilAsync(
        () => Task.FromResult(File.Exists(cluster.Folder["started." + node])), s => s, $"it runs on node {node}");

    private static async Task EndAsync(TestCluster cluster, string job)
    {
        cluster.Folder.Write("go", "");
        await cluster.ArtelAsync("wait", job);
        Assert.False(File.Exists(cluster.Folder["overlap"]), "two processes of an exclusive task ran at once");
    }

    private static async Task<string[]> AttemptsAsync(TestCluster cluster, string job) =>
        [.. (await cluster.JsonAsync("show", job + ".1")).GetProperty("attempts").EnumerateArray().Select(a => $"{a.GetProperty("outcome")} on {a.GetProperty("node")}")];
}
