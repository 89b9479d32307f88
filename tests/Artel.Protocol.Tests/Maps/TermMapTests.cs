using Artel.Protocol.Maps;
using Artel.Protocol.V1;
using Microsoft.Extensions.Time.Testing;

namespace Artel.Protocol.Tests.Maps;

/// <summary>When a job runs, what it and its tasks wait for, tags and limits.</summary>
public sealed class TermMapTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 8, 0, 0, TimeSpan.Zero);

    [Fact]
    public void The_terms_of_a_job_are_read()
    {
        var job = Job("""
            start_at: +2h
            deadline: 2026-03-02T10:00:00.5+02:00
            max_fails: 3
            tags: [nightly, 7]
            limits: { db: 4, net: 0 }
            after: [12, "12.3", { job: 14, outcome: any }]
            tasks: [[a]]
            """);

        Assert.Equal(Now.AddHours(2), job.StartAt.ToDateTimeOffset());
        Assert.Equal(Now.AddHours(24).AddSeconds(0.5), job.Deadline.ToDateTimeOffset());
        Assert.Equal(3, job.MaxFails);
        Assert.Equal(["nightly", "7"], job.Tags);
        Assert.Equal(4, job.Limits["db"]);
        Assert.Equal(0, job.Limits["net"]);
        Assert.Equal(
            [new JobDependency { Job = 12 }, new JobDependency { Job = 12, Task = 3 }, new JobDependency { Job = 14, AnyOutcome = true }], job.After);
    }

    [Fact]
    public void Fail_fast_is_no_failure_allowed_and_not_given_is_no_limit()
    {
        Assert.Equal(0, Job("fail_fast: true\ntasks: [[a]]").MaxFails);
        Assert.True(Job("fail_fast: true\ntasks: [[a]]").HasMaxFails);
        Assert.False(Job("fail_fast: false\ntasks: [[a]]").HasMaxFails);
    }

    [Fact]
    public void Tasks_wait_for_success_or_the_end_and_element_by_element()
    {
        var job = Job("""
            tasks:
              - { name: fold, run: [a], array: 1-3 }
              - { name: sort, run: [a], array: 7-9, after_each: fold }
              - { run: [a], array: 1-3%2, after: [{ task: fold, outcome: any }, sort], after_each: [{ task: sort, outcome: any }] }
            """);

        Assert.Equal([new Dependency { Name = "fold", Each = true }], job.Tasks[1].After);
        Assert.Equal(
            [
                new Dependency { Name = "fold", AnyOutcome = true }, new Dependency { Name = "sort" },
                new Dependency { Name = "sort", AnyOutcome = true, Each = true },
            ],
            job.Tasks[2].After);
        Assert.Equal(2, job.Tasks[2].AtOnce);
    }

    [Fact]
    public void Options_of_tasks_are_read_and_may_be_defaults()
    {
        var job = Job("""
            defaults: { at_once: 4, prefer: { disk: ssd }, tags: [db], pin: true }
            nodes: { 1: [[a]] }
            tasks: [{ run: [a], prefer: { rack: 4 }, tags: x }]
            """);

        Assert.Equal(0, job.Sections[0].Tasks[0].AtOnce);
        Assert.True(job.Tasks[0] is { AtOnce: 4, Pin: true });
        Assert.Equal(["disk", "rack"], job.Tasks[0].Prefer.Keys.Order());
        Assert.Equal(["x"], job.Tasks[0].Tags);
    }

    [Theory]
    [InlineData("start_at: soon", "1:11: start_at 'soon' is no time")]
    [InlineData("start_at: 2026-03-01T08:00:00", "says no time zone: write '2026-03-01T08:00:00Z' for UTC")]
    [InlineData("start_at: 2026-02-30T08:00:00Z", "is no time")]
    [InlineData("deadline: 2026-02-01T08:00:00Z", "1:11: the deadline 2026-02-01T08:00:00Z is over")]
    [InlineData("deadline: 1h\nstart_at: 2h", "1:11: the deadline is not after start_at")]
    [InlineData("max_fails: -1", "1:12: max_fails is negative")]
    [InlineData("max_fails: 1\nfail_fast: true", "2:1: both 'max_fails' and 'fail_fast'")]
    [InlineData("tags: [a b]", "1:8: the tag 'a b' is no single word")]
    [InlineData("tags: [a, a]", "1:11: the tag 'a' is given twice")]
    [InlineData("limits: {db: -1}", "1:10: the limit of db is negative")]
    [InlineData("after: [x]", "1:9: after: 'x' is no job or task: write a job (12) or a task of it (12.3)")]
    [InlineData("after: {job: 0}", "'0' is no job or task")]
    [InlineData("after: {job: 3, outcome: good}", "1:26: outcome is 'good'")]
    [InlineData("after: {task: 3}", "unknown key 'task' in after")]
    public void What_is_wrong_with_the_job_is_told_where_it_stands(string lines, string words) => IsTold(lines + "\ntasks: [[a]]", words);

    [Theory]
    [InlineData("{run: [a], at_once: 0}", "at_once is out of range: a whole number from 1 to 100,000")]
    [InlineData("{run: [a], array: '1-9%0'}", "array: '%0' does not say how many at once")]
    [InlineData("{run: [a], array: '1-9%2', at_once: 3}", "'at_once' is given twice")]
    [InlineData("{run: [a], pin: maybe}", "pin is 'maybe'")]
    [InlineData("{run: [a], needs: {gpus: 1.5}}", "1.5 gpus: a whole number of gpus, or a part of one")]
    [InlineData("{run: [a], prefer: {'': x}}", "wrong label ''")]
    [InlineData("{run: [a], tags: ['x,y']}", "the tag 'x,y' holds ',' or '='")]
    [InlineData("{run: [a], array: 1-3, after_each: b}, {name: b, run: [a], array: 1-4}", "1:44: after_each: 'tasks[0]' has 3 tasks, 'b' has 4")]
    [InlineData("{run: [a], name: a, array: 1-2, after_each: b}, {name: b, array: 1-2, run: [a], after_each: a}", "tasks wait for each other in a circle: 'a' → 'b' → 'a'")]
    [InlineData("{run: [a], after: {outcome: any}}", "after says no 'task'")]
    [InlineData("{run: [a], stdin: x, stdin_base64: eA==}", "both 'stdin' and 'stdin_base64'")]
    [InlineData("{run: [a], stdin_base64: '*'}", "stdin_base64 is no base64")]
    public void What_is_wrong_with_a_task_is_told(string tasks, string words) => IsTold($"tasks: [{tasks}]", words);

    [Fact]
    public void A_nodes_list_has_its_own_order_and_its_own_at_once()
    {
        IsTold("nodes: {1: [{run: [a], at_once: 2}]}", "at_once of a task in a node's list: give it to the list");
        IsTold("nodes: {1: [{run: [a], after_each: b}]}\ntasks: [{name: b, run: [a]}]", "after_each in a node's list");
    }

    private static void IsTold(string map, string words) =>
        Assert.Contains(Parse(map).Mistakes, m => m.ToString().Contains(words, StringComparison.Ordinal));

    private static JobSpec Job(string text)
    {
        var result = Parse(text);
        Assert.Empty(result.Mistakes);
        return result.Job!;
    }

    private static MapResult Parse(string text) => MapParser.Parse(
        text, "m", new MapContext { MapDirectory = "/maps", SubmissionDirectory = "/here", Clock = new FakeTimeProvider(Now) });
}
