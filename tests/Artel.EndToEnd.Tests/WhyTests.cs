namespace Artel.EndToEnd.Tests;

/// <summary><c>artel why</c> explains a job in every state.</summary>
public sealed class WhyTests(OneNodeCluster shared) : IClassFixture<OneNodeCluster>
{
    private TestCluster Cluster => shared.Cluster;

    [Fact]
    public async Task A_job_that_was_skipped_because_another_failed_says_so_as_it_ends_and_afterwards()
    {
        var failing = await Cluster.SubmitAsync("--", "false");
        await Cluster.JobBecomesAsync(failing, "failed");
        var skipped = await Cluster.SubmitAsync("--after", failing, "--", "true");

        var waited = (await Cluster.TryArtelAsync("wait", skipped)).Errors;

        Assert.Contains(
            $"Job {skipped} cancelled: 1 task skipped; 'artel why {skipped}' says why.",
            waited,
            StringComparison.Ordinal);
        Assert.Contains(
            $"1 task was skipped: it needs job {failing}, which did not succeed",
            await Cluster.WhyAsync(skipped),
            StringComparison.Ordinal);
        Assert.Contains($"it needs job {failing}", await Cluster.WhyAsync(skipped + ".1"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Waiting_jobs_have_counted_reasons_that_add_up_in_why_in_json_and_a_word_in_ls()
    {
        var gate = Cluster.Folder["why.go"];
        await Cluster.ArtelAsync("limit", "set", "shut=0");
        var limited = await Cluster.SubmitAsync("--tag", "shut", "--array", "1-5", "--", "true");
        var unfit = await Cluster.SubmitAsync("--gpus", "77", "--", "true");
        var busy = await Cluster.SubmitAsync(
            "--array", "1-40", "--", "sh", "-c", $"until [ -e {gate} ]; do sleep 0.05; done");
        var urgent = await Cluster.SubmitAsync("--priority", "5", "--array", "1-2", "--", "true");
        var behind = await Cluster.SubmitAsync("--", "true");
        var retried = await Cluster.SubmitAsync("--cpus", "0", "--retries", "1", "--backoff", "1h", "--", "false");
        await Polling.UntilAsync(
            () => Cluster.WhyAsync(retried),
            why => why.Contains("waits for its retry until", StringComparison.Ordinal),
            "the retry waits");

        Assert.Contains(
            "5 tasks wait for the limit of the tag shut: 0 of 0",
            await Cluster.WhyAsync(limited),
            StringComparison.Ordinal);
        Assert.Contains(
            "1 task fits no node: 77 gpus asked, at most 0", await Cluster.WhyAsync(unfit), StringComparison.Ordinal);
        var why = await Cluster.WhyAsync(behind);
        Assert.Contains($"1 task waits behind job {urgent}, whose priority is 5, not 0", why, StringComparison.Ordinal);
        Assert.Contains("1 node was looked at:", why, StringComparison.Ordinal);
        Assert.Matches("run on node 1, the first since", await Cluster.WhyAsync(busy));

        var json = await Cluster.JsonAsync("why", busy);
        Assert.Equal(40, json.GetProperty("unfinished").GetInt32());
        var counted = json.GetProperty("counted").EnumerateArray().ToList();
        Assert.Equal(40, counted.Sum(r => r.GetProperty("tasks").GetInt32()));
        Assert.Contains(
            counted,
            r => r.GetProperty("kind").GetString() == "running"
                && r.GetProperty("where")[0].GetProperty("node").GetString() == "1");

        var listed = (await Cluster.JsonAsync("ls")).GetProperty("jobs").EnumerateArray()
            .ToDictionary(j => j.GetProperty("id").GetRawText(), j => j.GetProperty("reason").GetString());
        Assert.Equal(("tag shut 0/0", "fits no node", "priority"), (listed[limited], listed[unfit], listed[behind]));
        Assert.Contains("tag shut 0/0", (await Cluster.ArtelAsync("ls")).Output, StringComparison.Ordinal);

        await File.WriteAllTextAsync(gate, "");
        await Cluster.ArtelAsync("cancel", limited, unfit, retried);
        await Cluster.JobBecomesAsync(behind, "succeeded");
        Assert.Contains("5 tasks were cancelled by ", await Cluster.WhyAsync(limited), StringComparison.Ordinal);
        Assert.Contains("1 task succeeded", await Cluster.WhyAsync(behind), StringComparison.Ordinal);
        Assert.Contains("succeeded on node 1", await Cluster.WhyAsync(behind + ".1"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cancelled_attempt_counts_as_no_failed_one()
    {
        var job = await Cluster.SubmitAsync("--cpus", "0", "--", "sleep", "600");
        await Polling.UntilAsync(
            () => Cluster.WhyAsync(job), why => why.Contains("runs on node 1", StringComparison.Ordinal), "it runs");

        await Cluster.ArtelAsync("cancel", job);
        await Cluster.JobBecomesAsync(job, "cancelled");

        var node = (await Cluster.JsonAsync("show", job)).GetProperty("job").GetProperty("nodes")[0];
        Assert.Equal(0, node.GetProperty("failed_attempts").GetInt32());
        var stats = await Cluster.JsonAsync("stats", job);
        Assert.Equal(1, stats.GetProperty("attempts").GetInt32());
        Assert.Equal(0, stats.GetProperty("succeeded").GetInt32());
        Assert.Equal(0, stats.GetProperty("failed").GetInt32());
        Assert.Contains(
            "1 cancelled or moved", (await Cluster.ArtelAsync("stats", job)).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Headings_of_logs_can_be_left_out_or_asked_for()
    {
        var job = await Cluster.SubmitAsync("--array", "1-2", "--", "sh", "-c", "echo hello");
        await Cluster.JobBecomesAsync(job, "succeeded");

        Assert.Contains("==> ", (await Cluster.ArtelAsync("logs", job)).Errors, StringComparison.Ordinal);
        var quiet = await Cluster.ArtelAsync("logs", "--quiet", job);
        Assert.Equal(("hello\nhello\n", ""), (quiet.Output, quiet.Errors));
        Assert.Equal("hello\nhello\n", (await Cluster.ArtelAsync("logs", "-q", "--all", job)).Output);
        Assert.Contains(
            $"==> {job}.1 succeeded on 1 <==",
            (await Cluster.ArtelAsync("logs", "--verbose", job + ".1")).Errors,
            StringComparison.Ordinal);
        Assert.Contains(
            "give one of them",
            (await Cluster.TryArtelAsync("logs", "-q", "-v", job)).Errors,
            StringComparison.Ordinal);
    }
}
