using System.Text.Json;

namespace Artel.EndToEnd.Tests;

/// <summary>The disk under a node fails, or its spool was changed: no task is failed for it, and none is lost.</summary>
public class NodeStorageTests
{
    private const string Problem = "it can not keep results in";

    [Fact]
    public async Task A_node_whose_disk_is_full_says_so_once_takes_no_work_and_works_again_with_room_made()
    {
        using var disk = SmallDisk.Mount(megabytes: 8);
        await using var cluster = await TestCluster.StartAsync(lostAfter: "60s");
        Directory.CreateDirectory(Path.Combine(disk.Path, "1"));
        Directory.CreateSymbolicLink(cluster.DataOf("1"), Path.Combine(disk.Path, "1"));
        await StartOnAsync(cluster, "1");
        await cluster.SubmitAsync("--wait", "--", "echo", "before");

        disk.Fill();
        var job = await cluster.SubmitAsync("--array", "1-50", "--", "sh", "-c", "yes {index} | head -c 5000");
        await NodeHasProblemAsync(cluster, isThere: true);
        Assert.Contains($"takes no work: {Problem}", (await cluster.ArtelAsync("node", "show", "1")).Output, StringComparison.Ordinal);
        await Polling.UntilAsync(() => cluster.WhyAsync(job + ".50"), why => why.Contains($"node 1 takes no work: {Problem}", StringComparison.Ordinal), "the job says why");

        // Another node takes over what the first one holds off.
        await cluster.StartNodeAsync("2", "--cpus", "2");
        await cluster.JobBecomesAsync(job, "succeeded");
        disk.MakeRoom();
        await NodeHasProblemAsync(cluster, isThere: false);
        var after = await cluster.SubmitAsync("--node", "1", "--wait", "--", "echo", "after");

        Assert.Equal("after\n", (await cluster.ArtelAsync("logs", after)).Output);
        var errors = cluster.Node("1").Errors.Split('\n');
        Assert.Single(errors, line => line.Contains("takes no work until it can write again", StringComparison.Ordinal));
        Assert.Single(errors, line => line.Contains("can be kept in", StringComparison.Ordinal));
        await cluster.ArtelAsync("fetch", job, "--to", cluster.Folder["results"]);
        var ended = (await File.ReadAllLinesAsync(Path.Combine(cluster.Folder["results"], "results.jsonl"))).Select(l => JsonSerializer.Deserialize<JsonElement>(l)).ToArray();
        Assert.Equal(50, ended.Length);
        Assert.All(ended, t => Assert.Equal("succeeded", t.GetProperty("state").GetString()));

        // At most what ran there when the disk was found full came back.
        Assert.InRange(ended.Count(t => t.GetProperty("attempt_count").GetInt32() > 1), 0, Environment.ProcessorCount);
    }

    [Fact]
    public async Task Long_output_and_scratch_folders_on_a_full_disk_are_no_failures_of_the_tasks()
    {
        using var disk = SmallDisk.Mount(megabytes: 8);
        await using var cluster = await TestCluster.StartAsync(lostAfter: "60s");
        Directory.CreateDirectory(Path.Combine(disk.Path, "1"));
        Directory.CreateSymbolicLink(cluster.DataOf("1"), Path.Combine(disk.Path, "1"));
        await StartOnAsync(cluster, "1");
        disk.Fill();

        var job = await cluster.SubmitAsync("--array", "1-4", "--cwd", "scratch", "--", "sh", "-c", "yes {index} | head -c 300000");
        await NodeHasProblemAsync(cluster, isThere: true);
        disk.MakeRoom();
        await cluster.JobBecomesAsync(job, "succeeded");

        Assert.Equal(300_000, (await cluster.ArtelAsync("logs", job + ".4")).OutputBytes.Length);
    }

    [Theory]
    [InlineData("changed")]
    [InlineData("zeroes")]
    [InlineData("cut")]
    public async Task A_damaged_journal_costs_the_results_that_stood_there_and_their_tasks_run_again(string damage)
    {
        const int Tasks = 6;
        await using var cluster = await TestCluster.StartAsync(heartbeat: "500ms", lostAfter: "60s");
        await cluster.StartNodeAsync("1", "--cpus", "1");
        var runs = cluster.Folder["runs"];
        var job = await cluster.SubmitAsync(
            "--array", $"1-{Tasks}", "--", "sh", "-c", $"while [ ! -e {cluster.Folder["go"]} ]; do sleep 0.05; done; echo {{index}} >> {runs}; yes {{index}} | head -c 3000");
        await cluster.JobBecomesAsync(job, "running");

        // What the node has in its hands ends while the server is away, and stays in the journal; then its agent dies.
        cluster.Server.Signal("KILL");
        await cluster.Server.EndAsync();
        cluster.Folder.Write("go", "");
        var journal = Directory.GetFiles(Path.Combine(cluster.DataOf("1"), "spool"), "journal", SearchOption.AllDirectories).Single();
        await cluster.Node("1").UntilAsync(_ => new FileInfo(journal).Length > 3000, "a result is in the journal");
        cluster.Node("1").Signal("KILL");
        await cluster.Node("1").EndAsync();
        await Processes.AreGoneAsync("node start --id 1 --data " + cluster.Folder.Path);
        var finished = await File.ReadAllLinesAsync(runs);
        Damage(journal, damage);
        await cluster.StartServerAsync();
        await cluster.BeginNodeAsync("1", "--cpus", "1");
        await cluster.JobBecomesAsync(job, "succeeded");

        Assert.Contains("damaged", cluster.Node("1").Errors, StringComparison.Ordinal);
        await cluster.ArtelAsync("fetch", job, "--to", cluster.Folder["results"]);
        for (var task = 1; task <= Tasks; task++)
        {
            var expected = string.Concat(Enumerable.Repeat($"{task}\n", 1500));
            Assert.Equal(expected, await File.ReadAllTextAsync(Path.Combine(cluster.Folder["results"], "1", $"out{task}.txt")));
        }

        // The first result is the one that was damaged.
        var ran = (await File.ReadAllLinesAsync(runs)).CountBy(index => index).ToDictionary();
        Assert.Equal(2, ran[finished[0]]);
        Assert.All(ran.Where(r => r.Key != finished[0] && !finished.Contains(r.Key)), r => Assert.Equal(1, r.Value));
    }

