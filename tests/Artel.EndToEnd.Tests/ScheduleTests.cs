using System.Text.Json;

namespace Artel.EndToEnd.Tests;

/// <summary>Schedules as people use them, with the real programs and the real clock.</summary>
[Collection(HookedCluster.Name)]
public sealed class ScheduleTests(HookedCluster shared)
{
    private const string EverySecond = "* * * * * *";

    private TestCluster Cluster => shared.Cluster;

    [Fact]
    public async Task A_schedule_makes_jobs_at_its_times_until_it_is_removed()
    {
        var added = await Cluster.TryArtelAsync("schedule", "add", "tick", "--cron", EverySecond, "--tz", "Europe/Prague", "--overlap", "allow", "--cpus", "0.01", "--", "true");
        Assert.Equal((0, ""), (added.Status, added.Output));
        Assert.StartsWith("Schedule tick: next at ", added.Errors, StringComparison.Ordinal);

        var shown = await RunsAsync("tick", runs => runs.Count(r => State(r) == "succeeded") >= 2);
        Assert.Equal(shown.Length, shown.Select(r => r.GetProperty("at").GetString()).Distinct().Count());
        Assert.Equal(shown.Length, shown.Select(r => r.GetProperty("job").ToString()).Distinct().Count());
        var schedule = await Cluster.JsonAsync("schedule", "show", "tick");
        Assert.Equal(5, schedule.GetProperty("next").GetArrayLength());
        Assert.Equal((Environment.UserName, "Europe/Prague", "allow", "run"), (
            schedule.GetProperty("user").GetString(), schedule.GetProperty("time_zone").GetString(),
            schedule.GetProperty("overlap").GetString(), schedule.GetProperty("missed").GetString()));
        Assert.Contains("tick", (await Cluster.ArtelAsync("schedule", "ls")).Output, StringComparison.Ordinal);
        Assert.Contains("succeeded", (await Cluster.ArtelAsync("schedule", "show", "tick")).Output, StringComparison.Ordinal);

        await Cluster.ArtelAsync("schedule", "pause", "tick");
        var paused = await Cluster.JsonAsync("schedule", "show", "tick");
        Assert.Equal((true, 0), (paused.GetProperty("paused").GetBoolean(), paused.GetProperty("next").GetArrayLength()));
        var byHand = (await Cluster.ArtelAsync("schedule", "run", "tick")).Output.Trim();
        var run = (await RunsAsync("tick", runs => State(runs[0]) == "succeeded"))[0];
        Assert.Equal((byHand, true), (run.GetProperty("job").ToString(), run.GetProperty("by_hand").GetBoolean()));

        await Cluster.ArtelAsync("schedule", "resume", "tick");
        await RunsAsync("tick", runs => !runs[0].GetProperty("by_hand").GetBoolean());
        await Cluster.ArtelAsync("schedule", "rm", "tick");
        Assert.Equal(4, (await Cluster.TryArtelAsync("schedule", "show", "tick")).Status);
        Assert.Equal("succeeded", await StateAsync(byHand));
    }

    [Fact]
    public async Task By_default_no_second_job_is_made_while_the_first_has_not_ended()
    {
        await AddAsync("slow", []);
        var runs = await RunsAsync("slow", runs => runs.Length >= 3);

        var first = runs[^1].GetProperty("job").ToString();
        Assert.All(runs[..^1], r => Assert.Equal($"job {first} has not ended", r.GetProperty("reason").GetString()));
        await RemoveAsync("slow");
    }

    [Fact]
    public async Task A_job_that_comes_after_waits_for_the_one_before_however_it_ends()
    {
        await AddAsync("after", ["--overlap", "after"]);
        var runs = await RunsAsync("after", runs => runs.Count(HasJob) >= 2);
        var (first, second) = (runs[^1].GetProperty("job").ToString(), runs[^2].GetProperty("job").ToString());
        await Cluster.JobBecomesAsync(first, "running");
        Assert.Equal("waiting", await StateAsync(second));

        await Cluster.ArtelAsync("cancel", first);

        await Cluster.JobBecomesAsync(second, "running");
        await RemoveAsync("after");
    }

    [Fact]
    public async Task A_job_that_replaces_ends_the_one_before()
    {
        await AddAsync("replace", ["--overlap", "replace"]);
        var runs = await RunsAsync("replace", runs => runs.Count(HasJob) >= 2 && State(runs[^1]) == "cancelled");

        await RemoveAsync("replace");
        Assert.DoesNotContain(runs, r => r.GetProperty("reason").ValueKind == JsonValueKind.String);
    }

