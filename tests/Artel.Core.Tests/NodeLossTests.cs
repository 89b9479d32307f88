namespace Artel.Core.Tests;

public sealed class NodeLossTests
{
    private static readonly TimeSpan LostAfter = ClusterRules.Default.LostAfter;

    private readonly TestCluster _cluster = new();

    [Fact]
    public void A_node_that_is_silent_keeps_its_tasks_until_it_is_lost()
    {
        _cluster.Connect("1");
        var job = _cluster.Submit(JobBuilder.Single());
        _cluster.Start(job, 1);
        _cluster.Disconnect("1");
        var heard = _cluster.State.View(new NodeId("1"))!.Since;
        _cluster.Connect("2");

        _cluster.Pass(LostAfter - TimeSpan.FromSeconds(1));
        Assert.Equal("1", _cluster.NodeOf(job, 1));
        Assert.Equal(NodeCondition.Disconnected, _cluster.State.View(new NodeId("1"))!.Condition);

        _cluster.Pass(seconds: 1);
        Assert.Equal((NodeCondition.Lost, heard), (_cluster.State.View(new NodeId("1"))!.Condition, _cluster.State.View(new NodeId("1"))!.Since));
        Assert.Equal("2", _cluster.NodeOf(job, 1));
        Assert.Equal(2, _cluster.InFlight(job, 1).Attempt);
        var lost = Assert.Single(_cluster.Made<AttemptEnded>());
        Assert.Equal((AttemptOutcome.Lost, TaskState.Ready), (lost.Result.Outcome, lost.Next));
    }

    [Fact]
    public void A_lost_task_that_must_not_run_twice_fails()
    {
        var job = StartedOn("1", t => t with { OnNodeLost = OnNodeLost.Fail, Retry = new RetryPolicy(5, default, 1, default) });

        Lose("1");

        Assert.Equal(JobState.Failed, _cluster.EndOf(job).State);
        Assert.Equal("lost with node 1: its node was lost", _cluster.Made<AttemptEnded>().Single().Reason);
    }

    [Fact]
    public void A_lost_task_that_waits_goes_to_no_other_node()
    {
        var job = StartedOn("1", t => t with { OnNodeLost = OnNodeLost.Wait });
        _cluster.Connect("2");

        Lose("1");
        Assert.Equal(TaskState.Ready, _cluster.StateOf(job, 1));
        Assert.Empty(_cluster.Granted);

        _cluster.Connect("1");
        Assert.Equal("1", _cluster.NodeOf(job, 1));
        Assert.Equal(2, _cluster.InFlight(job, 1).Attempt);
        _cluster.Succeed(job, 1);
        Assert.Equal(JobState.Succeeded, _cluster.EndOf(job).State);
    }

    [Fact]
    public void A_task_that_waits_for_its_node_can_be_cancelled()
    {
        var job = StartedOn("1", t => t with { OnNodeLost = OnNodeLost.Wait });
        Lose("1");

        Assert.Equal(1, _cluster.Do(s => s.Cancel(job, [], _cluster.Now)));

        Assert.Equal(JobState.Cancelled, _cluster.EndOf(job).State);
        _cluster.Connect("1");
        Assert.Empty(_cluster.Granted);
    }

    [Fact]
    public void A_task_that_waits_for_its_node_is_not_started_while_its_job_is_held()
    {
        var job = StartedOn("1", t => t with { OnNodeLost = OnNodeLost.Wait });
        Lose("1");
        _cluster.Do(s => s.Hold(job, held: true));

        _cluster.Connect("1");
        Assert.Empty(_cluster.Granted);

        _cluster.Do(s => s.Hold(job, held: false));
        Assert.Equal([1], _cluster.Granted);
    }

