using System.Text.Json;

namespace Artel.EndToEnd.Tests;

/// <summary>Options that several commands share, and those that no other test has a story for: all on one cluster.</summary>
public sealed class OptionTests(OneNodeCluster shared) : IClassFixture<OneNodeCluster>
{
    private TestCluster Cluster => shared.Cluster;

    [Fact]
    public async Task The_options_of_a_job_mean_the_same_to_submit_to_run_and_to_a_schedule()
    {
        var before = await Cluster.SubmitAsync("--", "true");
        var file = Cluster.Folder.Write("shared", "A=file\n");
        var json = Cluster.Folder.Write("shared.json", """[{ "n": 1 }, { "n": 2 }]""");
        var ended = Cluster.Folder.Write("shared.nul", "a\nb\0c\0");
        string[][] all =
        [
            [
                "--name", "every", "--priority", "3", "--max-fails", "1", "--tag", "t", "--limit", "t=2", "--array", "1-4", "--at-once", "2", "--retries", "2", "--backoff", "3s",
                "--retry-on", "7,signal", "--no-retry-on", "9", "--avoid-same-node", "--exclusive", "--cpus", "0.5", "--pin", "--memory", "1GiB", "--gpus", "0.5",
                "--resource", "licence=1", "--timeout", "1m", "--output-limit", "1MiB", "--label", "os=linux", "--prefer", "rack=4", "--env", "B={index}", "--env-file", file,
                "--inherit-env", "HOME", "--cwd", "scratch", "--stdin", file,
            ],
            ["--fail-fast", "--node", "1", "--each-line", file],
            ["--each-line", ended, "--null"],
            ["--from-json", json, "--env", "N={entry.n}"],
        ];
        foreach (var options in all)
        {
            var name = options.Contains("--name") ? Array.Empty<string>() : ["--name", "echo"];
            var map = (await Cluster.ArtelAsync(["submit", "--dry-run", .. options, "--", "echo", "x"])).Output;

            Assert.Equal(map, (await Cluster.ArtelAsync(["run", "--dry-run", .. options, "--", "echo", "x"])).Output);
            Assert.Equal(map, (await Cluster.ArtelAsync(["schedule", "add", "none", "--cron", "@yearly", "--dry-run", .. name, .. options, "--", "echo", "x"])).Output);
            Assert.Equal(map, (await Cluster.ArtelAsync("submit", "--dry-run", Cluster.Folder.Write("shared.yaml", map))).Output);
        }

        // About one moment or one job: nothing for one that comes again and again.
        string[] once = ["--start-at", "2100-01-01T00:00:00Z", "--deadline", "2100-01-02T00:00:00Z", "--after", before, "--after-any", before + ".1", "--", "true"];
        Assert.Equal((await Cluster.ArtelAsync(["submit", "--dry-run", .. once])).Output, (await Cluster.ArtelAsync(["run", "--dry-run", .. once])).Output);
        var refused = await Cluster.TryArtelAsync(["schedule", "add", "none", "--cron", "@yearly", .. once]);
        Assert.Equal(2, refused.Status);
        Assert.Contains("the job of a schedule has no start_at", refused.Errors, StringComparison.Ordinal);
        Assert.Empty((await Cluster.JsonAsync("schedule", "ls")).GetProperty("schedules").EnumerateArray());
    }

    [Fact]
    public async Task A_private_run_leaves_the_configured_cluster_alone()
    {
        var before = await CountAsync();

        var ended = await Cluster.ArtelAsync("run", "--private", "--json", "--results", Cluster.Folder["private"], "--array", "1-2", "--", "echo", "{index}");

        var run = JsonSerializer.Deserialize<JsonElement>(ended.Output);
        Assert.Equal((1, 2, 0), (run.GetProperty("id").GetInt32(), run.GetProperty("tasks").GetArrayLength(), run.GetProperty("exit_status").GetInt32()));
        Assert.Equal("1\n", await File.ReadAllTextAsync(
            Directory.GetFiles(Cluster.Folder["private"], "out1.txt", SearchOption.AllDirectories).Single(), TestContext.Current.CancellationToken));
        Assert.Equal(before, await CountAsync());

        async Task<int> CountAsync() => (await Cluster.JsonAsync("ls", "--all")).GetProperty("jobs").GetArrayLength();
    }

