namespace Artel.Core.Tests;

/// <summary>Dependencies within a job that take any outcome, or go element by element.</summary>
public sealed class AfterOutcomeTests
{
    private static readonly Dependency AnyOfFirst = new(0, AnyOutcome: true);
    private static readonly Dependency EachOfFirst = new(0, Each: true);
    private static readonly Dependency AnyEachOfFirst = new(0, AnyOutcome: true, Each: true);

    private readonly TestCluster _cluster = new();

    public AfterOutcomeTests() => _cluster.Connect("1", cpus: 16);

    [Fact]
    public void What_takes_any_outcome_starts_when_all_have_ended_however()
    {
        var job = _cluster.Submit(new JobBuilder().Task("work", count: 3).Task("clean").After(AnyOfFirst));

        _cluster.Fail(job, 1);
        _cluster.Do(s => s.Cancel(job, [new TaskRange(2, 2)], _cluster.Now));
        Assert.Equal(TaskState.Waiting, _cluster.StateOf(job, 4));
        _cluster.Succeed(job, 3);

        Assert.Equal([4], _cluster.Granted);
    }

    [Fact]
    public void What_is_skipped_has_ended_too()
    {
        var job = _cluster.Submit(new JobBuilder().Task("a").Task("b", after: ["a"]).Task("clean").After(new Dependency(1, AnyOutcome: true)));

        _cluster.Fail(job, 1);

        Assert.Equal(TaskState.Skipped, _cluster.StateOf(job, 2));
        Assert.Equal([3], _cluster.Granted);
    }

    [Fact]
    public void What_takes_any_outcome_waits_again_where_what_it_waits_for_is_retried_before_it_started()
    {
        var job = _cluster.Submit(new JobBuilder().Task("work").Task("clean", with: t => t with { Needs = Needs.OneCpu with { MilliGpus = 1000 } }).After(AnyOfFirst));
        _cluster.Fail(job, 1);
        Assert.Equal(TaskState.Ready, _cluster.StateOf(job, 2));

        _cluster.Do(s => s.Retry(job, [], _cluster.Now));

        Assert.Equal(TaskState.Waiting, _cluster.StateOf(job, 2));
        _cluster.Succeed(job, 1);
        Assert.Equal(TaskState.Ready, _cluster.StateOf(job, 2));
    }

    [Fact]
    public void What_has_started_goes_on_though_what_it_waited_for_is_retried()
    {
        var job = _cluster.Submit(new JobBuilder().Task("work").Task("clean", with: t => t with { Retry = new RetryPolicy(3, TimeSpan.Zero, 1, TimeSpan.Zero) }).After(AnyOfFirst));
        _cluster.Fail(job, 1);
        _cluster.Start(job, 2);

        _cluster.Do(s => s.Retry(job, [new TaskRange(1, 1)], _cluster.Now));
        Assert.Equal(TaskState.Running, _cluster.StateOf(job, 2));

        // Its next attempt waits for what runs again.
        _cluster.Fail(job, 2);
        _cluster.Pass(1);
        Assert.Equal(TaskState.Waiting, _cluster.StateOf(job, 2));
        _cluster.Succeed(job, 1);
        Assert.Equal([2], _cluster.Granted);
    }

    [Fact]
    public void Element_by_element_each_waits_for_its_own_only()
    {
        var job = _cluster.Submit(new JobBuilder().Task("make", count: 3).Task("test", count: 3).After(EachOfFirst));
        Assert.Equal(3, _cluster.State.View(job)!.Counts.Waiting);

        _cluster.Succeed(job, 2);

        Assert.Equal([5], _cluster.Granted);
        Assert.Equal([TaskState.Waiting, TaskState.Leased, TaskState.Waiting], _cluster.StatesOf(job)[3..]);
    }