    [Theory]
    [InlineData("gone", "the file with its output is gone")]
    [InlineData("changed", "the file with its output was changed")]
    public async Task An_output_that_is_lost_on_its_node_is_reported_as_lost_and_its_task_runs_again(
        string damage, string reason)
    {
        await using var cluster = await TestCluster.StartAsync(heartbeat: "500ms", lostAfter: "60s");
        await cluster.StartNodeAsync("1", "--cpus", "2");
        var job = await cluster.SubmitAsync(
            "--array", "1-2", "--", "sh", "-c",
            $"while [ ! -e {cluster.Folder["go"]} ]; do sleep 0.05; done; yes {{index}} | head -c 2000000");
        await cluster.JobBecomesAsync(job, "running");
        cluster.Server.Signal("KILL");
        await cluster.Server.EndAsync();
        cluster.Folder.Write("go", "");
        var output = Directory.GetDirectories(cluster.DataOf("1"), "output", SearchOption.AllDirectories).Single();
        await cluster.Node("1").UntilAsync(
            _ => Directory.GetFiles(output, "*.out").Count(f => new FileInfo(f).Length == 2_000_000) == 2,
            "both have written");

        // Its agent is restarted too: the hello does not wait for checksums, and what is damaged is seen all the same.
        cluster.Node("1").Signal("KILL");
        await cluster.Node("1").EndAsync();
        await Processes.AreGoneAsync("node start --id 1 --data " + cluster.Folder.Path);
        var file = Directory.GetFiles(output, "*.out").Order().First();
        if (damage == "gone")
            File.Delete(file);
        else
            File.WriteAllBytes(file, [.. Enumerable.Repeat((byte)'x', 2_000_000)]);

        await cluster.StartServerAsync();
        await cluster.BeginNodeAsync("1", "--cpus", "2");
        await cluster.JobBecomesAsync(job, "succeeded");

        foreach (var index in new[] { 1, 2 })
        {
            Assert.Equal(
                string.Concat(Enumerable.Repeat($"{index}\n", 1_000_000)),
                (await cluster.ArtelAsync("logs", $"{job}.{index}")).Output);
        }

        var attempts = new List<JsonElement>();
        foreach (var index in new[] { 1, 2 })
        {
            attempts.AddRange(
                (await cluster.JsonAsync("show", $"{job}.{index}")).GetProperty("attempts").EnumerateArray());
        }

        var lost = Assert.Single(attempts, a => a.GetProperty("outcome").GetString() == "lost");
        Assert.Equal(2, attempts.Count(a => a.GetProperty("outcome").GetString() == "succeeded"));
        Assert.Equal($"its node has lost its result: {reason}", lost.GetProperty("message").GetString());
        Assert.Single(
            cluster.Node("1").Errors.Split('\n'),
            line => line.Contains("is reported to the server as lost", StringComparison.Ordinal));
    }

    /// <summary>A start on a folder that is there already: with its own join.</summary>
    private static async Task StartOnAsync(TestCluster cluster, string id) =>
        await cluster.StartNodeAsync(id, "--cpus", "2", "--join", await cluster.TokenAsync("node"));

    private static Task<bool> NodeHasProblemAsync(TestCluster cluster, bool isThere) => Polling.UntilAsync(
        async () => (await cluster.JsonAsync("node", "show", "1")).GetProperty("problem").GetString() is { } said && said.StartsWith(Problem, StringComparison.Ordinal),
        has => has == isThere,
        isThere ? "the node says that it has a problem" : "the node's problem is over",
        TimeSpan.FromMinutes(2));

    private static void Damage(string journal, string damage)
    {
        var bytes = File.ReadAllBytes(journal);
        switch (damage)
        {
            case "changed":
                bytes[2000] ^= 1;
                break;
            case "zeroes":
                bytes.AsSpan(100, 2000).Clear();
                break;
            default:
                bytes = bytes[..2000];
                break;
        }

        File.WriteAllBytes(journal, bytes);
    }
}
