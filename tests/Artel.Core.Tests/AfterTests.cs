namespace Artel.Core.Tests;

public sealed class AfterTests
{
    private readonly TestCluster _cluster = new();

    public AfterTests() => _cluster.Connect("1", cpus: 16);

    [Fact]
    public void A_chain_runs_one_after_the_other()
    {
        var job = _cluster.Submit(new JobBuilder().Task("a").Task("b", after: ["a"]).Task("c", after: ["b"]));

        Assert.Equal([TaskState.Leased, TaskState.Waiting, TaskState.Waiting], _cluster.StatesOf(job));
        _cluster.Succeed(job, 1);
        Assert.Equal([2], _cluster.Granted);
        _cluster.Succeed(job, 2);
        Assert.Equal([3], _cluster.Granted);
        _cluster.Succeed(job, 3);
        Assert.Equal(JobState.Succeeded, _cluster.EndOf(job).State);
    }

    [Fact]
    public void What_follows_an_array_waits_for_all_of_it()
    {
        var job = _cluster.Submit(new JobBuilder().Task("fold", count: 3).Task("report", after: ["fold"]));

        _cluster.Succeed(job, 1);
        _cluster.Succeed(job, 3);
        Assert.Equal(TaskState.Waiting, _cluster.StateOf(job, 4));
        _cluster.Succeed(job, 2);
        Assert.Equal([4], _cluster.Granted);
    }

    [Fact]
    public void An_array_waits_as_a_whole()
    {
        var job = _cluster.Submit(new JobBuilder().Task("first").Task("fan", count: 3, after: ["first"]));
        Assert.Equal(3, _cluster.State.View(job)!.Counts.Waiting);

        _cluster.Succeed(job, 1);

        Assert.Equal([2, 3, 4], _cluster.Granted);
    }

    [Fact]
    public void A_task_may_come_before_what_it_needs_in_the_map()
    {
        var job = _cluster.Submit(new JobBuilder().Task("report", after: ["work"]).Task("work"));

        Assert.Equal([2], _cluster.Granted);
        _cluster.Succeed(job, 2);
        Assert.Equal([1], _cluster.Granted);
    }

    [Fact]
    public void A_failure_skips_all_that_follows_and_says_why()
    {
        var job = _cluster.Submit(new JobBuilder().Task("a").Task("b", count: 5, after: ["a"]).Task("c", after: ["b"]).Task("d"));

        _cluster.Fail(job, 1);

        Assert.Equal(6, _cluster.State.View(job)!.Counts.Skipped);
        Assert.Equal(
            ["skipped: it needs 'a', which did not succeed", "skipped: it needs 'b', which did not succeed"],
            _cluster.Made<TasksEnded>().Select(e => e.Reason));
        _cluster.Succeed(job, 8);
        Assert.Equal(JobState.Failed, _cluster.EndOf(job).State);
    }

    [Fact]
    public void One_failure_in_an_array_is_enough_to_skip_and_the_rest_of_the_array_goes_on()
    {
        var job = _cluster.Submit(new JobBuilder().Task("fold", count: 3).Task("report", after: ["fold"]));

        _cluster.Fail(job, 2);

        Assert.Equal([TaskState.Leased, TaskState.Failed, TaskState.Leased, TaskState.Skipped], _cluster.StatesOf(job));
    }

    [Fact]
    public void A_failure_with_retries_left_skips_nothing()
    {
        var job = _cluster.Submit(new JobBuilder()
            .Task("a", with: t => t with { Retry = new RetryPolicy(1, TimeSpan.FromSeconds(1), 1, TimeSpan.FromSeconds(1)) }).Task("b", after: ["a"]));

        _cluster.Fail(job, 1);
        Assert.Equal(TaskState.Waiting, _cluster.StateOf(job, 2));

        _cluster.Pass(seconds: 1);
        _cluster.Succeed(job, 1);
        Assert.Equal([2], _cluster.Granted);
    }

    [Fact]
    public void A_chain_of_a_hundred_thousand_is_skipped_and_revived()
    {
        const int Length = 100_000;
        var chain = new JobBuilder().Task("0");
        for (var i = 1; i < Length; i++)
        {
            chain.Task($"{i}", after: [$"{i - 1}"]);
        }

        var state = new ClusterState(ClusterSnapshot.Fresh, ClusterRules.Default, _cluster.Now);
        state.Connect(new NodeId("1"), new Incarnation(1), new NodeDescription(NodeKind.Native, "1", "", "", new Resources(1000, 0, 0, []), []), LeaseSet.Empty, _cluster.Now);
        var job = state.Submit(chain.Task("other").Build(), default, "", held: false, _cluster.Now);
        state.Place(_cluster.Now);

        state.End(new NodeId("1"), new Incarnation(1), new Lease(1, 1), Results.Failed(), _cluster.Now);
        while (state.HasFollowups)
        {
            state.Continue(_cluster.Now);
        }

        Assert.Equal(Length - 1, state.View(job)!.Counts.Skipped);

        Assert.Equal(Length, state.Retry(job, [new TaskRange(1, 1)], _cluster.Now));
        Assert.Equal(Length - 1, state.View(job)!.Counts.Waiting);
    }

    [Fact]
    public void A_retry_of_what_failed_revives_what_was_skipped()
    {
        var job = _cluster.Submit(new JobBuilder().Task("a").Task("b", after: ["a"]).Task("c", after: ["b"]).Task("other"));
        _cluster.Fail(job, 1);

        Assert.Equal(3, _cluster.Do(s => s.Retry(job, [new TaskRange(1, 1)], _cluster.Now)));

        Assert.Equal([TaskState.Leased, TaskState.Waiting, TaskState.Waiting, TaskState.Leased], _cluster.StatesOf(job));
        _cluster.Succeed(job, 1);
        _cluster.Succeed(job, 2);
        _cluster.Succeed(job, 3);
        _cluster.Succeed(job, 4);
        Assert.Equal(JobState.Succeeded, _cluster.EndOf(job).State);
    }

    [Fact]
    public void What_needs_something_that_still_failed_stays_skipped()
    {
        var job = _cluster.Submit(new JobBuilder().Task("a").Task("b").Task("both", after: ["a", "b"]).Task("other"));
        _cluster.Fail(job, 1);
        _cluster.Fail(job, 2);

        Assert.Equal(1, _cluster.Do(s => s.Retry(job, [new TaskRange(1, 1)], _cluster.Now)));
        Assert.Equal(TaskState.Skipped, _cluster.StateOf(job, 3));

        Assert.Equal(2, _cluster.Do(s => s.Retry(job, [], _cluster.Now)));
        Assert.Equal(TaskState.Waiting, _cluster.StateOf(job, 3));
    }

    [Fact]
    public void A_cancelled_task_is_not_revived_while_what_it_needs_has_failed()
    {
        var job = _cluster.Submit(new JobBuilder().Task("a").Task("b", after: ["a"]).Task("c", after: ["b"]).Task("other"));
        _cluster.Do(s => s.Cancel(job, [new TaskRange(2, 2)], _cluster.Now));
        _cluster.Fail(job, 1);

        Assert.Equal(0, _cluster.Do(s => s.Retry(job, [new TaskRange(2, 2)], _cluster.Now)));

        Assert.Equal([TaskState.Failed, TaskState.Skipped, TaskState.Skipped, TaskState.Leased], _cluster.StatesOf(job));
    }
}