    [Fact]
    public void A_failed_element_skips_its_own_only_and_says_which()
    {
        var job = _cluster.Submit(new JobBuilder().Task("make", count: 3).Task("test", count: 3).After(EachOfFirst).Task("ship", count: 3).After(new Dependency(1, Each: true)));

        _cluster.Fail(job, 2);

        Assert.Equal(
            [new TaskRange(5, 5), new TaskRange(8, 8)],
            _cluster.Last.OfType<TasksEnded>()
                .Where(e => e.State == TaskState.Skipped)
                .SelectMany(e => e.Tasks.Ranges));
        Assert.Contains("needs 'make'", _cluster.Last.OfType<TasksEnded>().First().Reason, StringComparison.Ordinal);
        _cluster.Succeed(job, 1);
        Assert.Equal([4], _cluster.Granted);
    }

    [Fact]
    public void Any_outcome_of_the_own_element_will_do_where_that_is_said()
    {
        var job = _cluster.Submit(new JobBuilder().Task("make", count: 2).Task("clean", count: 2).After(AnyEachOfFirst));

        _cluster.Fail(job, 1);

        Assert.Equal([3], _cluster.Granted);
        Assert.Equal(TaskState.Waiting, _cluster.StateOf(job, 4));
    }

    [Fact]
    public void A_retry_of_an_element_revives_what_was_skipped_because_of_it()
    {
        var job = _cluster.Submit(new JobBuilder().Task("make", count: 3).Task("test", count: 3).After(EachOfFirst));
        _cluster.Fail(job, 1);
        _cluster.Fail(job, 2);

        Assert.Equal(2, _cluster.Do(s => s.Retry(job, [new TaskRange(2, 2)], _cluster.Now)));

        Assert.Equal([TaskState.Skipped, TaskState.Waiting, TaskState.Waiting], _cluster.StatesOf(job)[3..]);
        _cluster.Succeed(job, 2);
        Assert.Equal([5], _cluster.Granted);
    }

    [Fact]
    public void Two_arrays_can_be_waited_for_at_each_place()
    {
        var job = _cluster.Submit(new JobBuilder().Task("a", count: 2).Task("b", count: 2).Task("both", count: 2).After(EachOfFirst, new Dependency(1, Each: true)));

        _cluster.Succeed(job, 1);
        Assert.Empty(_cluster.Granted);
        _cluster.Succeed(job, 3);

        Assert.Equal([5], _cluster.Granted);
    }

    [Fact]
    public void Why_names_the_element()
    {
        var job = _cluster.Submit(new JobBuilder().Task("make", count: 3).Task("test", count: 3).After(EachOfFirst));

        Assert.Equal([new AfterElement(new TemplateName("make", 2, 2), false, TaskState.Leased)], _cluster.Why(job, 5));
        Assert.Contains((new AfterElement(new TemplateName("make", 1, 3), false, null), 3), _cluster.Why(job));
    }

    [Fact]
    public void After_a_restart_each_waits_for_what_it_waited_for()
    {
        var job = _cluster.Submit(new JobBuilder().Task("make", count: 4).Task("test", count: 4).After(EachOfFirst).Task("clean").After(AnyOfFirst));
        _cluster.Succeed(job, 1);
        _cluster.Fail(job, 2);
        var before = _cluster.StatesOf(job);

        _cluster.RestartServer();

        Assert.Equal(before, _cluster.StatesOf(job));
    }

    [Fact]
    public void A_million_elements_cost_nothing_while_they_wait()
    {
        const int Many = 1_000_000;
        var now = _cluster.Now;
        var state = new ClusterState(ClusterSnapshot.Fresh, ClusterRules.Default, now);
        var job = state.Submit(new JobBuilder().Task("make", count: Many).Task("test", count: Many).After(EachOfFirst).Build(), default, "", held: false, now);

        state.Cancel(job, [new TaskRange(1, Many / 2)], now);

        var counts = state.View(job)!.Counts;
        Assert.Equal((Many / 2, Many / 2, Many / 2, Many / 2), (counts.Cancelled, counts.Ready, counts.Skipped, counts.Waiting));
        Assert.Equal(3, state.TakeChanges().Count);
    }
}
