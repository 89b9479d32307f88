using System.Globalization;

namespace Artel.EndToEnd.Tests;

/// <summary>
/// Nothing of a task outlives it, or the agent, whatever it does. The task of these tests leaves a process behind that has no parent,
/// session, group, environment and descriptor in common with it, and both ignore all polite signals. Their grace is longer than a
/// test waits, so that only a kill can have ended them.
/// </summary>
public class OrphanTests
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(10);

    [Theory]
    [InlineData(NodePart.Guardian)]
    [InlineData(NodePart.Agent)]
    public async Task A_node_that_is_killed_leaves_no_process(NodePart killed)
    {
        await using var cluster = await TestCluster.StartAsync(lostAfter: "60s", nodes: ["1"]);
        await cluster.SubmitAsync(EscapeMap(cluster.Folder));
        var task = await EscapeAsync(cluster.Folder);
        var node = cluster.Node("1");
        var agent = cluster.AgentOf("1");
        Assert.NotEqual(node.Id, agent);

        Kill(killed == NodePart.Agent ? agent : node.Id);

        await AreGoneAsync([.. task, agent]);
        var ended = await node.EndAsync();
        if (killed == NodePart.Agent)
        {
            Assert.Equal(128 + 9, ended.Status);
            Assert.Contains("was ended by signal 9", ended.Errors, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_node_whose_two_processes_are_killed_at_once_is_cleaned_up_by_its_next_start()
    {
        await using var cluster = await TestCluster.StartAsync(heartbeat: "500ms", lostAfter: "60s", nodes: ["1"]);
        var job = await cluster.SubmitAsync(EscapeMap(cluster.Folder));
        var task = await EscapeAsync(cluster.Folder);
        var agent = cluster.AgentOf("1");
        Signal("STOP", agent, cluster.Node("1").Id);
        Kill(agent, cluster.Node("1").Id);
        await cluster.Node("1").EndAsync();
        Assert.All(task, pid => Assert.True(Processes.IsAlive(pid)));
        File.Delete(cluster.Folder["escaped"]);

        await cluster.BeginNodeAsync("1");

        await AreGoneAsync(task);
        await cluster.ArtelAsync("cancel", job);
    }

    [Theory]
    [InlineData("TERM")]
    [InlineData("INT")]
    public async Task A_node_that_is_asked_to_stop_leaves_no_process_and_status_0(string signal)
    {
        await using var cluster = await TestCluster.StartAsync(lostAfter: "60s", nodes: ["1"]);
        await cluster.SubmitAsync(EscapeMap(cluster.Folder, "grace: 200ms"));
        var task = await EscapeAsync(cluster.Folder);
        var agent = cluster.AgentOf("1");

        cluster.Node("1").Signal(signal);
        var ended = await cluster.Node("1").EndAsync();

        Assert.True(ended.Status == 0, ended.ToString());
        Assert.All([.. task, agent], pid => Assert.False(Processes.IsAlive(pid)));
        await cluster.WaitForNodeAsync("1", "stopped");
    }

    [Fact]
    public async Task A_task_that_is_cancelled_leaves_no_process()
    {
        await using var cluster = await TestCluster.StartAsync(lostAfter: "60s", nodes: ["1"]);
        var job = await cluster.SubmitAsync(EscapeMap(cluster.Folder, "grace: 200ms"));
        var task = await EscapeAsync(cluster.Folder);

        await cluster.ArtelAsync("cancel", job);

        await AreGoneAsync(task);
        Assert.True(Processes.IsAlive(cluster.AgentOf("1")));
    }

    [Fact]
    public async Task A_task_that_takes_too_long_leaves_no_process()
    {
        await using var cluster = await TestCluster.StartAsync(lostAfter: "60s", nodes: ["1"]);
        var job = await cluster.SubmitAsync(EscapeMap(cluster.Folder, "grace: 200ms, timeout: 3s"));
        var task = await EscapeAsync(cluster.Folder);

        await cluster.JobBecomesAsync(job, "failed");

        Assert.All(task, pid => Assert.False(Processes.IsAlive(pid)));
        Assert.Equal("timed_out", (await cluster.LastAttemptAsync(job + ".1")).GetProperty("outcome").GetString());
    }

    [Fact]
    public async Task What_a_task_leaves_behind_ends_with_it_and_its_output_is_kept()
    {
        await using var cluster = await TestCluster.StartAsync(lostAfter: "60s", nodes: ["1"]);
        var file = cluster.Folder["escaped"];

        var job = await cluster.SubmitAsync("--wait", "--", "sh", "-c", $"{Binaries.TestProgram} escape {file} 600; (sleep 600; echo no) & echo yes");

        Assert.False(Processes.IsAlive(Number(file)));
        Assert.Equal("yes\n", (await cluster.ArtelAsync("logs", job.Split('\n')[0] + ".1")).Output);
    }

    [Fact]
    public async Task Children_that_end_after_their_tasks_do_not_pile_up()
    {
        await using var cluster = await TestCluster.StartAsync(lostAfter: "60s");
        await cluster.StartNodeAsync("1", "--cpus", "4");
        var agent = cluster.AgentOf("1");

        // One task runs all the time: nothing is tidied up by the last one's end.
        var others = await cluster.SubmitAsync("--", "sh", "-c", "while :; do sleep 0.05; done");
        await cluster.JobBecomesAsync(others, "running");
        await cluster.ArtelAsync("submit", "--wait", "--array", "1-200", "--", "sh", "-c", "(setsid sleep 0.02 &) ; (setsid true &)");

        await Eventually.Holds(
            () => Processes.ChildrenOf(agent).Count == 1, "only the running task is left", () => string.Join(' ', Processes.ChildrenOf(agent)), Soon);
        await cluster.ArtelAsync("cancel", others);
    }

    [Theory]
    [InlineData(NodePart.Guardian)]
    [InlineData(NodePart.Agent)]
    public async Task A_private_run_that_is_killed_leaves_no_process(NodePart killed)
    {
        using var folder = new TestFolder();
        Directory.CreateDirectory(folder["tmp"]);
        await using var run = RunningProgram.Start(
            Binaries.Artel, ["run", EscapeMap(folder)], folder.Path,
            new Dictionary<string, string?> { ["HOME"] = folder["home"], ["TMPDIR"] = folder["tmp"] });
        var task = await EscapeAsync(folder, run);
        var agent = Agent(Path.Combine(Directory.GetDirectories(folder["tmp"], "artel-*").SelectMany(d => Directory.GetDirectories(d, "run-*")).Single(), "node-local"));

        Kill(killed == NodePart.Agent ? agent : run.Id);

        await AreGoneAsync([.. task, agent]);
        var ended = await run.EndAsync();
        Assert.NotEqual(0, ended.Status);
        await Processes.AreGoneAsync(folder.Path);
    }

    [Theory]
    [InlineData(NodePart.Guardian)]
    [InlineData(NodePart.Agent)]
    public async Task A_cluster_of_up_that_is_killed_leaves_no_process_and_its_server_ends_well(NodePart killed)
    {
        using var folder = new TestFolder();
        var home = new Dictionary<string, string?> { ["ARTEL_HOME"] = folder["home"] };
        await using var up = RunningProgram.Start(
            Binaries.Artel, ["up", "--id", "1", "--listen", "127.0.0.1:0", "--data", folder["data"], "--json"], folder.Path, home);
        await up.UntilAsync(u => u.HasEnded || u.Output.Contains('\n', StringComparison.Ordinal), "it is up");
        await using var submit = RunningProgram.Start(Binaries.Artel, ["submit", EscapeMap(folder)], folder.Path, home);
        Assert.Equal(0, (await submit.EndAsync()).Status);
        var task = await EscapeAsync(folder, up);
        var agent = Agent(Path.Combine(folder["home"], "node-1"));

        Kill(killed == NodePart.Agent ? agent : up.Id);

        await AreGoneAsync([.. task, agent]);
        await Processes.AreGoneAsync(folder.Path);
        await up.EndAsync();
    }

    /// <summary>A map with one task that leaves a process behind and stays.</summary>
    private static string EscapeMap(TestFolder folder, string options = "grace: 10m") => folder.Write("escape.yaml", $$"""
        tasks:
          - { run: [sh, -c, "trap '' TERM INT HUP; echo $$ > {{folder["task"]}}; {{Binaries.TestProgram}} escape {{folder["escaped"]}} 600; while :; do sleep 0.05; done"], {{options}} }
        """);

    /// <summary>The two processes of the task, when they run.</summary>
    private static async Task<int[]> EscapeAsync(TestFolder folder, RunningProgram? program = null)
    {
        await Eventually.Holds(
            () => program?.HasEnded == true || File.Exists(folder["escaped"]), "the task has escaped", () => program?.Errors ?? "", TimeSpan.FromMinutes(1));
        int[] pids = [Number(folder["task"]), Number(folder["escaped"])];
        Assert.All(pids, pid => Assert.True(Processes.IsAlive(pid)));
        return pids;
    }

    private static Task AreGoneAsync(int[] pids) => Eventually.Holds(
        () => !pids.Any(Processes.IsAlive), "no process is left", () => string.Join(' ', pids.Where(Processes.IsAlive)), Soon);

    private static int Agent(string folder) => Number(Path.Combine(folder, "pid"));

    private static int Number(string file) => int.Parse(File.ReadAllText(file), CultureInfo.InvariantCulture);

    private static void Kill(params int[] pids) => Signal("KILL", pids);

    private static void Signal(string signal, params int[] pids)
    {
        foreach (var pid in pids)
        {
            Processes.Signal(signal, pid);
        }
    }
}
