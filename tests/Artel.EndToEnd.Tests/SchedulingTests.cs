using System.Text.Json;

namespace Artel.EndToEnd.Tests;

/// <summary>What starts when: dependencies, times, limits, priorities, as a user says them in maps and on the command line.</summary>
public sealed class SchedulingTests(OneNodeCluster shared) : IClassFixture<OneNodeCluster>
{
    private readonly TestCluster _cluster = shared.Cluster;

    [Fact]
    public async Task Arrays_wait_element_by_element_and_what_takes_any_outcome_runs_last()
    {
        var gate = _cluster.Folder["each.go"];
        var job = await SubmitMapAsync("each", $$"""
            tasks:
              - { name: make, run: [sh, -c, '[ {index} != 2 ]; s=$?; [ {index} != 3 ] || until [ -e {{gate}} ]; do sleep 0.02; done; exit $s'], array: 1-3 }
              - { name: test, run: ["true"], array: 1-3, after_each: [make] }
              - { name: clean, run: ["true"], after: [{ task: test, outcome: any }] }
            """);

        // 1 was made and is tested, 2 was not, 3 is being made.
        await TasksBecomeAsync(job, "succeeded failed running succeeded skipped waiting waiting");
        Assert.Contains($"waits for task {job}.3 of 'make', which is running", await _cluster.WhyAsync(job + ".6"), StringComparison.Ordinal);
        Assert.Contains("it needs 'make'", await _cluster.WhyAsync(job + ".5"), StringComparison.Ordinal);
        await File.WriteAllTextAsync(gate, "");

        await TasksBecomeAsync(job, "succeeded failed succeeded succeeded skipped succeeded succeeded");
    }

