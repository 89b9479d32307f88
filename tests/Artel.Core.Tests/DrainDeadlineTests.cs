namespace Artel.Core.Tests;

public sealed class DrainDeadlineTests
{
    private static readonly NodeId One = new("1");

    private readonly TestCluster _cluster = new();

    [Fact]
    public void What_still_runs_at_the_deadline_goes_to_another_node_and_counts_neither_as_failure_nor_as_loss()
    {
        var job = StartedOnOne();
        _cluster.Connect("2");
        Drain(seconds: 60);

        _cluster.Pass(seconds: 59);
        Assert.Empty(_cluster.Made<MoveRequested>());
        _cluster.Pass(seconds: 1);
        Assert.Equal("1", _cluster.NodeOf(job, 1));
        HasEnded(job);

        Assert.Equal(("2", 2), (_cluster.NodeOf(job, 1), _cluster.InFlight(job, 1).Attempt));
        var moved = Assert.Single(_cluster.Made<AttemptEnded>());
        Assert.Equal((AttemptOutcome.Moved, "node drained", TaskState.Ready), (moved.Result.Outcome, moved.Result.Message, moved.Next));
        Assert.Equal(new TaskHistory(1, 0, []), moved.History);
        Assert.Equal(0, _cluster.State.View(job)!.Nodes.Single(n => n.Node == One).FailedAttempts);
    }

    [Fact]
    public void A_task_without_retries_that_is_moved_often_goes_on()
    {
        var job = StartedOnOne(t => t with { OnNodeLost = OnNodeLost.Fail });
        _cluster.Connect("2");
        for (var i = 0; i < 10; i++)
        {
            var node = new NodeId(_cluster.NodeOf(job, 1)!);
            _cluster.Start(job, 1);
            _cluster.Do(s => s.Drain(node, draining: true, _cluster.Now));
            _cluster.Pass(seconds: 0);
            HasEnded(job);
            _cluster.Do(s => s.Drain(node, draining: false));
        }

        _cluster.Succeed(job, 1);
        Assert.Equal(JobState.Succeeded, _cluster.EndOf(job).State);
    }

    [Fact]
    public void A_result_that_comes_all_the_same_is_accepted()
    {
        var job = StartedOnOne();
        Drain(seconds: 1);
        _cluster.Pass(seconds: 1);

        _cluster.Succeed(job, 1);

        Assert.Equal(JobState.Succeeded, _cluster.EndOf(job).State);
    }

    [Fact]
    public void What_was_not_started_is_given_back_without_an_attempt()
    {
        _cluster.Connect("1");
        var job = _cluster.Submit(JobBuilder.Single());
        Drain(seconds: 1);

        _cluster.Pass(seconds: 1);

        var lease = Assert.Single(_cluster.Made<MoveRequested>()).Lease;
        _cluster.Do(s => s.GiveBack(One, _cluster.IncarnationOf("1"), LeaseSet.Of(lease), _cluster.Now));
        Assert.Equal(TaskState.Ready, _cluster.StateOf(job, 1));
        Assert.Empty(_cluster.Made<AttemptEnded>());
    }

    [Fact]
    public void A_task_of_a_list_is_ended_too_and_waits_for_its_node()
    {
        _cluster.Connect("1");
        _cluster.Connect("2");
        var job = _cluster.Submit(new JobBuilder().List("1", tasks: 2));
        _cluster.Start(job, 1);
        Drain(seconds: 60);
        var until = _cluster.Now.AddSeconds(60);
        Assert.Equal(
            [new InFlight(IsRunning: true, InFlightTrouble.Draining, until, CanMove: false)], _cluster.Why(job, 1));

        _cluster.Pass(seconds: 60);
        HasEnded(job);
        Assert.Equal([TaskState.Ready, TaskState.Ready], _cluster.StatesOf(job));
        Assert.Equal([new OnOneNode(One, new NodeLack(LackKind.Draining, Until: until))], _cluster.Why(job, 1));

        _cluster.Do(s => s.Drain(One, draining: false));
        Assert.Equal([1], _cluster.Granted);
    }

    [Fact]
    public void Without_a_deadline_a_drain_takes_its_time()
    {
        var job = StartedOnOne();
        _cluster.Do(s => s.Drain(One, draining: true));

        _cluster.Pass(TimeSpan.FromDays(30));

        Assert.Equal("1", _cluster.NodeOf(job, 1));
    }

    [Fact]
    public void A_deadline_can_be_changed_and_goes_with_the_drain()
    {
        var job = StartedOnOne();
        Drain(seconds: 10);
        Drain(seconds: 100);
        Assert.Equal(_cluster.Now.AddSeconds(100), _cluster.State.View(One)!.DrainDeadline);
        _cluster.Pass(seconds: 50);
        _cluster.Do(s => s.Drain(One, draining: false));
        Assert.Null(_cluster.State.View(One)!.DrainDeadline);

        _cluster.Pass(seconds: 100);

        Assert.Equal("1", _cluster.NodeOf(job, 1));
    }

    [Fact]
    public void A_deadline_survives_the_server_and_holds_when_the_node_is_back()
    {
        var job = StartedOnOne();
        var lease = _cluster.InFlight(job, 1).Lease;
        Drain(seconds: 60);
        _cluster.RestartServer(seconds: 61);
        _cluster.Pass(seconds: 0);
        Assert.Equal("1", _cluster.NodeOf(job, 1));

        _cluster.Connect("1", held: [lease]);
        _cluster.Connect("2");
        _cluster.Pass(seconds: 0);
        HasEnded(job);

        Assert.Equal("2", _cluster.NodeOf(job, 1));
        Assert.Equal(AttemptOutcome.Moved, Assert.Single(_cluster.Made<AttemptEnded>()).Result.Outcome);
    }

    [Fact]
    public void A_task_that_is_being_cancelled_is_not_moved()
    {
        var job = StartedOnOne();
        _cluster.Do(s => s.Cancel(job, [], _cluster.Now));
        Drain(seconds: 1);

        _cluster.Pass(seconds: 1);
        Assert.Empty(_cluster.Made<MoveRequested>());
        HasEnded(job);

        Assert.Equal(JobState.Cancelled, _cluster.EndOf(job).State);
    }

    [Fact]
    public void A_node_that_was_cut_off_is_asked_again()
    {
        var job = StartedOnOne();
        var lease = _cluster.InFlight(job, 1).Lease;
        Drain(seconds: 1);
        _cluster.Pass(seconds: 1);
        _cluster.Disconnect("1");

        _cluster.Connect("1", held: [lease]);

        Assert.Equal(2, _cluster.Made<MoveRequested>().Count());
    }

    /// <summary>Node 1 has done as it was asked.</summary>
    private void HasEnded(JobId job) => _cluster.End(job, 1, Results.Of(AttemptOutcome.Cancelled));

    private void Drain(double seconds) => Assert.True(_cluster.Do(s => s.Drain(One, draining: true, _cluster.Now.AddSeconds(seconds))));

    private JobId StartedOnOne(Func<TemplateSpec, TemplateSpec>? with = null)
    {
        _cluster.Connect("1");
        var job = _cluster.Submit(JobBuilder.Single(with));
        _cluster.Start(job, 1);
        return job;
    }
}
