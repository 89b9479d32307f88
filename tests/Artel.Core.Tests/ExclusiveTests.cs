namespace Artel.Core.Tests;

/// <summary>
/// Exclusive tasks: a node that is not heard ends them before <see cref="ClusterRules.LostAfter"/> is over. So whatever happens, the
/// rules must not let another attempt begin before that, unless the node itself has said that the first has ended.
/// </summary>
public sealed class ExclusiveTests
{
    private static readonly TimeSpan LostAfter = ClusterRules.Default.LostAfter;

    private readonly TestCluster _cluster = new();

    [Fact]
    public void A_shorter_patience_after_a_restart_does_not_hold_for_nodes_that_were_told_a_longer_one()
    {
        var before = new TestCluster(rules: new ClusterRules(TimeSpan.FromSeconds(30), 3));
        before.Connect("1");
        var job = before.Submit(JobBuilder.Single(t => t with { Exclusive = true }));
        before.Start(job, 1);

        var snapshot = before.Store.Load(2) with { LostAfterBefore = TimeSpan.FromSeconds(30) };
        var after = new ClusterState(snapshot, new ClusterRules(TimeSpan.FromSeconds(5), 3), before.Now);

        after.Tick(before.Now + TimeSpan.FromSeconds(29));
        Assert.Empty(after.TakeChanges());
        after.Tick(before.Now + TimeSpan.FromSeconds(30));
        Assert.Equal(AttemptOutcome.Lost, Assert.Single(after.TakeChanges().OfType<AttemptEnded>()).Result.Outcome);
    }

    [Fact]
    public void A_node_that_was_restarted_elsewhere_has_to_wait_until_the_earlier_one_must_have_ended_the_task()
    {
        var job = StartedOnOne();
        _cluster.Disconnect("1");
        _cluster.Connect("2");
        _cluster.Pass(LostAfter - TimeSpan.FromSeconds(1));

        var refused = _cluster.Connect("1", restarted: true);

        Assert.True(refused.MayTryAgain);
        Assert.Equal($"an earlier start of node 1 may still run task {job}.1, which is exclusive: wait 1 s", refused.Refusal);
        Assert.Equal(TaskState.Running, _cluster.StateOf(job, 1));
        _cluster.Pass(seconds: 1);
        Assert.Equal("2", _cluster.NodeOf(job, 1));
        Assert.Null(_cluster.Connect("1", restarted: true).Refusal);
    }

    [Fact]
    public void Also_where_the_server_does_not_know_that_it_was_started()
    {
        _cluster.Connect("1");
        var job = _cluster.Submit(JobBuilder.Single(Exclusive));
        _cluster.Disconnect("1");

        Assert.NotNull(_cluster.Connect("1", restarted: true).Refusal);

        Assert.Equal(TaskState.Leased, _cluster.StateOf(job, 1));
    }

    [Fact]
    public void A_node_that_comes_back_as_it_was_goes_on()
    {
        var job = StartedOnOne();
        var lease = _cluster.InFlight(job, 1).Lease;
        _cluster.Disconnect("1");
        _cluster.Pass(LostAfter - TimeSpan.FromSeconds(1));

        Assert.Null(_cluster.Connect("1", held: [lease]).Refusal);

        _cluster.Succeed(job, 1);
        Assert.Equal(JobState.Succeeded, _cluster.EndOf(job).State);
    }

    [Fact]
    public void A_server_that_was_restarted_waits_as_long_before_it_lets_the_task_go()
    {
        var job = StartedOnOne();
        _cluster.RestartServer(seconds: 3600);
        _cluster.Connect("2");

        Assert.NotNull(_cluster.Connect("1", restarted: true).Refusal);
        _cluster.Pass(LostAfter - TimeSpan.FromSeconds(1));
        Assert.Equal("1", _cluster.NodeOf(job, 1));
        _cluster.Pass(seconds: 1);
        Assert.Equal("2", _cluster.NodeOf(job, 1));
    }

    [Fact]
    public void A_node_can_not_be_forgotten_while_it_may_run_one()
    {
        var job = StartedOnOne();
        var one = new NodeId("1");
        Assert.Contains($"may still run task {job}.1", _cluster.State.WhyNotForget(one)!, StringComparison.Ordinal);

        Assert.False(_cluster.Do(s => s.Forget(one, _cluster.Now)));

        Assert.Equal(TaskState.Running, _cluster.StateOf(job, 1));
        _cluster.Succeed(job, 1);
        Assert.True(_cluster.Do(s => s.Forget(one, _cluster.Now)));
    }

    [Fact]
    public void A_drain_asks_for_it_and_waits_for_the_answer()
    {
        var job = StartedOnOne();
        _cluster.Connect("2");
        _cluster.Do(s => s.Drain(new NodeId("1"), draining: true, _cluster.Now));

        _cluster.Pass(seconds: 1);
        Assert.Equal("1", _cluster.NodeOf(job, 1));
        Assert.Single(_cluster.Made<MoveRequested>());
        _cluster.End(job, 1, Results.Succeeded() with { Outcome = AttemptOutcome.Cancelled });

        Assert.Equal("2", _cluster.NodeOf(job, 1));
    }

    /// <summary>Found by seeds 2077, 2198 and 3332 of the simulation.</summary>
    [Fact]
    public void A_cancelled_one_that_may_have_been_started_is_not_retried_before_its_node_has_answered()
    {
        _cluster.Connect("1");
        var job = _cluster.Submit(JobBuilder.Single(Exclusive));
        _cluster.Connect("2");

        _cluster.Do(s => s.Cancel(job, [], _cluster.Now));
        _cluster.Do(s => s.Retry(job, [], _cluster.Now));

        Assert.Equal("1", _cluster.NodeOf(job, 1));
        Assert.Single(_cluster.Made<CancelRequested>());
        _cluster.End(job, 1, Results.Of(AttemptOutcome.Cancelled));
        Assert.Equal(JobState.Cancelled, _cluster.EndOf(job).State);
    }

    [Fact]
    public void A_clock_that_is_set_ahead_ends_no_wait()
    {
        var job = StartedOnOne();
        _cluster.Disconnect("1");
        _cluster.Connect("2");

        _cluster.Do(s => s.StepClock(TimeSpan.FromHours(1)));
        _cluster.Pass(TimeSpan.FromHours(1) + LostAfter - TimeSpan.FromSeconds(1));
        Assert.Equal("1", _cluster.NodeOf(job, 1));

        _cluster.Pass(seconds: 1);
        Assert.Equal("2", _cluster.NodeOf(job, 1));
    }

    [Fact]
    public void A_clock_that_is_set_back_does_not_make_a_retry_wait_longer()
    {
        _cluster.Connect("1");
        var job = _cluster.Submit(JobBuilder.Single(t => t with { Retry = new RetryPolicy(1, TimeSpan.FromSeconds(10), 1, TimeSpan.FromSeconds(10)) }));
        _cluster.Fail(job, 1);

        _cluster.Do(s => s.StepClock(TimeSpan.FromHours(-1)));
        _cluster.Pass(TimeSpan.FromHours(-1) + TimeSpan.FromSeconds(9));
        Assert.Empty(_cluster.Granted);

        _cluster.Pass(seconds: 1);
        Assert.Equal([1], _cluster.Granted);
    }

    private JobId StartedOnOne()
    {
        _cluster.Connect("1");
        var job = _cluster.Submit(JobBuilder.Single(Exclusive));
        _cluster.Start(job, 1);
        return job;
    }

    private static TemplateSpec Exclusive(TemplateSpec template) => template with { Exclusive = true, OnNodeLost = OnNodeLost.Requeue };
}
