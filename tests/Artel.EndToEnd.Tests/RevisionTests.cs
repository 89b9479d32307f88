using System.Text.Json;

namespace Artel.EndToEnd.Tests;

/// <summary>Jobs that are changed after they were submitted, by <c>set</c> or by <c>retry</c> with options.</summary>
public class RevisionTests
{
    [Fact]
    public async Task Set_changes_what_has_not_started_and_it_is_kept_when_the_server_is_killed()
    {
        await using var cluster = await TestCluster.StartAsync();
        await cluster.StartNodeAsync("1", "--cpus", "2", "--memory", "8GiB");
        var gate = cluster.Folder["gate"];
        var before = await cluster.SubmitAsync("--hold", "--", "true");
        var job = await cluster.SubmitAsync(
            "--array", "1-4", "--at-once", "1", "--memory", "1GiB", "--timeout", "5m",
            "--", "sh", "-c", $"while [ {{index}} = 1 ] && [ ! -e {gate} ]; do sleep 0.1; done; [ {{index}} != 3 ]");
        await TaskBecomesAsync(cluster, job + ".1", "running");

        var set = await cluster.ArtelAsync(
            "set", job, "--memory", "2GiB", "--timeout", "7m", "--retries", "1", "--at-once", "2", "--cpus", "0.5",
            "--rename", "second try");
        Assert.Contains(
            "memory=2GiB, cpus=0.5, timeout=420s, retries=1, at_once=2", set.Errors, StringComparison.Ordinal);
        Processes.Signal("KILL", cluster.Server.Id);
        await cluster.StartServerAsync();
        await cluster.WaitForNodeAsync("1", "connected");

        var shown = await cluster.JsonAsync("show", job);
        Assert.Equal("second try", shown.GetProperty("job").GetProperty("name").GetString());
        Assert.Contains(
            "memory=2GiB",
            Assert.Single(shown.GetProperty("job").GetProperty("changes").EnumerateArray()).GetString(),
            StringComparison.Ordinal);
        Assert.Contains("memory=2GiB", (await cluster.ArtelAsync("show", job)).Output, StringComparison.Ordinal);
        Assert.Equal(2L << 30, (await cluster.JsonAsync("show", job + ".2")).GetProperty("memory_bytes").GetInt64());
        Assert.Equal(420, (await cluster.JsonAsync("show", job + ".2")).GetProperty("timeout_seconds").GetDouble());
        Assert.Contains(
            "has other terms for what has not started: name=second try, memory=2GiB",
            (await cluster.ArtelAsync("events", "--job", job)).Output,
            StringComparison.Ordinal);
        Assert.Contains(
            $"job {job}, name=second try, memory=2GiB",
            (await cluster.ArtelAsync("audit")).Output,
            StringComparison.Ordinal);

        // A limit can be removed, too.
        var unlimited = await cluster.ArtelAsync("set", job, "--timeout", "none", "--at-once", "none");
        Assert.Contains("timeout=none, at_once=none", unlimited.Errors, StringComparison.Ordinal);
        Assert.Equal(
            JsonValueKind.Null, (await cluster.JsonAsync("show", job + ".2")).GetProperty("timeout_seconds").ValueKind);
        await cluster.ArtelAsync("set", job, "--at-once", "2");

        // Two at once now, and one that failed is tried again.
        await TaskBecomesAsync(cluster, job + ".4", "succeeded");
        await File.WriteAllTextAsync(gate, "", TestContext.Current.CancellationToken);
        await cluster.JobBecomesAsync(job, "failed");
        Assert.Equal(2, (await cluster.JsonAsync("show", job + ".3")).GetProperty("attempt_count").GetInt32());
        Assert.Equal(1, (await cluster.JsonAsync("show", job + ".1")).GetProperty("attempt_count").GetInt32());

        var late = await cluster.TryArtelAsync("set", job, "--memory", "1GiB");
        Assert.Equal(2, late.Status);
        Assert.Contains($"job {job} has ended: nothing of it is left to start", late.Errors, StringComparison.Ordinal);

        // What waits: for another, for none, never for itself.
        var waits = await cluster.SubmitAsync("--after", before, "--", "true");
        Assert.Contains(
            $"job {before} cannot wait for job {waits}",
            (await cluster.TryArtelAsync("set", before, "--after", waits)).Errors,
            StringComparison.Ordinal);
        await cluster.ArtelAsync("set", waits, "--after", "none");
        await cluster.JobBecomesAsync(waits, "succeeded");
        await cluster.ArtelAsync("set", before, "--after-any", job);
        await cluster.ArtelAsync("release", before);
        await cluster.JobBecomesAsync(before, "succeeded");
        Assert.Equal(2, (await cluster.TryArtelAsync("set", before, "--rename", "")).Status);
        Assert.Contains(
            "nothing to set: give --priority, --memory",
            (await cluster.TryArtelAsync("set", before)).Errors,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Retry_says_that_an_edited_script_is_the_old_one_and_runs_the_new_one_if_asked()
    {
        await using var cluster = await TestCluster.StartAsync(nodes: ["1"]);
        var script = cluster.Folder.Write("job.sh", "#!/bin/sh\necho old $1; exit 1\n");
        var job = await cluster.SubmitAsync(script, "--", "word");
        await cluster.JobBecomesAsync(job, "failed");
        Assert.DoesNotContain("old one", (await cluster.ArtelAsync("retry", job)).Errors, StringComparison.Ordinal);
        await cluster.JobBecomesAsync(job, "failed");

        cluster.Folder.Write("job.sh", "#!/bin/sh\necho new $1\n");
        Assert.Contains(
            $"the retry runs the old one ('artel retry {job} --script",
            (await cluster.ArtelAsync("retry", job)).Errors,
            StringComparison.Ordinal);
        await cluster.JobBecomesAsync(job, "failed");
        Assert.Equal("old word\n", (await cluster.ArtelAsync("logs", job)).Output);
        await cluster.ArtelAsync("retry", job, "--script", script, "--memory", "32MiB", "--timeout", "9s");
        await cluster.JobBecomesAsync(job, "succeeded");

        Assert.Equal("new word\n", (await cluster.ArtelAsync("logs", job)).Output);
        var task = await cluster.JsonAsync("show", job + ".1");
        Assert.Equal(
            (32L << 20, 9.0),
            (task.GetProperty("memory_bytes").GetInt64(), task.GetProperty("timeout_seconds").GetDouble()));
        Assert.Contains("another script", (await cluster.ArtelAsync("show", job)).Output, StringComparison.Ordinal);

        var command = await cluster.SubmitAsync("--", "false");
        await cluster.JobBecomesAsync(command, "failed");
        Assert.Contains(
            "was not submitted as a script",
            (await cluster.TryArtelAsync("retry", command, "--script", script)).Errors,
            StringComparison.Ordinal);
        Assert.Contains(
            "does not exist",
            (await cluster.TryArtelAsync("retry", job, "--script", "none.sh")).Errors,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_node_drains_for_a_reason_that_is_shown_and_kept_until_it_resumes()
    {
        await using var cluster = await TestCluster.StartAsync(nodes: ["1", "2"]);
        var job = await cluster.SubmitAsync("--hold", "--", "true");

        await cluster.ArtelAsync("node", "drain", "1", "2", "--reason", "new disks");
        await cluster.ArtelAsync("release", job);
        Processes.Signal("KILL", cluster.Server.Id);
        await cluster.StartServerAsync();
        await cluster.WaitForNodeAsync("1", "connected");
        await cluster.WaitForNodeAsync("2", "connected");

        Assert.Contains("new disks", (await cluster.ArtelAsync("node", "ls")).Output, StringComparison.Ordinal);
        Assert.Contains(
            "because new disks", (await cluster.ArtelAsync("node", "show", "2")).Output, StringComparison.Ordinal);
        Assert.Equal(
            "new disks", (await cluster.JsonAsync("node", "show", "1")).GetProperty("drain_reason").GetString());
        Assert.Contains(
            "2: draining (new disks) (1, 2)", (await cluster.ArtelAsync("why", job)).Output, StringComparison.Ordinal);

        await cluster.ArtelAsync("node", "resume", "1", "2");
        await cluster.JobBecomesAsync(job, "succeeded");
        Assert.Equal(
            JsonValueKind.Null, (await cluster.JsonAsync("node", "show", "1")).GetProperty("drain_reason").ValueKind);
        Assert.Equal(2, (await cluster.TryArtelAsync("node", "drain", "1", "--reason", new string('x', 257))).Status);
        var twoLines = await cluster.TryArtelAsync("node", "drain", "1", "--reason", "new\ndisks");
        Assert.Contains("the reason has a control character: write it on one line", twoLines.Errors, StringComparison.Ordinal);
        await cluster.ArtelAsync("node", "stop", "1", "--reason", "gone");
        var some = await cluster.TryArtelAsync("node", "drain", "none", "2");
        Assert.Equal(4, some.Status);
        Assert.True((await cluster.JsonAsync("node", "show", "2")).GetProperty("draining").GetBoolean());
    }

    [Fact]
    public async Task A_job_of_an_empty_list_has_no_tasks_and_succeeds_and_every_command_copes()
    {
        await using var cluster = await TestCluster.StartAsync(nodes: ["1"]);
        var empty = cluster.Folder.Write("empty", "");
        var submitted = await cluster.ArtelAsync("submit", "--each-line", empty, "--wait", "--", "echo");
        var job = submitted.Output.Trim();
        Assert.Contains($"Job {job} has no tasks, since its list is empty", submitted.Errors, StringComparison.Ordinal);
        var ran = await cluster.ArtelAsync("run", "--", "echo", ":::");
        Assert.Equal("", ran.Output);
        Assert.Contains("has no tasks", ran.Errors, StringComparison.Ordinal);
        var map = cluster.Folder.Write(
            "m.yaml",
            "tasks:\n  - { name: none, run: [echo], each_line: empty }\n  - { run: [echo, one], after: none }\n");
        var mixed = await cluster.SubmitAsync(map);
        await cluster.JobBecomesAsync(mixed, "succeeded");

        var after = await cluster.SubmitAsync("--after", job, "--", "true");
        await cluster.JobBecomesAsync(after, "succeeded");
        Assert.Contains("no tasks", (await cluster.ArtelAsync("show", job)).Output, StringComparison.Ordinal);
        string[][] commands =
        [
            ["wait", job], ["ls"], ["logs", job], ["logs", "--all", "-f", job], ["why", job], ["stats", job],
            ["retry", job], ["events", "--job", job], ["fetch", job, "--to", "none"],
        ];
        foreach (var command in commands)
        {
            var ended = await cluster.TryArtelAsync(command);
            Assert.True(ended.Status == 0, ended.ToString());
            Assert.DoesNotContain("   at ", ended.Errors, StringComparison.Ordinal);
        }

        Assert.Contains(
            "has no tasks: there is nothing to fetch",
            (await cluster.ArtelAsync("fetch", job, "--to", "none")).Errors,
            StringComparison.Ordinal);
        Assert.Equal(0, (await cluster.ArtelAsync("run", "--private", "--each-line", empty, "--", "echo")).Status);
    }

    private static Task TaskBecomesAsync(TestCluster cluster, string task, string state) => Polling.UntilAsync(
        async () => (await cluster.JsonAsync("show", task)).GetProperty("state").GetString(),
        seen => seen == state,
        $"task {task} is {state}");
}
