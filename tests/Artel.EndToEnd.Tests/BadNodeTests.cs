using System.Text.Json;

namespace Artel.EndToEnd.Tests;

/// <summary>A node on which nothing can be started beside one on which all can.</summary>
public class BadNodeTests
{
    [Fact]
    public async Task A_node_on_which_nothing_starts_fails_no_task_is_shown_and_works_again_when_tasks_start_there()
    {
        await using var cluster = await TestCluster.StartAsync();
        var (here, there) = (cluster.Folder["here"], cluster.Folder["there"]);
        Directory.CreateDirectory(here);
        Directory.CreateDirectory(there);
        File.CreateSymbolicLink(Path.Combine(here, "tool"), "/bin/true");
        await using var good = await StartAsync(cluster, "good", here);
        await using var bad = await StartAsync(cluster, "bad", there);

        var job = await cluster.SubmitAsync("--array", "1-1000", "--", "tool");
        await cluster.ArtelAsync("wait", job);

        var nodes = (await cluster.JsonAsync("show", job)).GetProperty("job").GetProperty("nodes").EnumerateArray()
            .ToDictionary(n => n.GetProperty("node").GetString()!, n => (Good: n.GetProperty("succeeded").GetInt32(), Bad: n.GetProperty("failed_attempts").GetInt32()));
        Assert.Equal((1000, 0), nodes["good"]);
        Assert.Equal(0, nodes["bad"].Good);
        Assert.InRange(nodes["bad"].Bad, 1, 20);
        const string trouble = "could not be started here, though such tasks start on other nodes";
        Assert.Contains(trouble, (await cluster.ArtelAsync("node", "show", "bad")).Output, StringComparison.Ordinal);
        Assert.Contains("takes no work", (await cluster.ArtelAsync("node", "ls")).Output, StringComparison.Ordinal);
        Assert.Contains(trouble, (await cluster.TryArtelAsync("doctor")).Output, StringComparison.Ordinal);

        // What was missing is there now: the next task that is tried starts.
        File.CreateSymbolicLink(Path.Combine(there, "tool"), "/bin/true");
        var more = await cluster.SubmitAsync("--array", "1-100000", "--", "tool");
        await Polling.UntilAsync(
            async () => (await cluster.JsonAsync("node", "show", "bad")).GetProperty("problem").ValueKind, problem => problem == JsonValueKind.Null, "it is trusted again");
        await cluster.ArtelAsync("cancel", more);
    }

    [Fact]
    public async Task A_program_that_is_on_no_node_fails_its_tasks_soon()
    {
        await using var cluster = await TestCluster.StartAsync(nodes: ["1", "2"]);

        var job = await cluster.SubmitAsync("--array", "1-1000", "--", "there-is-no-such-program");
        await cluster.JobBecomesAsync(job, "failed");

        Assert.Equal(1000, (await cluster.JsonAsync("show", job)).GetProperty("job").GetProperty("counts").GetProperty("failed").GetInt32());
        Assert.DoesNotContain("takes no work", (await cluster.ArtelAsync("node", "ls")).Output, StringComparison.Ordinal);
    }

    private static async Task<RunningProgram> StartAsync(TestCluster cluster, string id, string path)
    {
        var node = RunningProgram.Start(
            Binaries.Artel, ["node", "start", "--id", id, "--data", cluster.DataOf(id), "--join", await cluster.TokenAsync("node"), "--cpus", "2"], cluster.Folder.Path,
            new Dictionary<string, string?> { ["ARTEL_HOME"] = cluster.Home, ["PATH"] = path });
        await cluster.WaitForNodeAsync(id, "connected");
        return node;
    }
}
