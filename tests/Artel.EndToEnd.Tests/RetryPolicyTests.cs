namespace Artel.EndToEnd.Tests;

/// <summary>What is tried again, where, and what is said of it.</summary>
public class RetryPolicyTests
{
    [Fact]
    public async Task What_is_not_to_be_tried_again_fails_at_once_and_says_why()
    {
        await using var cluster = await TestCluster.StartAsync(lostAfter: "60s", nodes: ["1"]);
        var job = await cluster.SubmitAsync("--retries", "3", "--backoff", "10ms", "--no-retry-on", "5,7-9", "--", "sh", "-c", "exit 7");
        var only = await cluster.SubmitAsync("--retries", "3", "--backoff", "10ms", "--retry-on", "7", "--retry-on", "timeout", "--", "sh", "-c", "exit 2");
        var signalled = await cluster.SubmitAsync("--retries", "1", "--backoff", "10ms", "--retry-on", "137", "--", "sh", "-c", "kill -9 $$");

        await cluster.JobBecomesAsync(job, "failed");
        await cluster.JobBecomesAsync(only, "failed");
        await cluster.JobBecomesAsync(signalled, "failed");

        Assert.Equal((1, "exit status 7 is in no_retry_on"), await EndAsync(cluster, job));
        Assert.Equal((1, "exit status 2 is not in retry_on"), await EndAsync(cluster, only));
        Assert.Equal((2, "ended by signal 9 (attempt 2)"), await EndAsync(cluster, signalled));
        Assert.Contains("exit status 7 is in no_retry_on", await cluster.WhyAsync(job + ".1"), StringComparison.Ordinal);
        Assert.Contains("exit status 7 is in no_retry_on", await cluster.WhyAsync(job), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_program_that_is_not_there_is_not_started_again_where_that_is_said()
    {
        await using var cluster = await TestCluster.StartAsync(lostAfter: "60s", nodes: ["1"]);

        var job = await cluster.SubmitAsync("--retries", "3", "--no-retry-on", "not-started", "--", "./no-such-program");

        await cluster.JobBecomesAsync(job, "failed");
        var (attempts, reason) = await EndAsync(cluster, job);
        Assert.Equal(1, attempts);
        Assert.EndsWith("not-started is in no_retry_on", reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_retry_moves_to_another_node()
    {
        await using var cluster = await TestCluster.StartAsync(lostAfter: "60s", nodes: ["1", "2", "3"]);
        var map = cluster.Folder.Write("map.yaml", $$"""
            defaults: { avoid_same_node: true, retries: 2, retry: { backoff: 20ms, jitter: 0.5 } }
            tasks:
              - run: [sh, -c, 'echo $ARTEL_NODE >> nodes.{index}; [ $(sort -u nodes.{index} | wc -l) -eq 3 ]']
                array: 1-10
                cwd: .
            """);

        var job = await cluster.SubmitAsync(map);

        // Each task succeeds only on the third node it sees, and has three attempts.
        await cluster.ArtelAsync("wait", job);
        for (var task = 1; task <= 10; task++)
        {
            Assert.Equal(["1", "2", "3"], (await File.ReadAllLinesAsync(cluster.Folder[$"nodes.{task}"])).Order());
        }
    }

    [Fact]
    public async Task A_task_waits_for_another_node_says_so_and_goes_back_when_there_is_none()
    {
        await using var cluster = await TestCluster.StartAsync(lostAfter: "60s");
        await cluster.StartNodeAsync("1", "--cpus", "1");
        var job = await cluster.SubmitAsync("--retries", "3", "--backoff", "100ms", "--avoid-same-node", "--", "sh", "-c", $"cat {cluster.Folder["go"]}");
        await cluster.JobBecomesAsync(job, "failed");

        // Alone, it had all its attempts on the one node.
        var (attempts, _) = await EndAsync(cluster, job);
        Assert.Equal(4, attempts);

        // A second node that is busy is waited for.
        await cluster.StartNodeAsync("2", "--cpus", "2");
        var busy = await cluster.SubmitAsync("--name", "busy", "--cpus", "2", "--", "sh", "-c", $"while [ ! -e {cluster.Folder["go"]} ]; do sleep 0.05; done");
        await cluster.JobBecomesAsync(busy, "running");
        var waiting = await cluster.SubmitAsync("--retries", "3", "--backoff", "50ms", "--avoid-same-node", "--", "sh", "-c", $"cat {cluster.Folder["go"]}");
        var why = await Polling.UntilAsync(() => cluster.WhyAsync(waiting + ".1"), w => w.Contains("waits until a node has room", StringComparison.Ordinal), "it waits for node 2");
        Assert.Contains("avoids node 1, where it failed", why, StringComparison.Ordinal);
        var page = (await cluster.ArtelAsync("show", waiting + ".1")).Output;
        Assert.Contains("avoids", page, StringComparison.Ordinal);
        Assert.Contains("1 of 3", page, StringComparison.Ordinal);

        cluster.Folder.Write("go", "went");
        await cluster.ArtelAsync("wait", waiting);
        Assert.Equal("2", (await cluster.LastAttemptAsync(waiting + ".1")).GetProperty("node").GetString());
    }

    [Fact]
    public async Task A_retry_that_waits_says_which_it_is_and_how_long()
    {
        await using var cluster = await TestCluster.StartAsync(lostAfter: "60s", nodes: ["1"]);
        var job = await cluster.SubmitAsync("--retries", "5", "--backoff", "20m", "--", "false");

        var task = await Polling.UntilAsync(
            () => cluster.JsonAsync("show", job + ".1"), t => t.GetProperty("failures").GetInt32() == 1, "its first attempt has failed");

        Assert.Equal(5, task.GetProperty("retries").GetInt32());
        var ended = task.GetProperty("attempts")[0].GetProperty("ended").GetDateTimeOffset();
        Assert.InRange((task.GetProperty("not_before").GetDateTimeOffset() - ended).TotalMinutes, 18, 20);
        Assert.Matches(@"^waits for retry 1 of 5 until 2[0-9-]+ [0-9:]+\n", await cluster.WhyAsync(job + ".1"));
        Assert.Matches("retry +1 of 5, in 1[789]m", (await cluster.ArtelAsync("show", job + ".1")).Output);

        // The wait is not made anew by a server that starts again.
        cluster.Server.Signal("KILL");
        await cluster.Server.EndAsync();
        await cluster.StartServerAsync();
        var again = await cluster.JsonAsync("show", job + ".1");
        Assert.Equal(
            task.GetProperty("not_before").GetDateTimeOffset(), again.GetProperty("not_before").GetDateTimeOffset(), TimeSpan.FromMicroseconds(1));
    }

    [Fact]
    public async Task A_retry_of_what_failed_leaves_what_was_cancelled()
    {
        await using var cluster = await TestCluster.StartAsync(lostAfter: "60s", nodes: ["1"]);
        var map = cluster.Folder.Write("map.yaml", """
            tasks:
              - { name: fails, run: [sh, -c, "[ -e mended ]"], cwd: . }
              - { run: ["true"], after: fails }
              - { run: [sleep, "1000"] }
            """);
        var job = await cluster.SubmitAsync(map);
        await Polling.UntilAsync(() => cluster.JsonAsync("show", job + ".1"), t => t.GetProperty("state").GetString() == "failed", "the first task has failed");
        await cluster.ArtelAsync("cancel", job + ".3");
        await cluster.JobBecomesAsync(job, "failed");
        cluster.Folder.Write("mended", "");

        var retried = await cluster.JsonAsync("retry", job, "--failed");

        Assert.Equal(2, retried.GetProperty("jobs")[0].GetProperty("tasks").GetInt32());
        await cluster.JobBecomesAsync(job, "cancelled");
        var states = (await cluster.JsonAsync("show", job)).GetProperty("tasks").EnumerateArray().Select(t => t.GetProperty("state").GetString());
        Assert.Equal(["succeeded", "succeeded", "cancelled"], states);
    }

    [Fact]
    public async Task How_many_losses_are_too_many_is_the_servers_to_say()
    {
        await using var cluster = await TestCluster.StartAsync(heartbeat: "300ms", lostAfter: "1s", server: ["--max-losses", "1"], nodes: ["1"]);
        var job = await cluster.SubmitAsync("--retries", "5", "--", "sleep", "1000");
        await Polling.UntilAsync(() => cluster.JsonAsync("show", job + ".1"), t => t.GetProperty("state").GetString() == "running", "it runs");

        Processes.Signal("KILL", cluster.AgentOf("1"));

        await cluster.JobBecomesAsync(job, "failed");
        Assert.Equal((1, "its node was lost: 1"), await EndAsync(cluster, job));
    }

    private static async Task<(int Attempts, string? Reason)> EndAsync(TestCluster cluster, string job)
    {
        var task = await cluster.JsonAsync("show", job + ".1");
        return (task.GetProperty("attempt_count").GetInt32(), task.GetProperty("reason").GetString());
    }
}
