using System.Security.Cryptography;
using System.Text.Json;

namespace Artel.EndToEnd.Tests;

/// <summary>Nodes in a page of Python, as the example is, with the real server.</summary>
public class ClassicNodeTests
{
    public ClassicNodeTests() => SystemRights.Require(SystemRights.Try("python3", "-c", ""), "classic nodes are started, which are in Python");

    [Fact]
    public async Task Three_nodes_run_a_map_of_thirty_tasks_with_failures_and_large_output()
    {
        await using var cluster = await TestCluster.StartAsync(classic: true);
        string[] nodes = ["1", "2", "3"];
        foreach (var node in nodes)
        {
            await cluster.StartClassicNodeAsync(node);
        }

        var tries = cluster.Folder["tries"];
        var map = cluster.Folder.Write("map.yaml", $$"""
            defaults: { retry: { retries: 2, backoff: 10ms } }
            nodes:
              1:
                - { run: [echo, "one {index}"], array: 1-9 }
                - [sh, -c, "echo try >> {{tries}}; echo out; echo err >&2; test $(wc -l < {{tries}}) -ge 3"]
              2:
                - [sh, -c, "echo broken >&2; exit 3"]
                - { run: [echo, "två {index}"], array: 1-9 }
              3:
                - { run: [echo, "three {index}"], array: 1-9 }
                - ["{{Binaries.TestProgram}}", flood, "{{5 * 1024 * 1024}}"]
            """);

        var run = await cluster.TryArtelAsync("run", map, "--results", cluster.Folder["results"]);

        Assert.True(run.Status == 1, run.ToString());
        var job = (await cluster.JsonAsync("show", "1")).GetProperty("job");
        Assert.Equal("failed", job.GetProperty("state").GetString());
        Assert.Equal(29, job.GetProperty("counts").GetProperty("succeeded").GetInt32());

        // The one that fails twice, the one that fails always, the one with 5 MiB
        Assert.Equal(["failed", "failed", "succeeded"], await OutcomesAsync(cluster, "1.10"));
        Assert.Equal(["failed", "failed", "failed"], await OutcomesAsync(cluster, "1.11"));
        Assert.Contains("ended badly", await cluster.WhyAsync("1.11"), StringComparison.Ordinal);
        var large = Path.Combine(cluster.Folder["results"], "3", "out10.txt");
        Assert.Equal(5 * 1024 * 1024, new FileInfo(large).Length);

        // What the server has is what the nodes have, under the same names; the error stream stays with them.
        foreach (var (node, n, text) in new[] { ("1", 9, "one 9\n"), ("1", 10, "out\n"), ("2", 10, "två 9\n"), ("3", 1, "three 1\n") })
        {
            Assert.Equal(text, await File.ReadAllTextAsync(Path.Combine(cluster.Folder["results"], node, $"out{n}.txt")));
            Assert.Equal(text, await File.ReadAllTextAsync(Path.Combine(cluster.Folder["classic-" + node], $"out{n}.txt")));
        }

        Assert.Equal("err\n", await File.ReadAllTextAsync(Path.Combine(cluster.Folder["classic-1"], "ouMis10.txt")));
        Assert.Equal("broken\n", await File.ReadAllTextAsync(Path.Combine(cluster.Folder["classic-2"], "ouMis1.txt")));
        Assert.Equal(
            Convert.ToHexString(SHA256.HashData(await File.ReadAllBytesAsync(Path.Combine(cluster.Folder["classic-3"], "out10.txt")))),
            Convert.ToHexString(SHA256.HashData(await File.ReadAllBytesAsync(large))));
    }

