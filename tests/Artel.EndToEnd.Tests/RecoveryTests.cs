using System.Text.Json;

namespace Artel.EndToEnd.Tests;

/// <summary>Programs of a cluster that are killed or stopped while it works: every task ends, and one result of each is accepted.</summary>
public class RecoveryTests
{
    [Fact]
    public async Task A_server_that_is_killed_in_the_middle_of_a_job_goes_on_with_it_when_it_is_started_again()
    {
        const int Tasks = 300;
        await using var cluster = await TestCluster.StartAsync(lostAfter: "60s");
        await cluster.StartNodeAsync("1", "--cpus", "3");
        await cluster.StartNodeAsync("2", "--cpus", "3");
        var folder = cluster.Folder.Path;
        await using var events = cluster.BeginArtel("events", "--follow", "--after", "0", "--json");

        // The first hundred run at once, the others only after the server has gone.
        var job = await cluster.SubmitAsync(
            "--array", $"1-{Tasks}", "--", "sh", "-c",
            $"echo {{index}} >> {folder}/runs; [ {{index}} -le 100 ] || while [ ! -e {folder}/go ]; do sleep 0.05; done; echo {{index}}");
        await Polling.UntilAsync(() => SucceededAsync(cluster, job), count => count >= 100, "100 tasks have succeeded", TimeSpan.FromMinutes(2));

        cluster.Server.Signal("KILL");
        await cluster.Server.EndAsync();
        cluster.Folder.Write("go", "");
        await cluster.StartServerAsync();
        await cluster.JobBecomesAsync(job, "succeeded", TimeSpan.FromMinutes(2));

        // Who follows what happens has missed nothing.
        await events.UntilAsync(e => e.Output.Contains("job_ended", StringComparison.Ordinal), "the end of the job is told", TimeSpan.FromSeconds(30));
        var told = events.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonSerializer.Deserialize<JsonElement>(l)).ToArray();
        Assert.Equal(Enumerable.Range(1, told.Length), told.Select(e => e.GetProperty("position").GetInt32()));

