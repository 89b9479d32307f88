namespace Artel.EndToEnd.Tests;

/// <summary>A node that has not enough of something to start all tasks at once runs fewer, and no task fails for it.</summary>
public class ShortageTests
{
    [Fact]
    public async Task A_node_with_few_descriptors_runs_fewer_tasks_at_once()
    {
        Assert.SkipUnless(Binaries.AreNative, "the runtime of this build needs more than that itself");
        await using var cluster = await TestCluster.StartAsync();
        await using var node = await StartAsync(cluster, "ulimit -n 160");

        var job = await cluster.SubmitAsync("--array", "1-200", "--", "sleep", "0.3");
        var waited = await cluster.TryArtelAsync("wait", job);

        Assert.True(waited.Status == 0, waited + node.Errors);
        Assert.Contains("tasks run here at once for now: no further file can be opened on this node", node.Errors, StringComparison.Ordinal);
        var done = Assert.Single((await cluster.JsonAsync("show", job)).GetProperty("job").GetProperty("nodes").EnumerateArray());
        Assert.Equal((200, 0), (done.GetProperty("succeeded").GetInt32(), done.GetProperty("failed_attempts").GetInt32()));
    }

    [Fact]
    public async Task An_agent_raises_its_soft_limit_of_open_files_when_it_needs_more_and_tasks_do_not_get_it()
    {
        Assert.SkipUnless(Binaries.AreNative, "the runtime of this build raises the limit before Artel sees it");
        await using var cluster = await TestCluster.StartAsync();
        await using var node = await StartAsync(cluster, "ulimit -Sn 200; ulimit -Hn 900");
        var limits = $"/proc/{cluster.AgentOf("small")}/limits";

        var first = await cluster.SubmitAsync("--", "sh", "-c", "ulimit -Sn; ulimit -Hn");
        await cluster.ArtelAsync("wait", first);
        Assert.Equal("200\n900\n", (await cluster.ArtelAsync("logs", first)).Output);
        Assert.Matches("Max open files +200 +900", await File.ReadAllTextAsync(limits, TestContext.Current.CancellationToken));

        // Five descriptors each, all at once.
        var many = await cluster.SubmitAsync("--array", "1-100", "--", "sh", "-c", "sleep 2; ulimit -Sn");
        await cluster.ArtelAsync("wait", many);
        Assert.Matches("Max open files +900 +900", await File.ReadAllTextAsync(limits, TestContext.Current.CancellationToken));
        Assert.DoesNotContain("tasks run here at once for now", node.Errors, StringComparison.Ordinal);
        Assert.Equal("200\n", (await cluster.ArtelAsync("logs", many + ".100")).Output);
    }

    private static async Task<RunningProgram> StartAsync(TestCluster cluster, string limits)
    {
        var node = RunningProgram.Start(
            "/bin/sh",
            [
                "-c", limits + "; exec \"$0\" \"$@\"", Binaries.Artel, "node", "start", "--id", "small", "--data", cluster.DataOf("small"), "--join",
                await cluster.TokenAsync("node"), "--cpus", "100",
            ],
            cluster.Folder.Path,
            new Dictionary<string, string?> { ["ARTEL_HOME"] = cluster.Home });
        await cluster.WaitForNodeAsync("small", "connected");
        return node;
    }
}
