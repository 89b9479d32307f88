namespace Artel.Core.Tests;

public sealed class ConnectTests
{
    private readonly TestCluster _cluster = new();

    [Fact]
    public void A_node_that_comes_back_keeps_what_it_holds_and_gets_its_place_back()
    {
        var (job, lease) = StartedOn1();
        _cluster.Disconnect("1");
        _cluster.Pass(seconds: 20);

        Assert.Empty(_cluster.Connect("1", held: [lease]).Refused);

        _cluster.Pass(seconds: 20);
        Assert.Equal(lease, _cluster.InFlight(job, 1).Lease);
        _cluster.Succeed(job, 1);
        Assert.Equal(1, _cluster.Made<AttemptEnded>().Single().Attempt);
    }

    [Fact]
    public void A_node_may_come_back_before_anyone_noticed_that_it_was_gone()
    {
        var (job, lease) = StartedOn1();

        Assert.Null(_cluster.Connect("1", held: [lease]).Refusal);

        Assert.Equal(TaskState.Running, _cluster.StateOf(job, 1));
    }

    [Fact]
    public void A_lease_that_never_reached_its_node_is_taken_back_so_that_it_can_not_start_later()
    {
        _cluster.Connect("1", cpus: 1);
        var job = _cluster.Submit(JobBuilder.Single());
        var lease = _cluster.InFlight(job, 1).Lease;

        _cluster.Connect("1", cpus: 1, held: []);

        var returned = Assert.Single(_cluster.Last.OfType<LeaseReturned>());
        Assert.Equal((lease, true), (returned.Lease, returned.Revoked));
        Assert.NotEqual(lease, _cluster.InFlight(job, 1).Lease);
        Assert.Equal(1, _cluster.InFlight(job, 1).Attempt);
    }

    [Fact]
    public void A_restarted_agent_has_lost_what_ran_and_keeps_what_had_finished()
    {
        _cluster.Connect("1");
        var job = _cluster.Submit(JobBuilder.Array(2));
        var finished = _cluster.Start(job, 1);
        _cluster.Start(job, 2);
        _cluster.Disconnect("1");

        Assert.Empty(_cluster.Connect("1", restarted: true, finished: [finished]).Refused);

        var lost = Assert.Single(_cluster.Last.OfType<AttemptEnded>());
        Assert.Equal(
            (2, AttemptOutcome.Lost, "ended by a restart of the agent"),
            (lost.Task.Number, lost.Result.Outcome, lost.Result.Message));
        _cluster.Succeed(job, 1);
        Assert.Equal(2, _cluster.InFlight(job, 2).Attempt);
    }

    [Fact]
    public void What_a_restarted_agent_had_not_started_is_no_loss()
    {
        _cluster.Connect("1");
        var job = _cluster.Submit(JobBuilder.Single(t => t with { OnNodeLost = OnNodeLost.Fail }));
        _cluster.Disconnect("1");

        _cluster.Connect("1", restarted: true);

        Assert.Equal(1, _cluster.InFlight(job, 1).Attempt);
        Assert.Empty(_cluster.Made<AttemptEnded>());
    }

    [Fact]
    public void What_may_have_been_started_before_the_server_and_the_agent_were_restarted_is_a_loss()
    {
        _cluster.Connect("1");
        var job = _cluster.Submit(JobBuilder.Single(t => t with { OnNodeLost = OnNodeLost.Fail }));
        _cluster.Start(job, 1);
        _cluster.RestartServer();

        _cluster.Connect("1", restarted: true);

        Assert.Equal(JobState.Failed, _cluster.EndOf(job).State);
    }

    [Fact]
    public void An_id_that_is_connected_elsewhere_is_refused_and_nothing_changes()
    {
        var (job, lease) = StartedOn1();

        var result = _cluster.Connect("1", restarted: true);

        Assert.Equal("node 1 is connected already from host-1 (127.0.0.1:1): stop that one first, or choose another id", result.Refusal);
        Assert.Empty(_cluster.Last);
        Assert.Equal(lease, _cluster.InFlight(job, 1).Lease);
    }

    [Fact]
    public void An_id_whose_former_agent_is_gone_is_welcome()
    {
        StartedOn1();
        _cluster.Disconnect("1");

        Assert.Null(_cluster.Connect("1", restarted: true).Refusal);
    }

    [Fact]
    public void A_node_that_was_lost_and_comes_back_is_told_that_its_leases_do_not_hold()
    {
        var (job, lease) = StartedOn1();
        _cluster.Disconnect("1");
        _cluster.Connect("2");
        _cluster.Pass(seconds: 30);

        Assert.Equal([lease], LeaseSet.Of(_cluster.Connect("1", held: [lease]).Refused).Each());
        Assert.Equal("2", _cluster.NodeOf(job, 1));
    }