        // Every task has one accepted result, its own; and no run that is not shown as an attempt.
        await cluster.ArtelAsync("fetch", job, "--to", cluster.Folder["results"]);
        var outputs = Directory.EnumerateFiles(cluster.Folder["results"], "out*.txt", SearchOption.AllDirectories)
            .ToDictionary(f => Path.GetFileNameWithoutExtension(f)["out".Length..], f => File.ReadAllText(f).TrimEnd());
        Assert.Equal(Tasks, outputs.Count);
        Assert.All(outputs, o => Assert.Equal(o.Key, o.Value));
        var tasks = (await cluster.JsonAsync("show", job, "--limit", "1000")).GetProperty("tasks").EnumerateArray().ToArray();
        Assert.Equal(Tasks, tasks.Length);
        Assert.All(tasks, t => Assert.Equal("succeeded", t.GetProperty("state").GetString()));
        var runs = (await File.ReadAllLinesAsync(Path.Combine(folder, "runs"))).CountBy(index => index).ToDictionary();
        Assert.All(tasks, t => Assert.InRange(runs[t.GetProperty("task").ToString()], 1, t.GetProperty("attempt_count").GetInt32()));
        foreach (var again in tasks.Where(t => t.GetProperty("attempt_count").GetInt32() > 1))
        {
            var outcomes = await OutcomesAsync(cluster, $"{job}.{again.GetProperty("task")}");
            Assert.Equal("succeeded", outcomes[^1]);
            Assert.DoesNotContain("succeeded", outcomes[..^1]);
        }
    }

    [Theory]
    [InlineData("TERM", "moved", "ended by a stop or restart of the agent")]
    [InlineData("KILL", "lost", "ended by a restart of the agent")]
    public async Task An_attempt_that_a_restart_of_its_agent_has_ended_is_shown(
        string signal, string outcome, string message)
    {
        await using var cluster = await TestCluster.StartAsync(heartbeat: "500ms", lostAfter: "60s");
        await cluster.StartNodeAsync("1", "--cpus", "1");
        var go = cluster.Folder["go"];
        var job = await cluster.SubmitAsync("--", "sh", "-c", $"echo begun; while [ ! -e {go} ]; do sleep 0.05; done");
        await cluster.JobBecomesAsync(job, "running");

        Processes.Signal(signal, signal == "KILL" ? cluster.AgentOf("1") : cluster.Node("1").Id);
        await cluster.Node("1").EndAsync();
        await Processes.AreGoneAsync("node start --id 1 --data " + cluster.Folder.Path);
        await cluster.BeginNodeAsync("1", "--cpus", "1");
        await Polling.UntilAsync(
            () => cluster.JsonAsync("show", job + ".1"),
            t => t.GetProperty("attempt_count").GetInt32() == 2,
            "it runs again");

        Assert.Contains(message, (await cluster.ArtelAsync("why", job + ".1")).Output, StringComparison.Ordinal);
        Assert.Contains(message, (await cluster.ArtelAsync("show", job + ".1")).Output, StringComparison.Ordinal);
        cluster.Folder.Write("go", "");
        await cluster.JobBecomesAsync(job, "succeeded");
        var first = (await cluster.JsonAsync("show", job + ".1")).GetProperty("attempts").EnumerateArray().First();
        Assert.Equal(
            (outcome, message), (first.GetProperty("outcome").GetString(), first.GetProperty("message").GetString()));
        Assert.Contains(message, (await cluster.ArtelAsync("events", "--after", "0")).Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(NodePart.Guardian)]
    [InlineData(NodePart.Agent)]
    public async Task A_node_that_is_killed_leaves_no_process_and_goes_on_when_it_is_started_again(NodePart killed)
    {
        const int Tasks = 20;
        await using var cluster = await TestCluster.StartAsync(heartbeat: "500ms", lostAfter: "5s");
        await cluster.StartNodeAsync("1", "--cpus", "2");
        var folder = cluster.Folder.Path;
        var job = await cluster.SubmitAsync(
            "--array", $"1-{Tasks}", "--", "sh", "-c", $"[ {{index}} -le 5 ] || while [ ! -e {folder}/go ]; do sleep 0.05; done; echo {{index}}");
        await Polling.UntilAsync(() => SucceededAsync(cluster, job), count => count == 5, "5 tasks have succeeded");
        await cluster.JobBecomesAsync(job, "running");

        Processes.Signal("KILL", killed == NodePart.Agent ? cluster.AgentOf("1") : cluster.Node("1").Id);
        await Processes.AreGoneAsync($"while [ ! -e {folder}/go ]");
        await Processes.AreGoneAsync("node start --id 1 --data " + folder);
        cluster.Folder.Write("go", "");
        await cluster.BeginNodeAsync("1", "--cpus", "2");

        await cluster.JobBecomesAsync(job, "succeeded");
        await cluster.ArtelAsync("fetch", job, "--to", cluster.Folder["results"]);
        for (var task = 1; task <= Tasks; task++)
        {
            Assert.Equal($"{task}\n", await File.ReadAllTextAsync(Path.Combine(cluster.Folder["results"], "1", $"out{task}.txt")));
            Assert.Single(await OutcomesAsync(cluster, $"{job}.{task}"), "succeeded");
        }
    }

    [Fact]
    public async Task A_node_that_is_stopped_cleanly_gives_its_task_to_another()
    {
        await using var cluster = await TestCluster.StartAsync(lostAfter: "60s", nodes: ["1"]);
        var folder = cluster.Folder.Path;
        var job = await cluster.SubmitAsync(
            "--", "sh", "-c", $"[ $ARTEL_NODE = 2 ] || while [ ! -e {folder}/never ]; do sleep 0.05; done; echo from $ARTEL_NODE");
        await cluster.JobBecomesAsync(job, "running");
        await cluster.StartNodeAsync("2");

        cluster.Node("1").Signal("TERM");
        var stopped = await cluster.Node("1").EndAsync();

        // At once, not after it would have been lost.
        Assert.True(stopped.Status == 0, stopped.ToString());
        Assert.Empty(Processes.Mentioning($"{folder}/never"));
        await cluster.ArtelAsync("wait", job);
        Assert.Equal("from 2\n", (await cluster.ArtelAsync("logs", job + ".1")).Output);
        await cluster.WaitForNodeAsync("1", "stopped");
        Assert.Equal(["moved", "succeeded"], await OutcomesAsync(cluster, job + ".1"));
    }

    [Fact]
    public async Task A_private_run_that_is_killed_leaves_no_process()
    {
        using var folder = new TestFolder();
        await using var run = await BeginPrivateRunAsync(folder);

        run.Signal("KILL");
        await run.EndAsync();

        await Processes.AreGoneAsync(folder.Path);

        // What it kept for the run stays where it was, closed to others: nobody is left to remove it.
        var left = Assert.Single(Directory.GetDirectories(folder["tmp"], "artel-*").SelectMany(d => Directory.GetDirectories(d, "run-*")));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, new DirectoryInfo(left).UnixFileMode);
    }

    [Theory]
    [InlineData("INT", 130)]
    [InlineData("TERM", 130)]
    public async Task A_private_run_that_is_interrupted_leaves_nothing(string signal, int status)
    {
        using var folder = new TestFolder();
        await using var run = await BeginPrivateRunAsync(folder);

        run.Signal(signal);
        var ended = await run.EndAsync();

        Assert.True(ended.Status == status, ended.ToString());
        Assert.Empty(Processes.Mentioning(folder.Path));
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder["tmp"]));
        Assert.False(Directory.Exists(folder["home"]));
    }

    /// <summary>A run of two nodes and a task on each, all of them with the folder in their command lines, once both tasks run.</summary>
    private static async Task<RunningProgram> BeginPrivateRunAsync(TestFolder folder)
    {
        Directory.CreateDirectory(folder["tmp"]);
        var map = folder.Write("map.yaml", $$"""
            nodes:
              1: [[sh, -c, 'touch {{folder["begun.1"]}}; while [ ! -e {{folder["never"]}} ]; do sleep 0.05; done']]
              2: [[sh, -c, 'touch {{folder["begun.2"]}}; while [ ! -e {{folder["never"]}} ]; do sleep 0.05; done']]
            """);
        var run = RunningProgram.Start(
            Binaries.Artel, ["run", map], folder.Path, new Dictionary<string, string?> { ["HOME"] = folder["home"], ["TMPDIR"] = folder["tmp"] });
        await run.UntilAsync(
            r => r.HasEnded || (File.Exists(folder["begun.1"]) && File.Exists(folder["begun.2"])), "both tasks run", TimeSpan.FromMinutes(1));
        Assert.False(run.HasEnded, run.Errors);

        // The run, its server, two nodes, two tasks.
        Assert.True(Processes.Mentioning(folder.Path).Count >= 6);
        return run;
    }

    private static async Task<int> SucceededAsync(TestCluster cluster, string job) =>
        (await cluster.JsonAsync("show", job, "--limit", "0")).GetProperty("job").GetProperty("counts").GetProperty("succeeded").GetInt32();

    private static async Task<string?[]> OutcomesAsync(TestCluster cluster, string task) =>
        [.. (await cluster.JsonAsync("show", task)).GetProperty("attempts").EnumerateArray().Select(a => a.GetProperty("outcome").GetString())];
}