    [Fact]
    public async Task The_example_runs_as_the_docs_say()
    {
        await using var cluster = await TestCluster.StartAsync(classic: true);
        string[] nodes = ["1", "2", "3"];
        foreach (var node in nodes)
        {
            await cluster.StartClassicNodeAsync(node);
        }

        await cluster.ArtelAsync("run", Path.Combine(Binaries.Examples, "classic", "map.yaml"), "--results", cluster.Folder["results"]);

        Assert.Equal("45\n", await File.ReadAllTextAsync(Path.Combine(cluster.Folder["results"], "1", "out1.txt")));
        Assert.Equal("Ünïcödé 东京\n", await File.ReadAllTextAsync(Path.Combine(cluster.Folder["results"], "1", "out2.txt")));

        // State 3 means restart, though its map says nothing of retries.
        Assert.Equal(["failed", "succeeded"], await OutcomesAsync(cluster, "1.4"));
    }

    [Fact]
    public async Task A_node_is_shown_with_its_kind_and_its_state_and_takes_only_what_is_assigned_to_it()
    {
        await using var cluster = await TestCluster.StartAsync(classic: true);
        await cluster.StartClassicNodeAsync("4");
        var free = await cluster.SubmitAsync("--", "echo", "free");
        var job = await cluster.SubmitAsync("--node", "4", "--", "sh", "-c", Until(cluster, "go"));

        await StateBecomesAsync(cluster, "4", 2);
        var listing = (await cluster.ArtelAsync("node", "ls")).Output;
        Assert.Contains("classic", listing, StringComparison.Ordinal);
        Assert.Contains("2 running", listing, StringComparison.Ordinal);
        Assert.Contains("only classic nodes are connected", await cluster.WhyAsync(free), StringComparison.Ordinal);

        cluster.Folder.Write("go", "");
        await cluster.ArtelAsync("wait", job);
        await StateBecomesAsync(cluster, "4", 1);
        Assert.Equal("ready", (await cluster.JsonAsync("show", free + ".1")).GetProperty("state").GetString());
    }

    [Fact]
    public async Task The_same_map_runs_on_a_mix_of_classic_and_native_nodes()
    {
        await using var cluster = await TestCluster.StartAsync(classic: true, nodes: ["2"]);
        await cluster.StartClassicNodeAsync("1");
        var map = cluster.Folder.Write("map.yaml", """
            nodes:
              1: [{ run: [echo, "ein {index}"], array: 1-5 }]
              2: [{ run: [echo, "zwei {index}"], array: 1-5 }]
            tasks:
              - { run: [echo, "frei {index}"], array: 1-5 }
            """);

        await cluster.ArtelAsync("run", map, "--results", cluster.Folder["results"]);

        Assert.Equal("ein 5\n", await File.ReadAllTextAsync(Path.Combine(cluster.Folder["results"], "1", "out5.txt")));
        Assert.Equal("zwei 5\n", await File.ReadAllTextAsync(Path.Combine(cluster.Folder["results"], "2", "out5.txt")));
        var nodes = File.ReadLines(Path.Combine(cluster.Folder["results"], "results.jsonl"))
            .Select(line => JsonSerializer.Deserialize<JsonElement>(line).GetProperty("attempts")[0].GetProperty("node").GetString()).ToArray();
        Assert.Equal(5, nodes.Count(n => n == "1"));
        Assert.Equal(10, nodes.Count(n => n == "2"));
    }

    [Fact]
    public async Task A_node_that_is_killed_loses_its_task_and_the_next_one_of_its_number_gets_it_again()
    {
        await using var cluster = await TestCluster.StartAsync(classic: true);
        var node = await cluster.StartClassicNodeAsync("1");
        var job = await cluster.SubmitAsync("--node", "1", "--", "sh", "-c", Until(cluster, "go"));
        await cluster.JobBecomesAsync(job, "running");

        node.Signal("KILL");
        await cluster.WaitForNodeAsync("1", "lost");
        cluster.Folder.Write("go", "");
        await cluster.StartClassicNodeAsync("1");
        await cluster.ArtelAsync("wait", job);

        Assert.Equal(["lost", "succeeded"], await OutcomesAsync(cluster, job + ".1"));
    }