    [Fact]
    public async Task A_job_waits_for_another_and_is_skipped_with_it_unless_any_outcome_will_do()
    {
        var gate = _cluster.Folder["jobs.go"];
        var first = await _cluster.SubmitAsync("--", "sh", "-c", $"until [ -e {gate} ]; do sleep 0.02; done; exit 4");
        var needs = await SubmitMapAsync("needs", $"{{ after: [{first}], tasks: [[\"true\"]] }}");
        var any = await SubmitMapAsync("any", $"{{ after: [{{ job: {first}, outcome: any }}], tasks: [[\"true\"]] }}");
        Assert.Contains($"waits for job {first} to succeed", await _cluster.WhyAsync(needs), StringComparison.Ordinal);

        await File.WriteAllTextAsync(gate, "");

        await _cluster.JobBecomesAsync(any, "succeeded");
        await _cluster.JobBecomesAsync(needs, "cancelled");
        Assert.Contains($"it needs job {first}, which did not succeed", await _cluster.WhyAsync(needs + ".1"), StringComparison.Ordinal);

        // What has ended is known too, as is what never was.
        await _cluster.JobBecomesAsync(await SubmitMapAsync("late", $"{{ after: [\"{any}.1\"], tasks: [[\"true\"]] }}"), "succeeded");
        await _cluster.JobBecomesAsync(await SubmitMapAsync("late", $"{{ after: [{first}], tasks: [[\"true\"]] }}"), "cancelled");
        var never = await _cluster.TryArtelAsync("submit", _cluster.Folder.Write("never.yaml", "{ after: [999], tasks: [[\"true\"]] }"));
        Assert.Equal(4, never.Status);
        Assert.Contains("there is no job 999", never.Errors, StringComparison.Ordinal);
        var beyond = await _cluster.TryArtelAsync("submit", _cluster.Folder.Write("never.yaml", $"{{ after: [\"{any}.2\"], tasks: [[\"true\"]] }}"));
        Assert.Equal(4, beyond.Status);
        Assert.Contains($"job {any} has tasks 1 to 1, not 2", beyond.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_job_starts_not_before_its_time_and_ends_at_its_deadline()
    {
        var early = await SubmitMapAsync("start", "{ start_at: +1h, tasks: [[\"true\"]] }");
        var soon = await SubmitMapAsync("start", "{ start_at: +1s, tasks: [[\"true\"]] }");
        var long_ = await SubmitMapAsync("deadline", "{ deadline: +2s, tasks: [{ run: [sleep, 600], array: 1-3 }] }");
        Assert.Contains("is not to start before", await _cluster.WhyAsync(early), StringComparison.Ordinal);

        await _cluster.JobBecomesAsync(soon, "succeeded");
        var shown = (await _cluster.JsonAsync("show", soon)).GetProperty("job");
        Assert.True(shown.GetProperty("started").GetDateTimeOffset() >= shown.GetProperty("start_at").GetDateTimeOffset());
        await _cluster.JobBecomesAsync(long_, "cancelled");
        Assert.Contains("deadline is over", await _cluster.WhyAsync(long_ + ".1"), StringComparison.Ordinal);
        var again = await _cluster.TryArtelAsync("retry", long_);
        Assert.Equal(2, again.Status);
        Assert.Contains("the deadline of job", again.Errors, StringComparison.Ordinal);
        Assert.Equal("waiting", (await _cluster.JsonAsync("show", early)).GetProperty("job").GetProperty("state").GetString());
        await _cluster.ArtelAsync("cancel", early);
    }

    [Fact]
    public async Task Too_many_failures_end_a_job()
    {
        var job = await SubmitMapAsync("fails", """
            max_fails: 1
            tasks:
              - { name: bad, run: ["false"], array: 1-2, needs: { cpus: 0 } }
              - { name: long, run: [sleep, 600], array: 1-500 }
            """);

        await _cluster.JobBecomesAsync(job, "failed");

        var counts = (await _cluster.JsonAsync("show", job)).GetProperty("job").GetProperty("counts");
        Assert.Equal((2, 500), (counts.GetProperty("failed").GetInt32(), counts.GetProperty("cancelled").GetInt32()));
        Assert.Contains("more than 1 of its job's tasks failed", await _cluster.WhyAsync(job + ".500"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_first_failure_ends_a_job_that_is_told_so()
    {
        var job = await _cluster.SubmitAsync("--fail-fast", "--cpus", "0", "--array", "1-500", "--", "sh", "-c", "[ $ARTEL_TASK_INDEX != 2 ] || exit 1; sleep 600");

        await _cluster.JobBecomesAsync(job, "failed");

        Assert.Contains("more than 0 of its job's tasks failed", await _cluster.WhyAsync(job + ".1"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_token_on_the_command_line_goes_before_the_access_file()
    {
        var viewer = await _cluster.TokenAsync("viewer");

        Assert.Equal(0, (await _cluster.TryArtelAsync("ls", "--token", viewer)).Status);
        Assert.Equal(5, (await _cluster.TryArtelAsync("submit", "--token", viewer, "--", "true")).Status);
    }

    [Fact]
    public async Task A_limit_holds_over_jobs_and_can_be_changed()
    {
        await _cluster.ArtelAsync("limit", "set", "lock=1");
        var log = _cluster.Folder["lock.log"];
        var map = $$"""
            tags: [lock]
            tasks: [{ run: [sh, -c, 'mkdir {{log}}.d && sleep 0.05 && rmdir {{log}}.d'], array: 1-4, needs: { cpus: 0 } }]
            """;

        // Two at once would not both make the folder.
        var first = await SubmitMapAsync("lock", map);
        var second = await SubmitMapAsync("lock", map);
        var third = await SubmitMapAsync("lock", "{ limits: { held: 0 }, tags: [held], tasks: [[\"true\"]] }");

        await _cluster.JobBecomesAsync(first, "succeeded");
        await _cluster.JobBecomesAsync(second, "succeeded");
        Assert.Contains("the limit of the tag held: 0 of 0", await _cluster.WhyAsync(third + ".1"), StringComparison.Ordinal);
        var limits = (await _cluster.JsonAsync("limit", "ls")).GetProperty("limits").EnumerateArray().ToDictionary(l => l.GetProperty("tag").GetString()!);
        Assert.Equal((1, 0), (limits["lock"].GetProperty("most").GetInt32(), limits["held"].GetProperty("used").GetInt32()));
        await _cluster.ArtelAsync("limit", "rm", "held", "lock");
        await _cluster.JobBecomesAsync(third, "succeeded");
        Assert.Empty((await _cluster.JsonAsync("limit", "ls")).GetProperty("limits").EnumerateArray());
    }

    [Fact]
    public async Task An_array_keeps_to_its_own_limit()
    {
        var folder = _cluster.Folder["few.d"];
        var job = await SubmitMapAsync("few", $$"""
            tasks: [{ run: [sh, -c, 'mkdir {{folder}} && sleep 0.05 && rmdir {{folder}}'], array: 1-5, at_once: 1, needs: { cpus: 0 } }]
            """);

        await _cluster.JobBecomesAsync(job, "succeeded");
    }

    [Fact]
    public async Task A_priority_is_changed_while_a_job_waits_and_events_tell_of_it()
    {
        var job = await _cluster.SubmitAsync("--hold", "--priority", "3", "--", "true");

        await _cluster.ArtelAsync("set", job, "--priority", "-4");
        await _cluster.ArtelAsync("release", job);
        await _cluster.JobBecomesAsync(job, "succeeded");

        Assert.Equal(-4, (await _cluster.JsonAsync("show", job)).GetProperty("job").GetProperty("priority").GetInt32());
        var ended = await _cluster.TryArtelAsync("set", job, "--priority", "1");
        Assert.Equal(2, ended.Status);
        Assert.Contains("has ended", ended.Errors, StringComparison.Ordinal);
        var told = await EventsAsync("--job", job);
        Assert.Equal(
            ["job_submitted", "job_held", "job_priority_changed", "job_released", "job_started", "tasks_succeeded", "job_ended"],
            new[] { "job_submitted", "job_held" }.Concat(told.Where(e => e.Kind is not ("job_submitted" or "job_held")).Select(e => e.Kind)));
        Assert.Equal(told.TakeLast(2), await EventsAsync("--job", job, "--tail", "2"));
        Assert.Equal(told.Skip(1), (await EventsAsync("--after", $"{told[0].Position}", "--job", job)));
        Assert.Contains("has another priority: -4", (await _cluster.ArtelAsync("events", "--job", job)).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Wrong_limits_priorities_and_positions_are_told_in_a_line()
    {
        await RefusedAsync(2, "'db' is no limit", "limit", "set", "db");
        await RefusedAsync(2, "'db=-1' is no limit", "limit", "set", "db=-1");
        await RefusedAsync(2, "is no single word", "limit", "set", "a b=1");
        await RefusedAsync(2, "is no whole number", "set", "1", "--priority", "high");
        await RefusedAsync(2, "--priority", "set", "1");
        await RefusedAsync(4, "there is no job 99999", "set", "99999", "--priority", "1");
        await RefusedAsync(2, "there is no event 99999999 yet", "events", "--after", "99999999");
        await RefusedAsync(2, "give one of them", "events", "--after", "1", "--tail", "1");
    }

    private async Task RefusedAsync(int status, string message, params string[] arguments)
    {
        var ended = await _cluster.TryArtelAsync(arguments);
        Assert.Equal((status, ""), (ended.Status, ended.Output));
        Assert.Contains(message, ended.Errors, StringComparison.Ordinal);
        Assert.InRange(ended.Errors.TrimEnd().Split('\n').Length, 1, 2);
    }

    private async Task<List<Told>> EventsAsync(params string[] options)
    {
        var lines = (await _cluster.ArtelAsync(["events", "--json", .. options])).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return [.. lines.Select(l => JsonSerializer.Deserialize<JsonElement>(l)).Select(e => new Told(e.GetProperty("position").GetInt64(), e.GetProperty("kind").GetString()!))];
    }

    private Task<string> SubmitMapAsync(string name, string map) => _cluster.SubmitAsync(_cluster.Folder.Write($"{name}.yaml", map));

    private Task TasksBecomeAsync(string job, string states) => Polling.UntilAsync(
        async () => string.Join(' ', (await _cluster.JsonAsync("show", job)).GetProperty("tasks").EnumerateArray().Select(t => t.GetProperty("state").GetString())),
        seen => seen == states,
        $"the tasks are {states}");

    private sealed record Told(long Position, string Kind);
}
