using System.Diagnostics;

namespace Artel.EndToEnd.Tests;

/// <summary>How soon it is seen that a node is gone, and what is not taken for it.</summary>
[Collection(AloneCollection.Name)]
public class NodeGoneTests(ITestOutputHelper output)
{
    [Fact]
    public async Task An_agent_that_is_killed_is_seen_at_once()
    {
        await using var cluster = await TestCluster.StartAsync(heartbeat: "10s", lostAfter: "60s", nodes: ["1"]);

        Processes.Signal("KILL", cluster.AgentOf("1"));
        var killed = Stopwatch.GetTimestamp();
        await cluster.Server.UntilAsync(s => s.Errors.Contains("Node 1 disconnected", StringComparison.Ordinal), "the server sees it", TimeSpan.FromSeconds(30));

        // Long before a heartbeat is missed. On a machine that does nothing else it takes a few hundredths of a second.
        var took = Stopwatch.GetElapsedTime(killed);
        output.WriteLine($"seen after {took.TotalSeconds} s");
        Assert.InRange(took, TimeSpan.Zero, TimeSpan.FromSeconds(5));
    }

    [Fact]
    public async Task A_server_that_was_stopped_for_longer_than_nodes_may_be_silent_takes_none_for_lost()
    {
        await using var cluster = await TestCluster.StartAsync(heartbeat: "500ms", lostAfter: "3s", nodes: ["1"]);
        var job = await cluster.SubmitAsync("--", "sh", "-c", $"while [ ! -e {cluster.Folder["go"]} ]; do sleep 0.05; done; echo done");
        await cluster.JobBecomesAsync(job, "running");

        cluster.Server.Signal("STOP");
        await Task.Delay(TimeSpan.FromSeconds(8), TimeProvider.System);
        cluster.Server.Signal("CONT");

        await cluster.WaitForNodeAsync("1", "connected");
        cluster.Folder.Write("go", "");
        await cluster.ArtelAsync("wait", job);
        Assert.Equal("done\n", (await cluster.ArtelAsync("logs", job)).Output);
        Assert.Single((await cluster.JsonAsync("show", job + ".1")).GetProperty("attempts").EnumerateArray());
        Assert.DoesNotContain("is lost", cluster.Server.Errors, StringComparison.Ordinal);
        Assert.Contains("The clock went ahead by", cluster.Server.Errors, StringComparison.Ordinal);
    }
}
