using System.Text.Json;

namespace Artel.EndToEnd.Tests;

/// <summary>Two people and their admin on one cluster, with the real programs and a token for each.</summary>
public sealed class PeopleTests : IAsyncLifetime
{
    private readonly TestCluster _cluster = TestCluster.Prepare();
    private string _alice = "";
    private string _bob = "";
    private string _viewer = "";

    public async ValueTask InitializeAsync()
    {
        await _cluster.StartServerAsync();
        await _cluster.StartNodeAsync("1", "--cpus", "4");
        (_alice, _bob, _viewer) = (await TokenAsync("user", "alice"), await TokenAsync("user", "bob"), await TokenAsync("viewer", "eve"));
    }

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    [Fact]
    public async Task Nobody_but_the_owner_and_an_admin_acts_on_a_job()
    {
        var job = await SubmitAsync(_alice, "--name", "hers", "--", "sleep", "600");
        foreach (var (command, more) in ((string, string[])[])[("cancel", []), ("hold", []), ("release", []), ("retry", []), ("set", ["--priority=-1"])])
        {
            var refused = await AsAsync(_bob, [command, job, .. more]);
            Assert.Equal((5, "", $"artel: job {job} belongs to alice: only alice or an admin can do this, and you are bob\n"), (refused.Status, refused.Output, refused.Errors));
        }

        Assert.Equal("running", await StateAsync(job, "running"));
        Assert.Equal(5, (await AsAsync(_bob, "limit", "set", "db=0")).Status);
        Assert.Equal(5, (await AsAsync(_viewer, "cancel", job)).Status);
        Assert.Equal(0, (await AsAsync(_alice, "hold", job)).Status);
        await _cluster.ArtelAsync("cancel", job);
        await _cluster.JobBecomesAsync(job, "cancelled");
    }

    [Fact]
    public async Task A_filter_takes_no_jobs_of_others_unnoticed()
    {
        string[] held = ["--hold", "--", "true"];
        var jobs = new[] { await SubmitAsync(_alice, held), await SubmitAsync(_alice, held), await SubmitAsync(_bob, held), await _cluster.SubmitAsync(held) };

        // A user's own are done, and what is left out is said.
        var bobs = await AsAsync(_bob, "set", "--user", "*", "--priority=-2");
        Assert.Equal(0, bobs.Status);
        Assert.Contains("Left out: 3 of these 4 jobs belong to", bobs.Errors, StringComparison.Ordinal);
        Assert.Equal("0 0 -2 0", await PrioritiesAsync(jobs));
        var none = await AsAsync(_bob, "cancel", "--user", "alice");
        Assert.Equal((5, "artel: these 2 jobs belong to alice: only they or an admin can do this\n"), (none.Status, none.Errors));

        // An admin is told whose they are. Nobody can be asked here, so it takes a --yes.
        var asked = await _cluster.TryArtelAsync("cancel", "--user", "*");
        Assert.Equal((2, "artel: 3 of these 4 jobs belong to alice and bob: add --yes to do it\n"), (asked.Status, asked.Errors));
        foreach (var command in (string[])["hold", "retry"])
        {
            Assert.Equal(2, (await _cluster.TryArtelAsync(command, "--user", "alice", "--state", "waiting")).Status);
            Assert.Equal(0, (await _cluster.TryArtelAsync(command, "--user", "alice", "--state", "waiting", "--yes")).Status);
        }

        Assert.Equal(2, (await _cluster.TryArtelAsync("release", "--user", "alice", "--state", "waiting")).Status);
        Assert.Equal(0, (await _cluster.TryArtelAsync("set", "--user", "alice", "--priority", "3", "--yes")).Status);
        Assert.Equal("3 3 -2 0", await PrioritiesAsync(jobs));
        await _cluster.ArtelAsync("cancel", "--user", "*", "--yes");
        foreach (var job in jobs)
        {
            await _cluster.JobBecomesAsync(job, "cancelled");
        }
    }

