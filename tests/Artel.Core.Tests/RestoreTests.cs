namespace Artel.Core.Tests;

public sealed class RestoreTests
{
    private readonly TestCluster _cluster = new();

    [Fact]
    public void A_job_goes_on_where_it_was()
    {
        _cluster.Connect("1", cpus: 2);
        var job = _cluster.Submit(new JobBuilder().List("1", tasks: 3).Task("free", count: 4).Task("report", after: ["free"]), held: false);
        _cluster.Succeed(job, 1);
        _cluster.Fail(job, 4);
        var states = _cluster.StatesOf(job);
        var held = _cluster.State.ViewAttempts(new NodeId("1"), 10).Select(a => a.Lease).ToArray();

        _cluster.RestartServer();

        Assert.Equal(states, _cluster.StatesOf(job));
        Assert.Empty(_cluster.Connect("1", cpus: 2, held: held).Refused);
        Assert.Equal(states, _cluster.StatesOf(job));
    }

    [Fact]
    public void Attempts_in_flight_wait_for_their_node_and_are_given_away_when_it_stays_away()
    {
        _cluster.Connect("1");
        var job = _cluster.Submit(JobBuilder.Single());
        _cluster.Start(job, 1);

        _cluster.RestartServer(seconds: 600);
        _cluster.Connect("2");
        Assert.Equal("1", _cluster.NodeOf(job, 1));

        _cluster.Pass(ClusterRules.Default.LostAfter);
        Assert.Equal("2", _cluster.NodeOf(job, 1));
    }

    [Fact]
    public void A_retry_still_waits_for_its_time()
    {
        _cluster.Connect("1");
        var retry = new RetryPolicy(1, TimeSpan.FromSeconds(10), 1, TimeSpan.FromSeconds(10));
        var job = _cluster.Submit(JobBuilder.Single(t => t with { Retry = retry }));
        _cluster.Fail(job, 1);

        _cluster.RestartServer(seconds: 4);
        _cluster.Connect("1");
        Assert.Empty(_cluster.Granted);

        _cluster.Pass(seconds: 6);
        Assert.Equal(2, _cluster.InFlight(job, 1).Attempt);
    }

    [Fact]
    public void A_task_that_waits_for_its_retry_does_not_stand_in_the_way_of_others()
    {
        _cluster.Connect("1", cpus: 1);
        var retry = new RetryPolicy(1, TimeSpan.FromSeconds(10), 1, TimeSpan.FromSeconds(10));
        var job = _cluster.Submit(new JobBuilder().Task("first", with: t => t with { Retry = retry }).Task("second"));
        _cluster.Fail(job, 1);
        var second = _cluster.InFlight(job, 2).Lease;

        _cluster.RestartServer();
        _cluster.Connect("1", cpus: 1, held: []);

        Assert.NotEqual(second, _cluster.InFlight(job, 2).Lease);
    }

    [Fact]
    public void A_wait_that_was_over_before_the_server_died_takes_no_place_of_a_list()
    {
        _cluster.Connect("1");
        var retry = new RetryPolicy(1, TimeSpan.FromSeconds(5), 1, TimeSpan.FromSeconds(5));
        var job = _cluster.Submit(new JobBuilder().List("1", tasks: 2, with: t => t with { Retry = retry }));
        _cluster.Fail(job, 1);
        _cluster.Pass(seconds: 5);
        _cluster.Fail(job, 1);
        _cluster.Fail(job, 2);
        _cluster.Do(s => s.Retry(job, [new TaskRange(1, 1)], _cluster.Now));
        _cluster.Pass(seconds: 5);
        var lease = _cluster.InFlight(job, 1).Lease;

        _cluster.RestartServer();
        _cluster.Connect("1", held: [lease]);

        Assert.Equal(TaskState.Ready, _cluster.StateOf(job, 2));
        _cluster.Succeed(job, 1);
        Assert.Equal([2], _cluster.Granted);
    }

    [Fact]
    public void A_task_that_waits_for_its_node_still_does()
    {
        _cluster.Connect("1");
        var job = _cluster.Submit(JobBuilder.Single(t => t with { OnNodeLost = OnNodeLost.Wait }));
        _cluster.Start(job, 1);
        _cluster.Disconnect("1");
        _cluster.Pass(ClusterRules.Default.LostAfter);

        _cluster.RestartServer();
        _cluster.Connect("2");
        Assert.Empty(_cluster.Granted);
        _cluster.Connect("1");
        Assert.Equal("1", _cluster.NodeOf(job, 1));
    }

    [Fact]
    public void What_waits_for_others_still_does_and_what_was_skipped_stays_so()
    {
        var job = _cluster.Submit(new JobBuilder().Task("a").Task("b", after: ["a"]).Task("c").Task("d", after: ["c"]));
        _cluster.Do(s => s.Cancel(job, [new TaskRange(3, 3)], _cluster.Now));

        _cluster.RestartServer();
        Assert.Equal([TaskState.Ready, TaskState.Waiting, TaskState.Cancelled, TaskState.Skipped], _cluster.StatesOf(job));

        _cluster.Connect("1");
        _cluster.Succeed(job, 1);
        Assert.Equal([2], _cluster.Granted);
    }

    [Fact]
    public void What_nodes_did_is_remembered()
    {
        _cluster.Connect("1");
        var job = _cluster.Submit(JobBuilder.Array(3));
        _cluster.Succeed(job, 1);
        _cluster.Fail(job, 2);

        _cluster.RestartServer();

        Assert.Equal(new NodeShareView(new NodeId("1"), 0, 0, 0, 1, 1), Assert.Single(_cluster.State.View(job)!.Nodes));
    }

    [Fact]
    public void A_held_job_stays_held()
    {
        _cluster.Submit(JobBuilder.Single(), held: true);
        _cluster.RestartServer();
        _cluster.Connect("1");

        Assert.Empty(_cluster.Granted);
    }

    [Fact]
    public void A_node_that_had_left_is_not_waited_for()
    {
        _cluster.Connect("1");
        _cluster.Do(s => s.Stop(new NodeId("1"), _cluster.IncarnationOf("1"), _cluster.Now));

        _cluster.RestartServer();

        Assert.Equal(NodeCondition.Stopped, _cluster.State.View(new NodeId("1"))!.Condition);
    }

    [Fact]
    public void The_last_lease_of_a_grant_settles_it_after_a_restart_too()
    {
        _cluster.Connect("1", cpus: 3);
        var job = _cluster.Submit(JobBuilder.Array(3));
        _cluster.Succeed(job, 1);
        var held = new[] { _cluster.InFlight(job, 2).Lease, _cluster.InFlight(job, 3).Lease };
        _cluster.RestartServer();
        _cluster.Connect("1", cpus: 3, held: held);

        Assert.False(_cluster.Succeed(job, 3).GrantSettled);
        var last = _cluster.Succeed(job, 2);
        Assert.True(last.GrantSettled);
        Assert.Equal(3, last.Granted.Count);
    }
}
