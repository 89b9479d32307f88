namespace Artel.Core.Tests;

/// <summary>Nodes of the classic protocol: they take what is assigned to them, one task at a time, and never present what they hold.</summary>
public sealed class ClassicNodeTests
{
    private readonly TestCluster _cluster = new();

    [Fact]
    public void It_gets_the_tasks_of_its_list_one_at_a_time_whatever_the_list_says()
    {
        ConnectClassic("1");
        var job = _cluster.Submit(new JobBuilder().List("1", tasks: 3, atOnce: 3));

        Assert.Equal([TaskState.Leased, TaskState.Ready, TaskState.Ready], _cluster.StatesOf(job));
        _cluster.Succeed(job, 1, seconds: 0.001);
        Assert.Equal([2], _cluster.Granted);
        _cluster.Succeed(job, 2, seconds: 0.001);
        Assert.Equal([3], _cluster.Granted);
        _cluster.Succeed(job, 3, seconds: 0.001);
        Assert.Equal(JobState.Succeeded, _cluster.EndOf(job).State);
    }

    [Fact]
    public void It_gets_no_task_that_nobody_assigned_to_it()
    {
        ConnectClassic("1");
        var free = _cluster.Submit(JobBuilder.Single(t => t with { Needs = Needs.None }));
        var others = _cluster.Submit(new JobBuilder().List("2", tasks: 1));

        Assert.Equal(TaskState.Ready, _cluster.StateOf(free, 1));
        Assert.Equal(TaskState.Ready, _cluster.StateOf(others, 1));
        Assert.Equal([new NoNode(OnlyClassic: true)], _cluster.Why(free, 1));
    }

    [Fact]
    public void A_task_that_left_its_list_with_a_lost_node_is_not_for_it()
    {
        _cluster.Connect("2");
        var job = _cluster.Submit(new JobBuilder().List("2", tasks: 1, with: t => t with { OnNodeLost = OnNodeLost.Requeue }));
        _cluster.Start(job, 1);
        ConnectClassic("1");

        _cluster.Disconnect("2");
        _cluster.Pass(ClusterRules.Default.LostAfter);

        Assert.Equal(TaskState.Ready, _cluster.StateOf(job, 1));
        Assert.Empty(_cluster.Granted);
    }

    [Fact]
    public void What_it_has_is_not_known_and_so_it_runs_whatever_is_assigned_to_it()
    {
        ConnectClassic("1");

        var job = _cluster.Submit(new JobBuilder().List("1", tasks: 1, with: t => t with { Needs = new Needs(64_000, 1L << 40, 8000, [new Counter("licence", 1)]) }));

        Assert.Equal([1], _cluster.Granted);
        _cluster.Succeed(job, 1);
    }

    [Fact]
    public void Its_retry_comes_before_the_rest_of_its_list()
    {
        ConnectClassic("1");
        var job = _cluster.Submit(new JobBuilder().List("1", tasks: 2, with: t => t with { Retry = new RetryPolicy(1, TimeSpan.Zero, 1, TimeSpan.Zero) }));

        _cluster.Fail(job, 1, AttemptResult.UnknownExitStatus);
        _cluster.Pass(0);
        Assert.Equal((1, 2), (Assert.Single(_cluster.Granted), _cluster.InFlight(job, 1).Attempt));
        _cluster.Fail(job, 1, AttemptResult.UnknownExitStatus);
        Assert.Equal([2], _cluster.Granted);
        Assert.Equal("ended badly (attempt 2)", _cluster.Made<AttemptEnded>().Last().Reason);
    }

    [Fact]
    public void When_its_connection_ends_its_task_is_lost_at_once()
    {
        ConnectClassic("1");
        var job = _cluster.Submit(new JobBuilder().List("1", tasks: 1));
        _cluster.Start(job, 1);

        _cluster.Do(s => s.Lose(new NodeId("1"), _cluster.IncarnationOf("1"), _cluster.Now));

        Assert.Equal(NodeCondition.Lost, _cluster.State.View(new NodeId("1"))!.Condition);
        Assert.Equal(AttemptOutcome.Lost, _cluster.Made<AttemptEnded>().Single().Result.Outcome);
        ConnectClassic("1", restarted: true);
        Assert.Equal([1], _cluster.Granted);
    }

    [Fact]
    public void A_late_word_of_an_earlier_connection_loses_nothing()
    {
        ConnectClassic("1");
        var earlier = _cluster.IncarnationOf("1");
        _cluster.Do(s => s.Lose(new NodeId("1"), earlier, _cluster.Now));
        ConnectClassic("1", restarted: true);
        var job = _cluster.Submit(new JobBuilder().List("1", tasks: 1));
        _cluster.Start(job, 1);

        _cluster.Do(s => s.Lose(new NodeId("1"), earlier, _cluster.Now));

        Assert.Equal(TaskState.Running, _cluster.StateOf(job, 1));
    }

    [Fact]
    public void Restarts_of_the_server_count_for_nothing_however_many_there_are()
    {
        ConnectClassic("1");
        var job = _cluster.Submit(new JobBuilder().List("1", tasks: 1));
        for (var restart = 1; restart <= 10; restart++)
        {
            _cluster.Start(job, 1);
            _cluster.RestartServer();
            ConnectClassic("1", restarted: true);
            Assert.Equal(restart + 1, _cluster.InFlight(job, 1).Attempt);
        }

        Assert.All(_cluster.Made<AttemptEnded>(), e => Assert.Equal(AttemptOutcome.Cancelled, e.Result.Outcome));
        _cluster.Succeed(job, 1);
        Assert.Equal(JobState.Succeeded, _cluster.EndOf(job).State);
    }

    [Fact]
    public void Whether_a_map_assigns_tasks_to_a_number_is_known_as_long_as_the_job_is_unfinished()
    {
        var one = new NodeId("1");
        Assert.False(_cluster.State.HasListOf(one));
        var job = _cluster.Submit(new JobBuilder().List("1", tasks: 1));
        Assert.True(_cluster.State.HasListOf(one));
        Assert.False(_cluster.State.HasListOf(new NodeId("2")));

        ConnectClassic("1");
        _cluster.Succeed(job, 1);
        Assert.False(_cluster.State.HasListOf(one));
    }

    private void ConnectClassic(string id, bool restarted = false) => _cluster.Connect(id, cpus: 0, kind: NodeKind.Classic, restarted: restarted);
}
