using System.Globalization;
using System.Text.Json;

namespace Artel.EndToEnd.Tests;

/// <summary>What the cluster was asked to be: a test for each row of that table, named after it, with the real programs.</summary>
public class DesignTableTests
{
    [Fact]
    public async Task A_server_and_client_nodes_over_TCP()
    {
        await using var cluster = await TestCluster.StartAsync(nodes: ["1", "2"]);

        var status = await cluster.JsonAsync("server", "status");

        Assert.Equal(2, status.GetProperty("nodes_connected").GetInt32());
        Assert.StartsWith("127.0.0.1:", status.GetProperty("listen").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Host_and_port_are_set_by_option_then_environment_then_file()
    {
        await using var cluster = await TestCluster.StartAsync();
        var ticket = (await File.ReadAllTextAsync(Path.Combine(cluster.Home, "access"))).Trim();
        using var elsewhere = new TestFolder();
        elsewhere.Write("config.yaml", $"server: 127.0.0.1:1\ntoken: {ticket}\n");

        // The file names a port where nobody listens, the environment another, the option the right one.
        var byFile = await StatusAsync(elsewhere, null);
        var byEnvironment = await StatusAsync(elsewhere, cluster.Address);
        var byOption = await StatusAsync(elsewhere, "127.0.0.1:2", "--server", cluster.Address);

        Assert.Equal(3, byFile.Status);
        Assert.Contains("127.0.0.1:1", byFile.Errors, StringComparison.Ordinal);
        Assert.Equal(0, byEnvironment.Status);
        Assert.Equal(0, byOption.Status);

        static async Task<Ended> StatusAsync(TestFolder home, string? server, params string[] options)
        {
            await using var program = RunningProgram.Start(
                Binaries.Artel, ["server", "status", .. options], home.Path,
                new Dictionary<string, string?> { ["ARTEL_HOME"] = home.Path, ["ARTEL_SERVER"] = server });
            return await program.EndAsync();
        }
    }

    [Fact]
    public async Task A_node_sends_its_number_and_its_number_decides_which_tasks_it_gets()
    {
        await using var cluster = await TestCluster.StartAsync(nodes: ["1", "render-07"]);
        var map = cluster.Folder.Write("map.yaml", """
            nodes:
              1: [[sh, -c, 'echo $ARTEL_NODE'], [sh, -c, 'echo $ARTEL_NODE']]
              render-07: [[sh, -c, 'echo $ARTEL_NODE']]
            """);

        var job = await cluster.SubmitAsync(map, "--wait");

        Assert.Equal("1\n", (await cluster.ArtelAsync("logs", $"{job}.1")).Output);
        Assert.Equal("1\n", (await cluster.ArtelAsync("logs", $"{job}.2")).Output);
        Assert.Equal("render-07\n", (await cluster.ArtelAsync("logs", $"{job}.3")).Output);
    }

    [Fact]
    public async Task A_list_runs_as_many_tasks_together_as_it_says_however_few_cpus_its_node_has()
    {
        await using var cluster = await TestCluster.StartAsync();
        await cluster.StartNodeAsync("1", "--cpus", "1");

        // Each waits until all four are there: one at a time they would never end.
        var map = cluster.Folder.Write("map.yaml", """
            nodes:
              1:
                at_once: 4
                tasks:
                  - run: [sh, -c, "touch here-{index}; while [ $(ls here-* | wc -l) -lt 4 ]; do sleep 0.05; done"]
                    array: 1-4
                    timeout: 60s
            """);
        await cluster.ArtelAsync("submit", map, "--wait");
    }

    [Fact]
    public async Task Tasks_are_read_from_the_cluster_map()
    {
        using var folder = new TestFolder();
        var map = folder.Write("map.yaml", """
            name: two
            nodes:
              1: [[echo, one]]
            tasks:
              - { run: [echo, two] }
            """);

        var plan = await RunAsync(folder, "map", "plan", map, "--json");

        Assert.Equal(0, plan.Status);
        Assert.Equal(2, JsonSerializer.Deserialize<JsonElement>(plan.Output).GetProperty("tasks").GetInt32());
    }

    [Fact]
    public async Task Node_states_are_1_waiting_2_running_3_failed_4_succeeded()
    {
        await using var cluster = await TestCluster.StartAsync(heartbeat: "200ms", lostAfter: "5s", nodes: ["1"]);
        await SeesStateAsync(cluster, 1, "waiting");

        var job = await cluster.SubmitAsync("--node", "1", "--", "sleep", "600");
        await SeesStateAsync(cluster, 2, "running");

        await cluster.ArtelAsync("cancel", job);
        await SeesStateAsync(cluster, 1, "waiting");

        // 3 and 4 last only as long as a result is on its way: what they led to is what the server made of them.
        var failed = await cluster.SubmitAsync("--node", "1", "--", "false");
        var succeeded = await cluster.SubmitAsync("--node", "1", "--", "true");
        await cluster.TryArtelAsync("wait", failed, succeeded);
        Assert.Equal("failed", (await cluster.JsonAsync("show", failed)).GetProperty("job").GetProperty("state").GetString());
        Assert.Equal("succeeded", (await cluster.JsonAsync("show", succeeded)).GetProperty("job").GetProperty("state").GetString());
    }

    [Fact]
    public async Task While_the_process_runs_the_node_sends_its_state_every_period()
    {
        await using var cluster = await TestCluster.StartAsync(heartbeat: "300ms", lostAfter: "5s", nodes: ["1"]);
        await cluster.SubmitAsync("--node", "1", "--", "sleep", "600");
        await SeesStateAsync(cluster, 2, "running");

        var first = await HeartbeatAsync(cluster);
        await HeardAfterAsync(cluster, first);
        var second = await HeartbeatAsync(cluster);
        await HeardAfterAsync(cluster, second);

        Assert.True(second > first);
    }

    [Fact]
    public async Task A_node_that_stops_answering_is_disconnected()
    {
        await using var cluster = await TestCluster.StartAsync(heartbeat: "300ms", lostAfter: "1s", nodes: ["1", "2"]);
        var job = await cluster.SubmitAsync("--label", "only=1", "--", "true");
        await cluster.ArtelAsync("cancel", job);

        Processes.Signal("STOP", cluster.AgentOf("1"));
        await cluster.WaitForNodeAsync("1", "lost");
        await cluster.WaitForNodeAsync("2", "connected");

        Processes.Signal("CONT", cluster.AgentOf("1"));
        await cluster.WaitForNodeAsync("1", "connected");
    }

    [Fact]
    public async Task A_task_is_an_argument_array_without_a_shell()
    {
        await using var cluster = await TestCluster.StartAsync(nodes: ["1"]);
        string[] hard = ["$HOME", "a b", "*", "'\"", "", "Привет", "你好", "🎉", "$(id)", "a;b|c&d"];

        var job = await cluster.SubmitAsync(["--wait", "--", Binaries.TestProgram, "echo", .. hard]);

        Assert.Equal(string.Concat(hard.Select(h => h + "\n")), (await cluster.ArtelAsync("logs", job + ".1")).Output);
    }

    [Fact]
    public async Task A_process_that_failed_is_restarted_and_every_attempt_is_kept()
    {
        await using var cluster = await TestCluster.StartAsync(nodes: ["1"]);
        var map = cluster.Folder.Write("map.yaml", """
            nodes:
              1:
                - run: [sh, -c, 'echo attempt $ARTEL_ATTEMPT; test $ARTEL_ATTEMPT = 3']
                  retry: { backoff: 10ms }
            """);

        var job = await cluster.SubmitAsync(map, "--wait");

        var attempts = (await cluster.JsonAsync("show", job + ".1")).GetProperty("attempts").EnumerateArray()
            .Select(a => a.GetProperty("outcome").GetString()).ToArray();
        Assert.Equal(["failed", "failed", "succeeded"], attempts);
        Assert.Equal("attempt 3\n", (await cluster.ArtelAsync("logs", job + ".1")).Output);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1_000)]
    [InlineData(12_000)]
    [InlineData(5_000_000)]
    public async Task State_4_length_OK_data_and_the_last_OK_means_stored(int bytes)
    {
        await using var cluster = await TestCluster.StartAsync(nodes: ["1"]);
        var job = await cluster.SubmitAsync("--wait", "--", Binaries.TestProgram, "flood", bytes.ToString(CultureInfo.InvariantCulture));

        // Stored means that not even kill -9 takes it away, and that the node needs its copy no more.
        cluster.Server.Signal("KILL");
        Processes.Signal("KILL", cluster.AgentOf("1"));
        await cluster.StartServerAsync();

        await cluster.ArtelAsync("fetch", job, "--to", cluster.Folder["results"]);
        Assert.Equal(bytes, new FileInfo(Path.Combine(cluster.Folder["results"], "1", "out1.txt")).Length);
    }

    [Fact]
    public async Task Files_out_n_and_ouMis_n_hold_output_and_error_stream_of_task_n_of_a_node()
    {
        using var folder = new TestFolder();
        var map = folder.Write("map.yaml", """
            name: files
            nodes:
              1: [[sh, -c, 'echo a; echo b >&2'], [echo, c]]
              2: [[echo, d]]
            """);

        var run = await RunAsync(folder, "run", map, "--results", folder["results"]);

        Assert.True(run.Status == 0, run.ToString());
        Assert.Equal("a\n", await File.ReadAllTextAsync(Path.Combine(folder["results"], "1", "out1.txt")));
        Assert.Equal("b\n", await File.ReadAllTextAsync(Path.Combine(folder["results"], "1", "ouMis1.txt")));
        Assert.Equal("c\n", await File.ReadAllTextAsync(Path.Combine(folder["results"], "1", "out2.txt")));
        Assert.Equal("", await File.ReadAllTextAsync(Path.Combine(folder["results"], "1", "ouMis2.txt")));
        Assert.Equal("d\n", await File.ReadAllTextAsync(Path.Combine(folder["results"], "2", "out1.txt")));
    }

    [Fact]
    public async Task The_server_waits_until_Ctrl_C_which_is_a_clean_stop_that_loses_nothing()
    {
        await using var cluster = await TestCluster.StartAsync(lostAfter: "60s", nodes: ["1"]);
        var running = await cluster.SubmitAsync("--node", "1", "--", "sh", "-c", $"echo begun; while [ ! -e {cluster.Folder["go"]} ]; do sleep 0.05; done; echo done");
        var waiting = await cluster.SubmitAsync("--node", "2", "--", "true");
        await SeesStateAsync(cluster, 2, "running");

        cluster.Server.Signal("INT");
        var stopped = await cluster.Server.EndAsync();
        await cluster.StartServerAsync();
        await cluster.WaitForNodeAsync("1", "connected");
        cluster.Folder.Write("go", "");
        await cluster.StartNodeAsync("2");

        Assert.Equal(0, stopped.Status);
        await cluster.ArtelAsync("wait", running, waiting);
        Assert.Equal("begun\ndone\n", (await cluster.ArtelAsync("logs", running + ".1")).Output);
        Assert.Equal(1, (await cluster.JsonAsync("show", running + ".1")).GetProperty("attempt_count").GetInt32());
    }

    [Fact]
    public async Task Several_connections_at_once_and_one_stuck_peer_delays_no_other()
    {
        await using var cluster = await TestCluster.StartAsync(lostAfter: "60s", nodes: ["1", "2", "3"]);
        Processes.Signal("STOP", cluster.AgentOf("1"));
        var stuck = await cluster.SubmitAsync("--node", "1", "--", "true");

        var second = await cluster.SubmitAsync("--node", "2", "--", "true");
        var third = await cluster.SubmitAsync("--node", "3", "--", "true");
        await cluster.ArtelAsync("wait", second, third);
        var first = (await cluster.JsonAsync("show", stuck)).GetProperty("job").GetProperty("state").GetString();
        Processes.Signal("CONT", cluster.AgentOf("1"));
        await cluster.ArtelAsync("wait", stuck);

        Assert.NotEqual("succeeded", first);
    }

    private static async Task<Ended> RunAsync(TestFolder folder, params string[] arguments)
    {
        await using var program = RunningProgram.Start(
            Binaries.Artel, arguments, folder.Path, new Dictionary<string, string?> { ["ARTEL_HOME"] = folder["home"] });
        return await program.EndAsync();
    }

    private static async Task SeesStateAsync(TestCluster cluster, int number, string word)
    {
        var node = await Polling.UntilAsync(
            async () => await cluster.JsonAsync("node", "show", "1"), n => n.GetProperty("state_number").GetInt32() == number, $"node 1 is {word}");
        Assert.Equal(word, node.GetProperty("state").GetString());
    }

    private static async Task<DateTimeOffset> HeartbeatAsync(TestCluster cluster) =>
        (await cluster.JsonAsync("node", "show", "1")).GetProperty("last_heartbeat").GetDateTimeOffset();

    private static Task HeardAfterAsync(TestCluster cluster, DateTimeOffset time) =>
        Polling.UntilAsync(() => HeartbeatAsync(cluster), t => t > time, $"node 1 is heard after {time:O}");
}