    [Fact]
    public async Task Only_who_made_it_or_an_admin_changes_it_and_its_jobs_are_his()
    {
        var (ada, bob, viewer) = (await TokenAsync("user", "ada"), await TokenAsync("user", "bob"), await TokenAsync("viewer", "eve"));
        var added = await Cluster.TryArtelWithAsync("ARTEL_TOKEN", ada, "schedule", "add", "adas", "--cron", "0 0 1 1 *", "--", "true");
        Assert.True(added.Status == 0, added.ToString());

        foreach (var verb in new[] { "pause", "resume", "run", "rm" })
        {
            var refused = await Cluster.TryArtelWithAsync("ARTEL_TOKEN", bob, "schedule", verb, "adas");
            Assert.Equal(5, refused.Status);
            Assert.Contains("schedule 'adas' belongs to ada: only ada or an admin can do this, and you are bob", refused.Errors, StringComparison.Ordinal);
        }

        Assert.Equal(0, (await Cluster.TryArtelWithAsync("ARTEL_TOKEN", viewer, "schedule", "show", "adas")).Status);
        Assert.Equal(5, (await Cluster.TryArtelWithAsync("ARTEL_TOKEN", viewer, "schedule", "add", "eves", "--cron", "@daily", "--", "true")).Status);
        var job = (await Cluster.ArtelAsync("schedule", "run", "adas")).Output.Trim();
        Assert.Equal("ada", (await Cluster.JsonAsync("show", job)).GetProperty("job").GetProperty("user").GetString());
        await Cluster.ArtelAsync("schedule", "rm", "adas");
    }

    [Theory]
    [InlineData("'61 * * * *' is no cron expression", "bad", "--cron", "61 * * * *", "--", "true")]
    [InlineData("has 4 fields: write five fields", "bad", "--cron", "* * * *", "--", "true")]
    [InlineData("write an id of the IANA database, such as Europe/Prague", "bad", "--cron", "@daily", "--tz", "Mars/Olympus", "--", "true")]
    [InlineData("nothing comes more often than once a second", "bad", "--cron", "every 10ms", "--", "true")]
    [InlineData("'0 0 30 2 *' never comes", "bad", "--cron", "0 0 30 2 *", "--", "true")]
    [InlineData("'b d' is no name of a schedule", "b d", "--cron", "@daily", "--", "true")]
    [InlineData("--overlap: 'never' is none of skip, after, allow, replace", "bad", "--cron", "@daily", "--overlap", "never", "--", "true")]
    [InlineData("give the schedule a name before '--'", "--cron", "@daily", "--", "echo", "hello")]
    [InlineData("this server does not call example.org", "bad", "--cron", "@daily", "--on-end-webhook", "https://example.org/", "--", "true")]
    public async Task What_is_wrong_is_refused_with_one_line_that_says_what_would_be_right(string said, params string[] arguments)
    {
        var refused = await Cluster.TryArtelAsync(["schedule", "add", .. arguments]);

        Assert.Equal(2, refused.Status);
        Assert.Contains(said, refused.Errors, StringComparison.Ordinal);
        Assert.InRange(refused.Errors.TrimEnd().Split('\n').Length, 1, refused.Errors.Contains("--help", StringComparison.Ordinal) ? 2 : 1);
    }

    private async Task AddAsync(string name, string[] options) =>
        await Cluster.ArtelAsync(["schedule", "add", name, "--cron", EverySecond, .. options, "--cpus", "0.01", "--", Binaries.TestProgram, "sleep", "60000"]);

    /// <summary>Leaves nothing of it that runs.</summary>
    private async Task RemoveAsync(string schedule)
    {
        await Cluster.ArtelAsync("schedule", "pause", schedule);
        var runs = await RunsAsync(schedule, runs => runs.All(r => HasJob(r) || r.GetProperty("reason").ValueKind == JsonValueKind.String));
        await Cluster.ArtelAsync(["cancel", .. runs.Where(HasJob).Select(r => r.GetProperty("job").ToString())]);
        await Cluster.ArtelAsync("schedule", "rm", schedule);
    }

    private async Task<JsonElement[]> RunsAsync(string schedule, Func<JsonElement[], bool> areThey) => await Polling.UntilAsync(
        async () => (await Cluster.JsonAsync("schedule", "show", schedule)).GetProperty("runs").EnumerateArray().ToArray(),
        runs => runs.Length > 0 && areThey(runs), $"schedule {schedule} has run");

    private async Task<string?> StateAsync(string job) => (await Cluster.JsonAsync("show", job)).GetProperty("job").GetProperty("state").GetString();

    private async Task<string> TokenAsync(string role, string name) => (await Cluster.ArtelAsync("token", "create", "--role", role, "--name", name)).Output.Trim();

    private static bool HasJob(JsonElement run) => run.GetProperty("job").ValueKind == JsonValueKind.Number;

    private static string? State(JsonElement run) => run.GetProperty("state").GetString();
}