    [Fact]
    public async Task The_server_may_be_stopped_and_killed_as_often_as_it_likes()
    {
        await using var cluster = await TestCluster.StartAsync(classic: true, lostAfter: "60s");
        await cluster.StartClassicNodeAsync("1");
        var job = await cluster.SubmitAsync("--node", "1", "--", "sh", "-c", Until(cluster, "go") + "; echo done");
        var started = 0;
        string[] signals = ["TERM", "KILL", "KILL", "TERM", "KILL"];
        foreach (var signal in signals)
        {
            started = await StartsAgainAsync(cluster, job, started);
            cluster.Server.Signal(signal);
            await cluster.StartServerAsync();
            await cluster.WaitForNodeAsync("1", "connected");
        }

        await StartsAgainAsync(cluster, job, started);
        cluster.Folder.Write("go", "");
        await cluster.ArtelAsync("wait", job);

        // None of it was the task's fault, nor its node's: a restart counts for nothing.
        Assert.Equal("done\n", (await cluster.ArtelAsync("logs", job + ".1")).Output);
        Assert.Equal(Enumerable.Repeat("cancelled", 5).Append("succeeded"), await OutcomesAsync(cluster, job + ".1"));
    }

    [Theory]
    [InlineData("cancel")]
    [InlineData("timeout")]
    public async Task A_task_that_is_to_end_ends_on_its_node(string how)
    {
        await using var cluster = await TestCluster.StartAsync(classic: true);
        await cluster.StartClassicNodeAsync("1");
        var mark = cluster.Folder["never"];
        string[] limit = how == "timeout" ? ["--timeout", "4s"] : [];
        var job = await cluster.SubmitAsync([.. limit, "--node", "1", "--", "python3", "-c", "import time; time.sleep(600)", mark]);
        await cluster.JobBecomesAsync(job, "running");
        Assert.NotEmpty(Processes.Mentioning(mark));

        if (how == "cancel")
        {
            await cluster.ArtelAsync("cancel", job);
        }

        await cluster.JobBecomesAsync(job, how == "cancel" ? "cancelled" : "failed");
        await Processes.AreGoneAsync(mark);
        Assert.Equal([how == "cancel" ? "cancelled" : "timed_out"], await OutcomesAsync(cluster, job + ".1"));

        // And the node comes back for more.
        await cluster.ArtelAsync("submit", "--wait", "--node", "1", "--", "true");
    }