    [Fact]
    public async Task What_is_inside_a_job_is_seen_by_its_owner_and_admins_and_the_others_are_told_that_it_is_hidden()
    {
        var job = await SubmitAsync(_alice, "--env", "PGPASS=s3cr3t", "--", "sh", "-c", "echo s3cr3t; echo s3cr3t >&2; exit 3");
        await _cluster.JobBecomesAsync(job, "failed");
        string[][] looks = [["show", job], ["show", job + ".1"], ["why", job], ["why", job + ".1"], ["stats", job], ["ls", "--all"], ["history"], ["events"], ["logs", job], ["fetch", job, "--to", _cluster.Folder["theirs"]]];
        foreach (var who in (string[])[_bob, _viewer])
        {
            foreach (var look in looks)
            {
                foreach (var arguments in (string[][])[look, [.. look, "--json"]])
                {
                    var seen = await AsAsync(who, arguments);
                    Assert.DoesNotContain("s3cr3t", seen.Output + seen.Errors, StringComparison.Ordinal);
                    Assert.Equal(look[0] is "logs" or "fetch" ? 5 : 0, seen.Status);
                }
            }
        }

        Assert.Contains("(only the owner and admins see this)", (await AsAsync(_bob, "show", job + ".1")).Output, StringComparison.Ordinal);
        Assert.Contains("(only the owner and admins see this)", (await AsAsync(_bob, "why", job)).Output, StringComparison.Ordinal);
        Assert.Contains("exit status 3", (await AsAsync(_bob, "why", job)).Output, StringComparison.Ordinal);
        Assert.Equal($"artel: the output of job {job} is hidden: only alice, who owns the job, and admins see it\n", (await AsAsync(_bob, "logs", job)).Errors);
        Assert.Contains("s3cr3t", (await AsAsync(_alice, "why", job)).Output, StringComparison.Ordinal);
        Assert.Contains("s3cr3t", (await AsAsync(_alice, "logs", job)).Output, StringComparison.Ordinal);
        Assert.Contains("s3cr3t", (await _cluster.ArtelAsync("logs", job)).Output, StringComparison.Ordinal);
        Assert.Equal("own", (await _cluster.JsonAsync("server", "status")).GetProperty("privacy").GetString());

        // Another job may wait for it all the same.
        var after = await SubmitAsync(_bob, "--after-any", job, "--", "true");
        await _cluster.JobBecomesAsync(after, "succeeded");
    }

    [Fact]
    public async Task Where_all_is_shown_values_of_the_environment_are_not()
    {
        await using var open = await TestCluster.StartAsync(server: ["--privacy", "all"], nodes: ["1"]);
        var (alice, bob) = (await TokenAsync("user", "alice", open), await TokenAsync("user", "bob", open));
        var job = (await open.TryArtelWithAsync("ARTEL_TOKEN", alice, "submit", "--env", "AUTH=s3cr3t", "--", "echo", "seen by all")).Output.Trim();
        await open.JobBecomesAsync(job, "succeeded");

        Assert.Equal("seen by all\n", (await open.TryArtelWithAsync("ARTEL_TOKEN", bob, "logs", job)).Output);
        Assert.Contains("seen by all", (await open.TryArtelWithAsync("ARTEL_TOKEN", bob, "show", job + ".1")).Output, StringComparison.Ordinal);
        Assert.Contains("privacy", (await open.ArtelAsync("server", "status")).Output, StringComparison.Ordinal);
        Assert.Equal("all", (await open.JsonAsync("server", "status")).GetProperty("privacy").GetString());
        Assert.Equal(5, (await open.TryArtelWithAsync("ARTEL_TOKEN", bob, "cancel", job)).Status);
    }

