namespace Artel.Core.Tests;

public sealed class CancelTests
{
    private readonly TestCluster _cluster = new();

    [Fact]
    public void What_is_ready_is_cancelled_at_once()
    {
        var job = _cluster.Submit(JobBuilder.Array(1000));

        Assert.Equal(1000, _cluster.Do(s => s.Cancel(job, [], _cluster.Now)));

        Assert.Equal(JobState.Cancelled, _cluster.EndOf(job).State);
        Assert.Equal(new TaskRange(1, 1000), _cluster.Made<TasksEnded>().Single().Tasks);
        _cluster.Connect("1");
        Assert.Empty(_cluster.Granted);
    }

    [Fact]
    public void What_is_leased_and_not_started_is_revoked()
    {
        _cluster.Connect("1");
        var job = _cluster.Submit(JobBuilder.Single());
        var lease = _cluster.InFlight(job, 1).Lease;

        Assert.Equal(1, _cluster.Do(s => s.Cancel(job, [], _cluster.Now)));

        var returned = Assert.Single(_cluster.Last.OfType<LeaseReturned>());
        Assert.Equal((lease, true), (returned.Lease, returned.Revoked));
        Assert.Equal(JobState.Cancelled, _cluster.EndOf(job).State);
        Assert.False(_cluster.Do(s => s.Start(new NodeId("1"), _cluster.IncarnationOf("1"), lease, _cluster.Now, _cluster.Now)));
    }

    [Fact]
    public void What_runs_is_asked_to_end_and_is_cancelled_when_it_has()
    {
        _cluster.Connect("1");
        var job = _cluster.Submit(JobBuilder.Single(t => t with { Retry = new RetryPolicy(3, default, 1, default) }));
        var lease = _cluster.Start(job, 1);

        Assert.Equal(1, _cluster.Do(s => s.Cancel(job, [], _cluster.Now)));
        Assert.Equal(lease, Assert.Single(_cluster.Last.OfType<CancelRequested>()).Lease);
        Assert.Equal(TaskState.Running, _cluster.StateOf(job, 1));

        Assert.Equal(0, _cluster.Do(s => s.Cancel(job, [], _cluster.Now)));
        Assert.Empty(_cluster.Last);

        var ended = _cluster.End(job, 1, Results.Of(AttemptOutcome.Signalled));
        Assert.Equal((TaskState.Cancelled, "cancelled"), (ended.Next, ended.Reason));
        Assert.Equal(JobState.Cancelled, _cluster.EndOf(job).State);
    }

    [Fact]
    public void What_succeeded_before_it_heard_of_its_cancellation_has_succeeded()
    {
        _cluster.Connect("1");
        var job = _cluster.Submit(JobBuilder.Single());
        _cluster.Start(job, 1);
        _cluster.Do(s => s.Cancel(job, [], _cluster.Now));

        _cluster.Succeed(job, 1);

        Assert.Equal(JobState.Succeeded, _cluster.EndOf(job).State);
    }

    [Fact]
    public void Some_tasks_are_cancelled_and_the_others_go_on()
    {
        _cluster.Connect("1", cpus: 1);
        var job = _cluster.Submit(JobBuilder.Array(5));

        Assert.Equal(2, _cluster.Do(s => s.Cancel(job, [new TaskRange(4, 5)], _cluster.Now)));

        Assert.Equal([TaskState.Leased, TaskState.Ready, TaskState.Ready, TaskState.Cancelled, TaskState.Cancelled], _cluster.StatesOf(job));
    }

    [Fact]
    public void Who_cancels_a_whole_job_finds_all_of_it_cancelled()
    {
        var job = _cluster.Submit(new JobBuilder().Task("a").Task("b", after: ["a"]));

        Assert.Equal(2, _cluster.Do(s => s.Cancel(job, [], _cluster.Now)));

        Assert.Equal((2, 0), (_cluster.EndOf(job).Counts.Cancelled, _cluster.EndOf(job).Counts.Skipped));
    }

    [Fact]
    public void What_needs_a_cancelled_task_is_skipped()
    {
        var job = _cluster.Submit(new JobBuilder().Task("a").Task("b", after: ["a"]));

        _cluster.Do(s => s.Cancel(job, [new TaskRange(1, 1)], _cluster.Now));

        Assert.Equal((1, 1), (_cluster.EndOf(job).Counts.Cancelled, _cluster.EndOf(job).Counts.Skipped));
        Assert.Equal(JobState.Cancelled, _cluster.EndOf(job).State);
    }