    [Fact]
    public async Task A_task_that_is_more_than_arguments_fails_and_says_so()
    {
        await using var cluster = await TestCluster.StartAsync(classic: true);
        await cluster.StartClassicNodeAsync("1");

        var job = await cluster.SubmitAsync("--node", "1", "--env", "A=b", "--", "true");
        await cluster.JobBecomesAsync(job, "failed");

        Assert.Contains("arguments only, and this task has env", await cluster.WhyAsync(job + ".1"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_node_is_drained_stopped_and_forgotten_like_any_other()
    {
        await using var cluster = await TestCluster.StartAsync(classic: true);
        await cluster.StartClassicNodeAsync("1");
        await cluster.ArtelAsync("node", "drain", "1");
        var job = await cluster.SubmitAsync("--node", "1", "--", "echo", "late");
        Assert.Contains("draining", await cluster.WhyAsync(job), StringComparison.Ordinal);

        await cluster.ArtelAsync("node", "resume", "1");
        await cluster.ArtelAsync("wait", job);
        await cluster.ArtelAsync("node", "stop", "1");
        await cluster.Server.UntilAsync(s => s.Errors.Contains("it was asked to stop", StringComparison.Ordinal), "the node is sent away");

        // It knows no better than to come back, and may. While a job has a list for it, it is not forgotten.
        await cluster.WaitForNodeAsync("1", "connected");
        await cluster.SubmitAsync("--hold", "--node", "1", "--", "true");
        cluster.Node("1").Signal("INT");
        Assert.Equal(130, (await cluster.Node("1").EndAsync()).Status);
        await cluster.WaitForNodeAsync("1", "stopped");
        await cluster.ArtelAsync("node", "forget", "1");
        Assert.Empty((await cluster.JsonAsync("node", "ls")).GetProperty("nodes").EnumerateArray());
    }

    [Fact]
    public async Task A_node_that_leaves_and_is_in_no_job_is_forgotten()
    {
        await using var cluster = await TestCluster.StartAsync(classic: true);
        var node = await cluster.StartClassicNodeAsync("1");

        node.Signal("INT");

        await Polling.UntilAsync(
            async () => (await cluster.JsonAsync("node", "ls")).GetProperty("nodes").GetArrayLength(), n => n == 0, "the node is forgotten");
    }

    [Fact]
    public async Task Machines_that_vanish_are_noticed_at_work_and_at_rest()
    {
        using var lab = NetworkLab.Create("server", "1", "2");
        await using var cluster = await TestCluster.StartAsync(heartbeat: "1s", lostAfter: "3s", lab: lab, classic: true);

        // Off loopback only numbers are let in that a map names.
        var job = await cluster.SubmitAsync(cluster.Folder.Write("map.yaml", $"""
            nodes:
              1: [[sh, -c, '{Until(cluster, "go")}']]
              2: [[echo, "two"]]
            tasks: [[echo, "keeps the job unfinished"]]
            """));
        await cluster.StartClassicNodeAsync("1");
        await cluster.StartClassicNodeAsync("2");
        await cluster.JobBecomesAsync(job, "running");
        await Polling.UntilAsync(
            async () => (await cluster.JsonAsync("show", job + ".2")).GetProperty("state").GetString(), s => s == "succeeded", "node 2 is at rest");

        lab.Cut("1");
        lab.Cut("2");

        await cluster.WaitForNodeAsync("1", "lost");
        await cluster.WaitForNodeAsync("2", "stopped");
        Assert.Equal(["lost"], await OutcomesAsync(cluster, job + ".1"));
        lab.Mend("1");
        cluster.Folder.Write("go", "");
        await Polling.UntilAsync(
            async () => (await cluster.JsonAsync("show", job + ".1")).GetProperty("state").GetString(), s => s == "succeeded", "node 1 does its task again");
        Assert.Contains("open to everyone", cluster.Server.Errors, StringComparison.Ordinal);
    }

    private static string Until(TestCluster cluster, string file) => $"while [ ! -e {cluster.Folder[file]} ]; do sleep 0.05; done";

    private static async Task<string[]> OutcomesAsync(TestCluster cluster, string task) =>
    [
        .. (await cluster.JsonAsync("show", task)).GetProperty("attempts").EnumerateArray()
            .Where(a => a.GetProperty("outcome").ValueKind == JsonValueKind.String).Select(a => a.GetProperty("outcome").GetString()!),
    ];

    private static Task StateBecomesAsync(TestCluster cluster, string node, int state) => Polling.UntilAsync(
        async () => (await cluster.JsonAsync("node", "show", node)).GetProperty("state_number").GetInt32(), s => s == state, $"node {node} says {state}");

    /// <summary>Waits until the task has been started once more than before, and gives the number of its attempts.</summary>
    private static Task<int> StartsAgainAsync(TestCluster cluster, string job, int before) => Polling.UntilAsync(
        async () =>
        {
            var attempts = (await cluster.JsonAsync("show", job + ".1")).GetProperty("attempts").EnumerateArray().ToArray();
            return attempts.Length > 0 && attempts[^1].GetProperty("started").ValueKind != JsonValueKind.Null
                && attempts[^1].GetProperty("outcome").ValueKind == JsonValueKind.Null
                    ? attempts.Length
                    : 0;
        },
        n => n > before, "the task runs");
}