    [Fact]
    public void The_list_of_a_lost_node_waits_for_it()
    {
        _cluster.Connect("1");
        _cluster.Connect("2");
        var job = _cluster.Submit(new JobBuilder().List("1", tasks: 2));
        _cluster.Start(job, 1);

        Lose("1");
        Assert.Empty(_cluster.Granted);

        _cluster.Connect("1");
        Assert.Equal([1], _cluster.Granted);
        _cluster.Succeed(job, 1);
        Assert.Equal([2], _cluster.Granted);
    }

    [Fact]
    public void A_task_of_a_list_may_be_taken_by_others_when_its_map_says_so_and_the_rest_of_the_list_waits()
    {
        _cluster.Connect("1");
        var job = _cluster.Submit(new JobBuilder().List("1", tasks: 2, with: t => t with { OnNodeLost = OnNodeLost.Requeue }));
        _cluster.Start(job, 1);
        _cluster.Connect("2");

        Lose("1");

        Assert.Equal("2", _cluster.NodeOf(job, 1));
        Assert.Equal(TaskState.Ready, _cluster.StateOf(job, 2));
        _cluster.Connect("1");
        Assert.Equal("1", _cluster.NodeOf(job, 2));
    }

    [Fact]
    public void A_list_task_that_strayed_is_retried_anywhere_and_holds_no_place_of_its_list()
    {
        _cluster.Connect("1");
        var retry = new RetryPolicy(1, TimeSpan.FromSeconds(100), 1, TimeSpan.FromSeconds(100));
        var job = _cluster.Submit(new JobBuilder().List("1", tasks: 2, with: t => t with { OnNodeLost = OnNodeLost.Requeue, Retry = retry }));
        _cluster.Start(job, 1);
        _cluster.Connect("2");
        Lose("1");

        _cluster.Fail(job, 1);
        _cluster.Connect("1");

        Assert.Equal("1", _cluster.NodeOf(job, 2));
        _cluster.Pass(seconds: 100);
        Assert.Equal([1], _cluster.Granted);
    }

    [Fact]
    public void A_list_task_that_must_not_run_twice_fails_and_its_list_goes_on_when_the_node_is_back()
    {
        _cluster.Connect("1");
        var job = _cluster.Submit(new JobBuilder().List("1", tasks: 2, with: t => t with { OnNodeLost = OnNodeLost.Fail }));
        _cluster.Start(job, 1);

        Lose("1");
        Assert.Equal(TaskState.Failed, _cluster.StateOf(job, 1));

        _cluster.Connect("1");
        Assert.Equal([2], _cluster.Granted);
    }

    [Fact]
    public void A_task_that_took_down_three_nodes_fails_and_says_which()
    {
        var job = _cluster.Submit(JobBuilder.Single(t => t with { Retry = new RetryPolicy(10, default, 1, default) }));
        foreach (var node in (string[])["a", "b", "c"])
        {
            _cluster.Connect(node);
            Assert.Equal(node, _cluster.NodeOf(job, 1));
            _cluster.Start(job, 1);
            Lose(node);
        }

        Assert.Equal(JobState.Failed, _cluster.EndOf(job).State);
        Assert.Equal("its node was lost 3 times: a, b, c", _cluster.Made<AttemptEnded>().Last().Reason);
    }

    [Fact]
    public void A_result_that_its_node_has_lost_is_a_loss_of_its_task_even_if_its_start_was_not_reported()
    {
        var job = _cluster.Submit(JobBuilder.Single(t => t with { Retry = new RetryPolicy(10, default, 1, default) }));
        foreach (var node in (string[])["a", "b", "c"])
        {
            _cluster.Connect(node);
            Assert.Equal(node, _cluster.NodeOf(job, 1));
            _cluster.Do(c => c.Drain(new NodeId(node), draining: true));
            _cluster.End(job, 1, new AttemptResult(
                AttemptOutcome.Lost, 0, 0, "its node has lost its result", _cluster.Now, default, KeptOutput.Empty,
                KeptOutput.Empty));
        }

        Assert.Equal(JobState.Failed, _cluster.EndOf(job).State);
        Assert.Equal("its result was lost on its node 3 times: a, b, c", _cluster.Made<AttemptEnded>().Last().Reason);
    }

