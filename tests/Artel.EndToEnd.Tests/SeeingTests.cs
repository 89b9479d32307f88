using System.Text.Json;

namespace Artel.EndToEnd.Tests;

/// <summary>What is chosen and shown on the command line, of jobs that really ran: all on one cluster.</summary>
public sealed class SeeingTests(OneNodeCluster shared) : IClassFixture<OneNodeCluster>
{
    private static readonly string[] Mixed =
    [
        "--array", "1-12", "--", "sh", "-c",
        "echo out {index}; echo err {index} >&2; [ {index} -eq 7 ] && kill -SEGV $$; [ $(({index} % 3)) -eq 0 ] && exit 2; exit 0",
    ];

    private TestCluster Cluster => shared.Cluster;

    [Fact]
    public async Task The_last_job_and_tasks_of_it_are_named_without_its_number()
    {
        // Of a token of its own: other tests submit at the same time.
        var token = (await Cluster.ArtelAsync("token", "create", "--role", "user", "--name", "eva")).Output.Trim();
        var nothing = await EvaAsync("show", "last");
        Assert.Equal(4, nothing.Status);
        Assert.Contains("there is no 'last' job", nothing.Errors, StringComparison.Ordinal);
        await Cluster.SubmitAsync("--", "true");
        var job = (await EvaAsync(["submit", "--name", "of-eva", .. Mixed])).Output.Trim();
        await Cluster.TryArtelAsync("wait", job);
        await Cluster.SubmitAsync("--", "true");

        Assert.Equal("out 4\n", (await EvaAsync("logs", "last.4", "--stdout")).Output);
        var shown = JsonSerializer.Deserialize<JsonElement>((await EvaAsync("show", "last.2-4,11", "--json")).Output);
        Assert.Equal([2, 3, 4, 11], shown.GetProperty("tasks").EnumerateArray().Select(t => t.GetProperty("task").GetInt32()));
        Assert.Equal(1, (await EvaAsync("wait", "last")).Status);
        Assert.Contains($"job {job} has tasks 1 to 12, not 13", (await EvaAsync("show", "last.12,13")).Errors, StringComparison.Ordinal);

        // By a filter instead: one's own jobs, unless somebody else's are asked for.
        Assert.Equal("out 4\nout 5\n", (await Cluster.ArtelAsync("logs", job + ".4,5", "--stdout")).Output);
        var errors = (await EvaAsync("logs", "last", "--stderr", "--state", "failed")).Errors.Split('\n').Where(l => l.StartsWith("err", StringComparison.Ordinal));
        Assert.Equal(["err 12", "err 3", "err 6", "err 7", "err 9"], errors.Order(StringComparer.Ordinal));
        Assert.Contains($"Job {job}, the newest that fits", (await EvaAsync("logs", "--name", "of-*")).Errors, StringComparison.Ordinal);
        var others = await Cluster.TryArtelAsync("show", "--name", "of-*");
        Assert.Equal(4, others.Status);
        Assert.Contains("no job of yours fits --name 'of-*'", others.Errors, StringComparison.Ordinal);
        Assert.Contains("of-eva", (await Cluster.ArtelAsync("show", "--name", "of-*", "--user", "e?a")).Output, StringComparison.Ordinal);

        Task<Ended> EvaAsync(params string[] command) => Cluster.TryArtelWithAsync("ARTEL_TOKEN", token, command);
    }