    [Fact]
    public void What_waits_for_its_retry_is_cancelled_and_its_list_goes_on()
    {
        _cluster.Connect("1");
        var retry = new RetryPolicy(1, TimeSpan.FromSeconds(10), 1, TimeSpan.FromSeconds(10));
        var job = _cluster.Submit(new JobBuilder().List("1", tasks: 2, with: t => t with { Retry = retry }));
        _cluster.Fail(job, 1);

        _cluster.Do(s => s.Cancel(job, [new TaskRange(1, 1)], _cluster.Now));

        Assert.Equal([2], _cluster.Granted);
        _cluster.Pass(seconds: 10);
        Assert.Equal(TaskState.Cancelled, _cluster.StateOf(job, 1));
    }

    [Fact]
    public void A_node_that_was_away_hears_again_what_it_is_to_end()
    {
        _cluster.Connect("1");
        var job = _cluster.Submit(JobBuilder.Single());
        var lease = _cluster.Start(job, 1);
        _cluster.Disconnect("1");
        _cluster.Do(s => s.Cancel(job, [], _cluster.Now));

        var result = _cluster.Connect("1", held: [lease]);

        Assert.Empty(result.Refused);
        Assert.Equal(lease, Assert.Single(_cluster.Last.OfType<CancelRequested>()).Lease);
        Assert.Equal(TaskState.Cancelled, _cluster.End(job, 1, Results.Of(AttemptOutcome.Cancelled)).Next);
    }

    [Fact]
    public void What_was_leased_to_a_node_that_is_away_is_refused_when_it_comes_back()
    {
        _cluster.Connect("1");
        var job = _cluster.Submit(JobBuilder.Single());
        var lease = _cluster.InFlight(job, 1).Lease;
        _cluster.Disconnect("1");
        _cluster.Do(s => s.Cancel(job, [], _cluster.Now));
        Assert.Equal(JobState.Cancelled, _cluster.EndOf(job).State);

        Assert.Equal([lease], LeaseSet.Of(_cluster.Connect("1", held: [lease]).Refused).Each());
    }

    [Fact]
    public void A_task_to_be_cancelled_whose_node_is_lost_is_cancelled()
    {
        _cluster.Connect("1");
        var job = _cluster.Submit(JobBuilder.Single());
        _cluster.Start(job, 1);
        _cluster.Do(s => s.Cancel(job, [], _cluster.Now));
        _cluster.Disconnect("1");

        _cluster.Pass(ClusterRules.Default.LostAfter);

        Assert.Equal(JobState.Cancelled, _cluster.EndOf(job).State);
    }

    [Fact]
    public void A_cancellation_outlives_the_server()
    {
        _cluster.Connect("1");
        var job = _cluster.Submit(JobBuilder.Single());
        var lease = _cluster.Start(job, 1);
        _cluster.Do(s => s.Cancel(job, [], _cluster.Now));
        _cluster.RestartServer();

        _cluster.Connect("1", held: [lease]);

        Assert.Equal(lease, Assert.Single(_cluster.Last.OfType<CancelRequested>()).Lease);
        Assert.Equal(TaskState.Cancelled, _cluster.End(job, 1, Results.Of(AttemptOutcome.Cancelled)).Next);
    }

    [Fact]
    public void A_job_that_has_ended_or_never_was_can_not_be_cancelled()
    {
        _cluster.Connect("1");
        var job = _cluster.Submit(JobBuilder.Single());
        _cluster.Succeed(job, 1);

        Assert.Null(_cluster.Do(s => s.Cancel(job, [], _cluster.Now)));
        Assert.Null(_cluster.Do(s => s.Cancel(new JobId(99), [], _cluster.Now)));
        Assert.Empty(_cluster.Last);
    }

    [Fact]
    public void Numbers_that_the_job_does_not_have_are_left_out()
    {
        var job = _cluster.Submit(JobBuilder.Array(3));

        Assert.Equal(1, _cluster.Do(s => s.Cancel(job, [new TaskRange(3, 70), new TaskRange(-5, 0)], _cluster.Now)));
    }
}