    [Fact]
    public void An_attempt_that_a_stopping_agent_has_ended_is_neither_failure_nor_loss_and_is_kept()
    {
        var job = StartedOn("1");
        _cluster.Connect("2");
        _cluster.Do(c => c.Drain(new NodeId("1"), draining: true));

        _cluster.End(job, 1, new AttemptResult(
            AttemptOutcome.Moved, 0, 15, "ended by a stop or restart of the agent", _cluster.Now, default,
            KeptOutput.Empty, KeptOutput.Empty));

        Assert.Equal((0, 0), (_cluster.TaskOf(job, 1).History.Failures, _cluster.TaskOf(job, 1).History.Losses.Length));
        Assert.Equal((2, "2"), (_cluster.InFlight(job, 1).Attempt, _cluster.NodeOf(job, 1)));
    }

    [Fact]
    public void A_task_that_had_not_started_may_be_lost_with_any_number_of_nodes()
    {
        var job = _cluster.Submit(JobBuilder.Single());
        foreach (var node in (string[])["a", "b", "c", "d", "e"])
        {
            _cluster.Connect(node);
            Assert.Equal(node, _cluster.NodeOf(job, 1));
            Lose(node);
            Assert.Empty(_cluster.TaskOf(job, 1).History.Losses);
        }

        Assert.Equal(TaskState.Ready, _cluster.StateOf(job, 1));
    }

    [Fact]
    public void Losses_do_not_use_up_retries()
    {
        var job = StartedOn("1", t => t with { Retry = new RetryPolicy(1, default, 1, default) });
        Lose("1");
        Assert.Equal(0, _cluster.TaskOf(job, 1).History.Failures);
        _cluster.Connect("2");

        _cluster.Fail(job, 1);
        _cluster.Pass(seconds: 1);

        Assert.Equal(3, _cluster.InFlight(job, 1).Attempt);
    }

    [Fact]
    public void A_node_that_says_goodbye_gives_up_at_once_what_it_ran()
    {
        var job = StartedOn("1");
        _cluster.Connect("2");

        _cluster.Do(s => s.Stop(new NodeId("1"), _cluster.IncarnationOf("1"), _cluster.Now));

        Assert.Equal("2", _cluster.NodeOf(job, 1));
        Assert.Equal(NodeCondition.Stopped, _cluster.State.View(new NodeId("1"))!.Condition);
    }

    [Fact]
    public void What_a_node_had_not_started_is_not_lost_with_its_goodbye()
    {
        _cluster.Connect("1");
        var job = _cluster.Submit(JobBuilder.Single(t => t with { OnNodeLost = OnNodeLost.Fail }));
        _cluster.Connect("2");

        _cluster.Do(s => s.Stop(new NodeId("1"), _cluster.IncarnationOf("1"), _cluster.Now));

        Assert.Equal("2", _cluster.NodeOf(job, 1));
        Assert.Empty(_cluster.Made<AttemptEnded>());
        Assert.Equal(1, _cluster.InFlight(job, 1).Attempt);
    }

    [Fact]
    public void A_forgotten_node_is_gone_with_all_it_had()
    {
        var job = StartedOn("1");
        _cluster.Connect("2");

        Assert.True(_cluster.Do(s => s.Forget(new NodeId("1"), _cluster.Now)));

        Assert.Null(_cluster.State.View(new NodeId("1")));
        Assert.Equal("2", _cluster.NodeOf(job, 1));
        Assert.False(_cluster.Do(s => s.Forget(new NodeId("1"), _cluster.Now)));
    }

    private JobId StartedOn(string node, Func<TemplateSpec, TemplateSpec>? with = null)
    {
        _cluster.Connect(node);
        var job = _cluster.Submit(JobBuilder.Single(with));
        _cluster.Start(job, 1);
        return job;
    }

    private void Lose(string node)
    {
        _cluster.Disconnect(node);
        _cluster.Pass(LostAfter);
    }
}