    [Fact]
    public void A_finished_result_of_a_node_that_was_lost_is_refused()
    {
        var (job, lease) = StartedOn1();
        _cluster.Disconnect("1");
        _cluster.Pass(seconds: 30);

        Assert.Equal([lease], LeaseSet.Of(_cluster.Connect("1", finished: [lease]).Refused).Each());

        Assert.False(_cluster.Do(s => s.End(new NodeId("1"), _cluster.IncarnationOf("1"), lease, Results.Succeeded(), _cluster.Now)));
        Assert.Equal(2, _cluster.InFlight(job, 1).Attempt);
    }

    [Fact]
    public void A_stale_lease_is_refused_and_nothing_changes()
    {
        var (job, lease) = StartedOn1();
        _cluster.Succeed(job, 1);
        var id = new NodeId("1");
        var incarnation = _cluster.IncarnationOf("1");

        Assert.False(_cluster.Do(s => s.End(id, incarnation, lease, Results.Failed(), _cluster.Now)));
        Assert.False(_cluster.Do(s => s.Start(id, incarnation, lease, _cluster.Now, _cluster.Now)));
        Assert.False(_cluster.Do(s => s.End(id, incarnation, new Lease(9, 9), Results.Failed(), _cluster.Now)));
        Assert.Null(_cluster.State.Lookup(id, incarnation, lease));
        _cluster.Do(s => s.GiveBack(id, incarnation, LeaseSet.Of(lease), _cluster.Now));

        Assert.Empty(_cluster.Last);
        Assert.Single(_cluster.Made<AttemptEnded>());
    }

    [Fact]
    public void A_former_incarnation_is_refused_and_nothing_changes()
    {
        var (job, _) = StartedOn1();
        var former = _cluster.IncarnationOf("1");
        _cluster.Disconnect("1");
        _cluster.Connect("1", restarted: true);
        var (id, lease) = (new NodeId("1"), _cluster.InFlight(job, 1).Lease);

        Assert.False(_cluster.Do(s => s.Start(id, former, lease, _cluster.Now, _cluster.Now)));
        Assert.False(_cluster.Do(s => s.End(id, former, lease, Results.Succeeded(), _cluster.Now)));
        Assert.Null(_cluster.State.Lookup(id, former, lease));
        _cluster.Do(s => s.Disconnect(id, former, _cluster.Now));
        _cluster.Do(s => s.Stop(id, former, _cluster.Now));

        Assert.Empty(_cluster.Last);
        Assert.Equal(NodeCondition.Connected, _cluster.State.View(id)!.Condition);
    }

    [Fact]
    public void A_lease_of_one_node_is_not_open_to_another()
    {
        var (_, lease) = StartedOn1();
        _cluster.Connect("2");

        Assert.False(_cluster.Do(s => s.End(new NodeId("2"), _cluster.IncarnationOf("2"), lease, Results.Succeeded(), _cluster.Now)));
        Assert.Equal([lease], LeaseSet.Of(_cluster.Connect("2", held: [lease]).Refused).Each());
    }

    [Fact]
    public void A_start_that_is_told_twice_counts_once()
    {
        var (job, lease) = StartedOn1();

        Assert.True(_cluster.Do(s => s.Start(new NodeId("1"), _cluster.IncarnationOf("1"), lease, _cluster.Now, _cluster.Now)));

        Assert.Empty(_cluster.Last);
        Assert.Equal(1, _cluster.State.View(job)!.Counts.Running);
    }

    [Fact]
    public void A_result_may_come_from_a_lease_whose_start_was_never_told()
    {
        _cluster.Connect("1");
        var job = _cluster.Submit(JobBuilder.Single());

        _cluster.Succeed(job, 1);

        Assert.Equal(JobState.Succeeded, _cluster.EndOf(job).State);
    }

    [Fact]
    public void Leases_are_numbered_on_and_start_anew_with_an_epoch()
    {
        _cluster.Connect("1", cpus: 1);
        var job = _cluster.Submit(JobBuilder.Array(3));
        Assert.Equal(new Lease(1, 1), _cluster.InFlight(job, 1).Lease);
        _cluster.Succeed(job, 1);
        Assert.Equal(new Lease(1, 2), _cluster.InFlight(job, 2).Lease);

        _cluster.RestartServer();
        _cluster.Connect("1", cpus: 1, held: [new Lease(1, 2)]);
        _cluster.Succeed(job, 2);

        Assert.Equal(new Lease(2, 1), _cluster.InFlight(job, 3).Lease);
    }

    private (JobId Job, Lease Lease) StartedOn1()
    {
        _cluster.Connect("1");
        var job = _cluster.Submit(JobBuilder.Single());
        return (job, _cluster.Start(job, 1));
    }
}