    [Theory]
    [InlineData("show", "job")]
    [InlineData("why", "job")]
    [InlineData("stats", "job")]
    [InlineData("logs", "job")]
    [InlineData("fetch", "job", "--to", "filtered")]
    [InlineData("wait", "jobs", "--any")]
    [InlineData("hold", "jobs")]
    [InlineData("release", "jobs")]
    [InlineData("set", "jobs", "--priority", "2")]
    [InlineData("cancel", "jobs")]
    [InlineData("retry", "jobs")]
    public async Task A_filter_stands_for_the_job_that_it_fits(string command, string member, params string[] more)
    {
        // Not to be found by any one of the four alone.
        var state = command switch { "hold" or "release" or "set" or "cancel" => "waiting", _ => "failed" };
        var tag = $"of-{command}";
        string[] ends = state == "failed" ? ["--", "sh", "-c", "echo said; exit 3"] : ["--hold", "--", "true"];
        var job = await Cluster.SubmitAsync(["--name", "fits-a", "--tag", tag, .. ends]);
        await Cluster.SubmitAsync("--name", "other", "--tag", tag, "--hold", "--", "true");
        await Cluster.SubmitAsync("--name", "fits-b", "--tag", "of-none", "--hold", "--", "true");
        await Cluster.JobBecomesAsync(job, state);

        var found = await Cluster.TryArtelAsync(
            [command, "--name", "fits-*", "--user", "*", "--tag", tag, "--state", state, "--json", .. more]);
        var nobodys = await Cluster.TryArtelAsync([command, "--name", "fits-*", "--user", "nobody", "--tag", tag, "--state", state, .. more]);

        Assert.True(found.Status == (command == "wait" ? 1 : 0), found.ToString());
        var answer = JsonSerializer.Deserialize<JsonElement>(found.Output).GetProperty(member);
        if (answer.ValueKind == JsonValueKind.Array)
        {
            answer = Assert.Single(answer.EnumerateArray());
        }

        Assert.Equal(job, (answer.ValueKind == JsonValueKind.Object ? answer.GetProperty("id") : answer).ToString());
        Assert.Equal(4, nobodys.Status);
        Assert.Contains("fits --name 'fits-*' --user nobody", nobodys.Errors.Replace("--user 'nobody'", "--user nobody", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public async Task All_unfinished_jobs_are_held_changed_and_let_go()
    {
        var job = await Cluster.SubmitAsync("--hold", "--", "true");

        Assert.Contains(await JobsAsync("set", "--all", "--priority=-1"), j => j.GetProperty("id").ToString() == job && j.GetProperty("priority").GetInt32() == -1);
        Assert.Contains(await JobsAsync("hold", "--all"), j => j.GetProperty("id").ToString() == job && j.GetProperty("held").GetBoolean());
        Assert.Contains(await JobsAsync("release", "--all"), j => j.GetProperty("id").ToString() == job && !j.GetProperty("held").GetBoolean());
        await Cluster.JobBecomesAsync(job, "succeeded");

        async Task<List<JsonElement>> JobsAsync(params string[] command) => [.. (await Cluster.JsonAsync(command)).GetProperty("jobs").EnumerateArray()];
    }

    [Fact]
    public async Task A_job_that_was_cancelled_while_it_was_held_waits_for_nothing()
    {
        var job = await Cluster.SubmitAsync("--hold", "--", "true");
        Assert.Contains("held", (await Cluster.ArtelAsync("show", job)).Output, StringComparison.Ordinal);

        await Cluster.ArtelAsync("cancel", job);

        Assert.DoesNotContain("held", (await Cluster.ArtelAsync("show", job)).Output, StringComparison.Ordinal);
        Assert.DoesNotContain("held", (await Cluster.ArtelAsync("ls", "--before", $"{long.Parse(job, System.Globalization.CultureInfo.InvariantCulture) + 1}", "--limit", "1")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tasks_and_jobs_are_shown_a_page_at_a_time()
    {
        var job = await Cluster.SubmitAsync("--tag", "paged", "--array", "1-9", "--cpus", "0.1", "--", "sh", "-c", "exit 1");
        await Cluster.JobBecomesAsync(job, "failed");

        var page = await Cluster.ArtelAsync("show", job, "--limit", "2", "--after-task", "3");
        Assert.Contains($"There are more: artel show {job} --after-task 5", page.Errors, StringComparison.Ordinal);
        var second = (await Cluster.JsonAsync("show", job, "--limit", "2", "--after-task", "3")).GetProperty("tasks").EnumerateArray();
        Assert.Equal([4, 5], second.Select(t => t.GetProperty("task").GetInt32()));

        await Cluster.JobBecomesAsync(await Cluster.SubmitAsync("--tag", "paged", "--", "true"), "succeeded");
        var ended = await Cluster.JsonAsync("history", "--tag", "paged", "--limit", "1");
        Assert.True(ended.GetProperty("more").GetBoolean());
        Assert.Equal("succeeded", Assert.Single(ended.GetProperty("jobs").EnumerateArray()).GetProperty("state").GetString());
    }

    [Fact]
    public async Task The_events_of_the_last_job_are_told_alone()
    {
        var job = await Cluster.SubmitAsync("--", "true");
        await Cluster.JobBecomesAsync(job, "succeeded");

        var lines = (await Cluster.ArtelAsync("events", "--job", "last", "--json")).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);

        Assert.NotEmpty(lines);
        Assert.All(lines, l => Assert.Equal(job, JsonSerializer.Deserialize<JsonElement>(l).GetProperty("job").ToString()));
    }

    [Fact]
    public async Task A_schedule_is_steered_in_json()
    {
        var added = JsonSerializer.Deserialize<JsonElement>((await Cluster.ArtelAsync(
            "schedule", "add", "json", "--cron", "@yearly", "--on-end", "true", "--on-end-when", "failure", "--json", "--", "true")).Output);
        Assert.Equal(("json", false), (added.GetProperty("name").GetString(), added.GetProperty("paused").GetBoolean()));
        Assert.True((await Cluster.JsonAsync("schedule", "pause", "json")).GetProperty("paused").GetBoolean());
        Assert.False((await Cluster.JsonAsync("schedule", "resume", "json")).GetProperty("paused").GetBoolean());
        var job = (await Cluster.JsonAsync("schedule", "run", "json")).GetProperty("job").ToString();
        await Cluster.JobBecomesAsync(job, "succeeded");
        Assert.Equal(job, (await Cluster.JsonAsync("schedule", "show", "json")).GetProperty("runs")[0].GetProperty("job").ToString());
        Assert.Equal("json", (await Cluster.JsonAsync("schedule", "rm", "json")).GetProperty("removed").GetString());
    }

    [Fact]
    public async Task A_node_has_what_it_is_said_to_have_and_is_steered_in_json()
    {
        var node = await Cluster.StartNodeAsync(
            "2", "--cpus", "1.5", "--memory", "1GiB", "--gpus", "1", "--counter", "licence=3", "--no-enforce-memory", "--label", "rack=9");

        // Takes far more than it asked for, and is let.
        var job = await Cluster.SubmitAsync(
            "--label", "rack=9", "--resource", "licence=3", "--gpus", "1", "--memory", "1MiB", "--", Binaries.TestProgram, "allocate", "20", "1");
        var shown = (await Cluster.JsonAsync("node", "show", "2")).GetProperty("resources");
        Assert.Equal((1.5, 1L << 30, 1.0, 3), (
            shown.GetProperty("cpus").GetDouble(), shown.GetProperty("memory_bytes").GetInt64(), shown.GetProperty("gpus").GetDouble(),
            shown.GetProperty("counters").GetProperty("licence").GetInt32()));
        await Cluster.JobBecomesAsync(job, "succeeded");

        Assert.True((await Cluster.JsonAsync("node", "drain", "2", "--deadline", "1h")).GetProperty("draining").GetBoolean());
        Assert.False((await Cluster.JsonAsync("node", "resume", "2")).GetProperty("draining").GetBoolean());
        Assert.Equal("2", (await Cluster.JsonAsync("node", "stop", "2", "--now")).GetProperty("id").GetString());
        Assert.Equal(0, (await node.EndAsync()).Status);
        Assert.Equal("2", (await Cluster.JsonAsync("node", "forget", "2")).GetProperty("forgotten").GetString());
    }

    [Fact]
    public async Task Limits_and_tokens_are_kept_in_json()
    {
        Assert.Equal("seats", (await Cluster.JsonAsync("limit", "set", "seats=2")).GetProperty("limits")[0].GetProperty("tag").GetString());
        Assert.Contains((await Cluster.JsonAsync("limit", "ls")).GetProperty("limits").EnumerateArray(), l => l.GetProperty("most").GetInt32() == 2);
        Assert.DoesNotContain((await Cluster.JsonAsync("limit", "rm", "seats")).GetProperty("limits").EnumerateArray(), l => l.GetProperty("tag").GetString() == "seats");

        var id = (await Cluster.JsonAsync("token", "create", "--role", "viewer")).GetProperty("token").GetProperty("id").GetString()!;
        Assert.Contains((await Cluster.JsonAsync("token", "ls")).GetProperty("tokens").EnumerateArray(), t => t.GetProperty("id").GetString() == id);
        Assert.Equal(id, (await Cluster.JsonAsync("token", "revoke", id)).GetProperty("revoked").GetString());
    }

    [Fact]
    public async Task Maps_the_server_and_the_live_view_answer_in_json()
    {
        var map = Cluster.Folder.Write("right.yaml", "tasks: [[echo, x], [echo, y]]\n");
        Assert.Equal(2, (await Cluster.JsonAsync("map", "check", map)).GetProperty("tasks").GetInt32());
        Assert.Equal(2, (await Cluster.JsonAsync("map", "plan", map)).GetProperty("tasks").GetInt32());
        Assert.Equal(Cluster.Address, (await Cluster.JsonAsync("server", "status")).GetProperty("address").GetString());
        Assert.Equal(Cluster.Address, (await Cluster.JsonAsync("top", "--interval", "5s")).GetProperty("status").GetProperty("address").GetString());
    }

    [Fact]
    public async Task Up_takes_all_that_its_server_and_its_node_take()
    {
        using var folder = new TestFolder();
        var home = new Dictionary<string, string?> { ["ARTEL_HOME"] = folder["home"] };
        await using var up = RunningProgram.Start(
            Binaries.Artel,
            [
                "up", "--listen", "127.0.0.1:0", "--data", folder["data"], "--classic", "127.0.0.1:0", "--classic-insecure", "--disk-reserve", "10MiB", "--max-output-limit", "1GiB", "--heartbeat", "1s", "--lost-after", "20s",
                "--max-losses", "2", "--webhook-host", "127.0.0.1:9", "--id", "only", "--cpus", "2", "--memory", "1GiB", "--gpus", "1", "--counter", "licence=3",
                "--no-enforce-memory", "--label", "rack=9", "--dashboard", "127.0.0.1:0", "--dashboard-name", "farm.example", "--json",
            ],
            folder.Path, home);
        await up.UntilAsync(p => p.HasEnded || p.Output.Contains('\n', StringComparison.Ordinal), "it is up");

        Assert.Equal("only", JsonSerializer.Deserialize<JsonElement>(up.Output).GetProperty("node").GetString());

        // It is up when the server is: the node comes a moment later.
        await Polling.UntilAsync(
            async () =>
            {
                await using var asked = RunningProgram.Start(Binaries.Artel, ["node", "show", "only"], folder.Path, home);
                return (await asked.EndAsync()).Status;
            },
            status => status == 0, "the node is there");
        var node = await AskAsync("node", "show", "only", "--json");
        Assert.Equal((2.0, "9"), (node.GetProperty("resources").GetProperty("cpus").GetDouble(), node.GetProperty("labels").GetProperty("rack").GetString()));
        Assert.NotNull((await AskAsync("server", "status", "--json")).GetProperty("listen_classic").GetString());
        Assert.Contains("127.0.0.1", (await AskAsync("server", "stop", "--json")).GetProperty("stopped").GetString(), StringComparison.Ordinal);
        Assert.Equal(0, (await up.EndAsync()).Status);

        async Task<JsonElement> AskAsync(params string[] command)
        {
            await using var asked = RunningProgram.Start(Binaries.Artel, command, folder.Path, home);
            var ended = await asked.EndAsync();
            Assert.True(ended.Status == 0, ended.ToString());
            return JsonSerializer.Deserialize<JsonElement>(ended.Output);
        }
    }

    [Fact]
    public async Task What_another_program_starts_stops_when_its_input_is_closed()
    {
        using var folder = new TestFolder();
        // The input of every program here is closed.
        await using var server = RunningProgram.Start(
            Binaries.Artel, ["server", "start", "--listen", "127.0.0.1:0", "--data", folder["data"], "--max-losses", "2", "--stop-with-stdin", "--json"],
            folder.Path, new Dictionary<string, string?> { ["ARTEL_HOME"] = folder["home"] });
        var node = await Cluster.BeginNodeAsync("3", "--stop-with-stdin");

        Assert.Equal(0, (await server.EndAsync()).Status);
        Assert.Equal(0, (await node.EndAsync()).Status);
    }

    [Theory]
    [InlineData("bash")]
    [InlineData("zsh")]
    [InlineData("fish")]
    [InlineData("pwsh")]
    public async Task Each_shell_gets_the_script_that_completes_in_it(string shell) =>
        Assert.Contains("[suggest:", (await Cluster.ArtelAsync("completion", shell)).Output, StringComparison.Ordinal);
}