    [Fact]
    public async Task Jobs_are_listed_by_filter_and_by_their_end()
    {
        var first = await Cluster.SubmitAsync("--name", "lists-a", "--", "sh", "-c", "exit 3");
        await Cluster.JobBecomesAsync(first, "failed");
        var waiting = await Cluster.SubmitAsync("--name", "lists-b", "--hold", "--", "true");
        var last = await Cluster.SubmitAsync("--name", "lists-c", "--", "true");
        await Cluster.JobBecomesAsync(last, "succeeded");
        await Cluster.ArtelAsync("release", "--name", "lists-*", "--state", "waiting");
        await Cluster.JobBecomesAsync(waiting, "succeeded");

        Assert.Equal([last, waiting, first], await IdsAsync("ls", "--name", "lists-*"));
        Assert.Equal([waiting, last, first], await IdsAsync("history", "--name", "lists-*"));
        Assert.Equal([last, first], await IdsAsync("history", "--name", "lists-*", "--before", waiting));
        Assert.Equal([first], await IdsAsync("history", "--name", "lists-*", "--state", "failed", "--since", "1h"));
        Assert.Empty(await IdsAsync("history", "--name", "lists-*", "--since", "2000-01-01", "--before", "1h"));
        Assert.Equal([first], await IdsAsync("ls", "--name", "lists-[a-b]", "--state", "failed,cancelled"));
        Assert.Empty(await IdsAsync("ls", "--name", "lists-*", "--user", "nobody"));
        Assert.Contains("1 failed", (await Cluster.ArtelAsync("history", "--name", "lists-a")).Output, StringComparison.Ordinal);
        Assert.Contains("No job fits --name nothing", (await Cluster.ArtelAsync("ls", "--name", "nothing")).Errors, StringComparison.Ordinal);

        async Task<string[]> IdsAsync(params string[] command) =>
            [.. (await Cluster.JsonAsync(command)).GetProperty("jobs").EnumerateArray().Select(j => j.GetProperty("id").ToString())];
    }