    [Fact]
    public async Task A_mode_that_is_none_is_told_in_a_line()
    {
        var refused = await _cluster.TryArtelAsync("up", "--privacy", "some", "--data", _cluster.Folder["other"], "--listen", "127.0.0.1:0");

        Assert.NotEqual(0, refused.Status);
        Assert.Contains("--privacy 'some': must be own or all", refused.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Quotas_are_set_shown_kept_to_and_taken_away()
    {
        await _cluster.ArtelAsync("quota", "set", "--default", "--queued-tasks", "5", "--stored-bytes", "1GiB", "--schedules", "1");
        var set = await _cluster.JsonAsync("quota", "set", "alice", "--running-tasks", "1", "--max-priority", "10", "--queued-tasks", "none");
        Assert.Equal(-1, set.GetProperty("quotas")[0].GetProperty("set").GetProperty("queued_tasks").GetInt32());

        var job = await SubmitAsync(_alice, "--array", "1-3", "--priority", "10", "--", "sleep", "600");
        await Polling.UntilAsync(async () => (await AsAsync(_alice, "why", job + ".3")).Output, o => o.Contains("alice's quota of 1 running tasks is used", StringComparison.Ordinal), "why says so");
        Assert.Equal("succeeded", await StateAsync(await SubmitAsync(_bob, "--", "true"), "succeeded"));

        Assert.Equal((5, "artel: the quota of bob is 5 queued tasks: 0 have not ended, and 6 more were asked for ('artel quota' shows all)\n"), Told(await AsAsync(_bob, "submit", "--array", "1-6", "--", "true")));
        Assert.Equal((5, "artel: the priority 1 is above the cap of bob, which is 0: an admin raises it with 'artel quota set bob --max-priority 1'\n"), Told(await AsAsync(_bob, "submit", "--priority", "1", "--", "true")));
        Assert.Equal(5, (await AsAsync(_bob, "quota", "set", "bob", "--max-priority", "1000")).Status);
        Assert.Equal(0, (await AsAsync(_bob, "schedule", "add", "a", "--cron", "@yearly", "--", "true")).Status);
        Assert.Equal(5, (await AsAsync(_bob, "schedule", "add", "b", "--cron", "@yearly", "--", "true")).Status);

        var shown = (await _cluster.ArtelAsync("quota")).Output;
        Assert.Contains("(default)", shown, StringComparison.Ordinal);
        Assert.Matches(@"alice +3 +1 of 1 +[0-9.]+ \w+ of 1 GiB +0 of 1 +10", shown);
        Assert.DoesNotContain("alice", (await AsAsync(_bob, "quota", "ls")).Output, StringComparison.Ordinal);
        Assert.Equal(2, (await _cluster.JsonAsync("quota", "ls")).GetProperty("quotas").EnumerateArray().Count(q => q.GetProperty("user").ValueKind == JsonValueKind.String && q.GetProperty("user").GetString() is "alice" or "bob"));
        Assert.Matches("quota +set: alice", (await _cluster.ArtelAsync("events")).Output);

        foreach (var (wrong, says) in ((string[], string)[])[
            (["quota", "set", "alice"], "nothing to set"), (["quota", "set", "--queued-tasks", "1"], "whose quota?"), (["quota", "set", "alice", "--default", "--schedules", "1"], "give one of them"),
            (["quota", "set", "alice", "--queued-tasks", "-3"], "must be a whole number from 0, or none"), (["quota", "set", "alice", "--stored-bytes", "much"], "or none"),
            (["quota", "set", "alice", "--max-priority", "2000"], "from 0 to 1000"), (["quota", "rm"], "whose quota?")])
        {
            var refused = await _cluster.TryArtelAsync(wrong);
            Assert.Equal(2, refused.Status);
            Assert.Contains(says, refused.Errors, StringComparison.Ordinal);
        }

        await _cluster.JsonAsync("quota", "rm", "alice");
        await _cluster.ArtelAsync("quota", "rm", "--default");
        await _cluster.JobBecomesAsync(job, "running");
        Assert.Equal(0, (await AsAsync(_bob, "submit", "--array", "1-6", "--", "true")).Status);

        static (int, string) Told(Ended ended) => (ended.Status, ended.Errors);
    }

    [Fact]
    public async Task A_quota_and_who_owns_what_outlive_a_server_that_is_killed()
    {
        await _cluster.ArtelAsync("quota", "set", "bob", "--queued-tasks", "1");
        var job = await SubmitAsync(_alice, "--hold", "--", "true");
        _cluster.Server.Signal("KILL");
        await _cluster.Server.EndAsync();
        await _cluster.StartServerAsync();

        Assert.Equal(5, (await AsAsync(_bob, "submit", "--array", "1-2", "--", "true")).Status);
        Assert.Equal(5, (await AsAsync(_bob, "cancel", job)).Status);
        Assert.Equal(0, (await AsAsync(_alice, "cancel", job)).Status);
    }

    private Task<Ended> AsAsync(string token, params string[] arguments) => _cluster.TryArtelWithAsync("ARTEL_TOKEN", token, arguments);

    private async Task<string> SubmitAsync(string token, params string[] arguments)
    {
        var ended = await AsAsync(token, ["submit", .. arguments]);
        Assert.True(ended.Status == 0, $"{ended}");
        return ended.Output.Trim();
    }

    private async Task<string> TokenAsync(string role, string name, TestCluster? cluster = null) =>
        (await (cluster ?? _cluster).ArtelAsync("token", "create", "--role", role, "--name", name)).Output.Trim();

    private async Task<string> StateAsync(string job, string state)
    {
        await _cluster.JobBecomesAsync(job, state);
        return state;
    }

    private async Task<string> PrioritiesAsync(string[] jobs)
    {
        var priorities = new List<int>();
        foreach (var job in jobs)
        {
            priorities.Add((await _cluster.JsonAsync("show", job)).GetProperty("job").GetProperty("priority").GetInt32());
        }

        return string.Join(' ', priorities);
    }
}