    [Fact]
    public async Task Many_jobs_are_acted_on_at_once_and_all_only_with_a_yes()
    {
        var token = (await Cluster.ArtelAsync("token", "create", "--role", "user", "--name", "max")).Output.Trim();
        var held = new List<string>();
        for (var i = 0; i < 3; i++)
            held.Add((await MaxAsync("submit", "--hold", "--array", "1-5", "--name", $"many-{i}", "--", "true")).Output.Trim());

        var unsure = await MaxAsync("cancel", "--all");
        Assert.Equal(2, unsure.Status);
        Assert.Contains("--all means 3 jobs with 15 tasks: add --yes", unsure.Errors, StringComparison.Ordinal);
        Assert.Equal(0, (await MaxAsync("cancel", "--name", "many-1")).Status);
        Assert.Equal(0, (await MaxAsync("cancel", held[0], "--state", "waiting,ready")).Status);
        Assert.Equal(4, (await MaxAsync("cancel", held[0], "--state", "running")).Status);
        var sure = await MaxAsync("cancel", "--all", "--yes", "--json");
        Assert.Equal(held[2], JsonSerializer.Deserialize<JsonElement>(sure.Output).GetProperty("jobs").EnumerateArray().Single().GetProperty("id").ToString());
        var none = await MaxAsync("cancel", "--all", "--yes");
        Assert.Equal(4, none.Status);
        Assert.Single(none.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal(0, (await MaxAsync("retry", "--name", "many-2")).Status);
        Assert.Equal(0, (await MaxAsync("release", "--all")).Status);
        Assert.Equal(0, (await MaxAsync("wait", "--name", "many-2", "--state", "waiting,running,succeeded")).Status);

        Task<Ended> MaxAsync(params string[] command) => Cluster.TryArtelWithAsync("ARTEL_TOKEN", token, command);
    }

    [Fact]
    public async Task Why_tasks_died_is_said_where_one_looks()
    {
        var job = await Cluster.SubmitAsync(Mixed);
        await Cluster.JobBecomesAsync(job, "failed");

        var why = (await Cluster.ArtelAsync("why", job)).Output;
        Assert.Contains("4 tasks failed: exit status 2", why, StringComparison.Ordinal);
        Assert.Matches(@"such as \d+\.(3|6|9|12) on node 1 after .*\n  \| err (3|6|9|12)\n", why);
        Assert.Contains("1 task failed: signal 11 (SIGSEGV): it touched memory that is not its own", why, StringComparison.Ordinal);
        var data = await Cluster.JsonAsync("why", job);
        var groups = data.GetProperty("failures").EnumerateArray().ToList();
        Assert.Equal([4, 1], groups.Select(g => g.GetProperty("count").GetInt32()));
        Assert.Equal("err 7", groups[1].GetProperty("last_lines")[0].GetString());
        Assert.Contains("| err 7", (await Cluster.ArtelAsync("show", job + ".7")).Output, StringComparison.Ordinal);
        Assert.Contains("SIGSEGV", (await Cluster.ArtelAsync("why", job + ".7")).Output, StringComparison.Ordinal);

        var late = await Cluster.SubmitAsync("--timeout", "200ms", "--", "sh", "-c", "printf '\\033[2Jbegun\\n' >&2; exec sleep 60");
        await Cluster.JobBecomesAsync(late, "failed");
        var shown = (await Cluster.ArtelAsync("show", late + ".1")).Output;
        Assert.Contains("timeout 0.20 s", shown, StringComparison.Ordinal);
        Assert.Contains("| ␛[2Jbegun", shown, StringComparison.Ordinal);
        Assert.DoesNotContain("\e", shown, StringComparison.Ordinal);

        var run = await Cluster.TryArtelAsync("run", "--array", "1-3", "--", "sh", "-c", "echo lost {index} >&2; exit 9");
        Assert.Equal(1, run.Status);
        Assert.Contains("3 tasks failed: exit status 9", run.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Output_is_followed_over_retries_and_of_all_tasks_together()
    {
        var marker = Cluster.Folder["released"];
        var job = await Cluster.SubmitAsync(
            "--array", "1-3", "--cpus", "0.1", "--retries", "1", "--backoff", "100ms", "--", "sh", "-c",
            $"echo first {{index}}; while [ ! -e '{marker}' ]; do sleep 0.05; done; echo second {{index}}; [ {{index}} -ne 2 ]");

        await using var all = Cluster.BeginArtel("logs", "-f", "--all", job);
        await using var one = Cluster.BeginArtel("logs", "-f", job + ".2");
        await all.UntilAsync(p => p.Output.Split('\n').Count(l => l.Contains("first", StringComparison.Ordinal)) == 3, "all run and are followed");
        await one.UntilAsync(p => p.Output.Contains("first 2", StringComparison.Ordinal), "one is followed");
        Assert.Equal("first 3\n", (await Cluster.ArtelAsync("logs", job + ".3", "--tail", "1")).Output);
        await File.WriteAllTextAsync(marker, "", TestContext.Current.CancellationToken);
        var ended = await all.EndAsync();

        Assert.Equal(0, ended.Status);
        Assert.Equal("first 2\nsecond 2\nfirst 2\nsecond 2\n", (await one.EndAsync()).Output);
        var lines = ended.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal([$"{job}.1 | first 1", $"{job}.1 | second 1"], lines.Where(l => l.StartsWith($"{job}.1 | ", StringComparison.Ordinal)));
        Assert.Equal(4, lines.Count(l => l.StartsWith($"{job}.2 | ", StringComparison.Ordinal)));
        Assert.Equal(8, lines.Length);
        Assert.Equal(6, (await Cluster.ArtelAsync("logs", "--all", job)).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Equal("second 1\n", (await Cluster.ArtelAsync("logs", job + ".1", "--tail", "1")).Output);
        Assert.Equal("first 2\n", (await Cluster.ArtelAsync("logs", job + ".2", "--attempt", "1", "--tail", "8")).Output[..8]);
    }

    [Fact]
    public async Task Waiting_ends_with_the_first_or_when_the_time_is_up()
    {
        var quick = await Cluster.SubmitAsync("--cpus", "0.1", "--", "true");
        var slow = await Cluster.SubmitAsync("--hold", "--", "true");

        var first = await Cluster.TryArtelAsync("wait", slow, quick, "--any", "--json");
        Assert.Equal(0, first.Status);
        Assert.Equal(["waiting", "succeeded"], JsonSerializer.Deserialize<JsonElement>(first.Output).GetProperty("jobs").EnumerateArray().Select(j => j.GetProperty("state").GetString()));
        var late = await Cluster.TryArtelAsync("wait", slow, quick, "--timeout", "2s");
        Assert.Equal(124, late.Status);
        Assert.Contains("1 job has not ended within 2.00 s; it goes on", late.Errors, StringComparison.Ordinal);
        Assert.Equal(4, (await Cluster.TryArtelAsync("wait", "99999", "--timeout", "10s")).Status);
        await Cluster.ArtelAsync("release", slow);
        Assert.Equal(0, (await Cluster.TryArtelAsync("wait", slow, quick, "--timeout", "3650d")).Status);
    }

    [Fact]
    public async Task Figures_of_a_job_are_those_of_its_attempts()
    {
        var job = await Cluster.SubmitAsync(Mixed);
        await Cluster.JobBecomesAsync(job, "failed");

        var stats = await Cluster.JsonAsync("stats", job);

        Assert.Equal((12, 7), (stats.GetProperty("attempts").GetInt32(), stats.GetProperty("succeeded").GetInt32()));
        Assert.Equal(12, stats.GetProperty("duration_seconds").GetProperty("count").GetInt32());
        Assert.True(stats.GetProperty("wait_seconds").GetProperty("max").GetDouble() < 60);
        Assert.Equal("1", Assert.Single(stats.GetProperty("nodes").EnumerateArray()).GetProperty("node").GetString());
        Assert.Equal(5, stats.GetProperty("slowest").GetArrayLength());
        Assert.Contains(
            "12 ended: 7 succeeded, 5 failed",
            (await Cluster.ArtelAsync("stats", job)).Output,
            StringComparison.Ordinal);
        Assert.Equal(4, (await Cluster.TryArtelAsync("stats", "99999")).Status);
    }

    [Fact]
    public async Task Results_of_some_tasks_are_fetched_alone()
    {
        var job = await Cluster.SubmitAsync(Mixed);
        await Cluster.JobBecomesAsync(job, "failed");
        var folder = Cluster.Folder["fetched-some"];

        var fetched = await Cluster.JsonAsync("fetch", job, "--state", "failed", "--to", folder);

        Assert.Equal(5, fetched.GetProperty("tasks").GetInt32());
        Assert.Equal(5, Directory.GetFiles(folder, "out*.txt", SearchOption.AllDirectories).Length);
        Assert.Equal("err 9\n", await File.ReadAllTextAsync(Directory.GetFiles(folder, "ouMis9.txt", SearchOption.AllDirectories).Single(), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task The_cluster_is_seen_at_a_glance_examined_and_completed()
    {
        var job = await Cluster.SubmitAsync("--name", "glance", "--cpus", "0.1", "--", "sleep", "60");
        var seen = await Polling.UntilAsync(
            () => Cluster.JsonAsync("top"), t => t.GetProperty("running").EnumerateArray().Any(r => r.GetProperty("job").ToString() == job), "its task is seen to run");
        Assert.Equal("1", seen.GetProperty("nodes")[0].GetProperty("id").GetString());
        Assert.Contains(seen.GetProperty("jobs").EnumerateArray(), j => j.GetProperty("name").GetString() == "glance");
        var page = (await Cluster.ArtelAsync("top")).Output;
        Assert.Contains($"{job}.1", page, StringComparison.Ordinal);
        Assert.DoesNotContain("\e", page, StringComparison.Ordinal);

        var findings = (await Cluster.JsonAsync("doctor")).GetProperty("findings").EnumerateArray().ToList();
        Assert.DoesNotContain(findings, f => f.GetProperty("level").GetString() == "fail");
        Assert.Contains(findings, f => f.GetProperty("what").GetString()!.Contains("with the pinned certificate, valid until", StringComparison.Ordinal));
        Assert.Contains(findings, f => f.GetProperty("what").GetString()!.Contains("clocks of this machine and the server agree", StringComparison.Ordinal));

        // As a shell asks. On a busy machine an answer may come too late, which is silent.
        await CompletesAsync($"artel show {job}", job);
        await CompletesAsync($"artel logs {job}.", $"{job}.1");
        await CompletesAsync("artel node drain ", "1");
        await Cluster.ArtelAsync("cancel", job);

        Task<Ended> CompletesAsync(string line, string expected) => Polling.UntilAsync(
            () => Cluster.ArtelAsync($"[suggest:{line.Length}]", line), e => e.Output.Split('\n').Contains(expected), $"'{line}' becomes {expected}");
    }
}
