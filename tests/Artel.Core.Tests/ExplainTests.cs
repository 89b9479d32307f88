namespace Artel.Core.Tests;

public sealed class ExplainTests
{
    private readonly TestCluster _cluster = new();

    [Fact]
    public void A_task_without_nodes()
    {
        var job = _cluster.Submit(JobBuilder.Single());

        Says("no node is connected: start one with 'artel node start'", job, 1);
        Assert.Equal(["no node is connected: start one with 'artel node start'"], _cluster.State.Explain(job, _cluster.Now));
    }

    [Fact]
    public void A_list_whose_node_does_not_exist()
    {
        _cluster.Connect("1");
        var job = _cluster.Submit(new JobBuilder().List("7", tasks: 2));

        Says("no node has the id 7: start one with 'artel node start --id 7'", job, 1);
        Assert.Equal(["no node has the id 7: start one with 'artel node start --id 7'"], _cluster.State.Explain(job, _cluster.Now));
    }

    [Fact]
    public void A_list_whose_node_is_away_lost_stopped_or_draining()
    {
        _cluster.Connect("1");
        var job = _cluster.Submit(new JobBuilder().List("1", tasks: 1), held: true);
        _cluster.Do(s => s.Drain(new NodeId("1"), draining: true));
        _cluster.Do(s => s.Hold(job, held: false));
        Says("node 1 is draining: 'artel node resume 1' lets it work again", job, 1);

        _cluster.Disconnect("1");
        Says("node 1 is disconnected: start it again", job, 1);
        _cluster.Pass(ClusterRules.Default.LostAfter);
        Says("node 1 is lost: start it again", job, 1);
    }

    [Fact]
    public void Needs_that_can_never_be_met()
    {
        _cluster.Connect("1", cpus: 2);
        var needs = new Needs(64_500, 3L << 29, 1000, [new Counter("licence", 3)]);
        var job = _cluster.Submit(new JobBuilder().List("1", tasks: 1, with: t => t with { Needs = needs }).Task("free", with: t => t with { Needs = needs }));

        Says("node 1 can never meet its needs (64.5 cpus, 1536 MiB of memory, 1 gpus, 3 licence)", job, 1);
        Says("no connected node can ever meet its needs (64.5 cpus, 1536 MiB of memory, 1 gpus, 3 licence)", job, 2);
        Assert.Equal(2, _cluster.State.Explain(job, _cluster.Now).Count);
    }

    [Fact]
    public void Labels_that_no_node_has()
    {
        _cluster.Connect("1");
        var job = _cluster.Submit(JobBuilder.Single(t => t with { Labels = [new Label("os", "plan9"), new Label("rack", "4")] }));

        Says("no connected node has the labels os=plan9, rack=4", job, 1);
    }

    [Fact]
    public void Nodes_that_are_all_draining()
    {
        _cluster.Connect("1");
        _cluster.Do(s => s.Drain(new NodeId("1"), draining: true));

        Says("all nodes that could run it are draining", _cluster.Submit(JobBuilder.Single()), 1);
    }

    [Fact]
    public void A_task_for_which_there_is_no_room_now()
    {
        _cluster.Connect("1", cpus: 1);
        var job = _cluster.Submit(JobBuilder.Array(2));

        Says("waits until a node has room for it", job, 2);
        Assert.Empty(_cluster.State.Explain(job, _cluster.Now));
    }

    [Fact]
    public void A_turn_in_a_list()
    {
        _cluster.Connect("1");
        var job = _cluster.Submit(new JobBuilder().List("1", tasks: 3, atOnce: 2));

        Says("waits for its turn in the list of node 1, which runs 2 at once", job, 3);
    }

    [Fact]
    public void A_task_that_waits_for_others()
    {
        _cluster.Connect("1");
        var job = _cluster.Submit(new JobBuilder().Task("fold", count: 3).Task("").Task("report", after: ["fold"]));
        _cluster.Succeed(job, 2);

        Says("waits for 'fold': 1 of 3 have succeeded", job, 5);
    }

    [Fact]
    public void A_task_that_waits_for_a_great_many_tells_some()
    {
        var builder = new JobBuilder();
        string[] names = [.. Enumerable.Range(0, 100).Select(i => $"t{i}")];
        foreach (var name in names)
        {
            builder.Task(name);
        }

        var job = _cluster.Submit(builder.Task("report", after: names));

        Assert.Equal(8, _cluster.State.Explain(new TaskId(job, 101), _cluster.Now).Count);
    }

    [Fact]
    public void A_retry_that_waits()
    {
        _cluster.Connect("1");
        var job = _cluster.Submit(JobBuilder.Single(t => t with { Retry = new RetryPolicy(3, TimeSpan.FromSeconds(10), 1, TimeSpan.FromSeconds(10)) }));
        _cluster.Fail(job, 1);
        _cluster.Pass(seconds: 2.5);

        Says("waits 7.5 s for retry 1 of 3", job, 1);
    }

    [Fact]
    public void A_held_job()
    {
        var job = _cluster.Submit(JobBuilder.Single(), held: true);

        Says("its job is held: release it with 'artel release 1'", job, 1);
        Assert.Equal(["the job is held: release it with 'artel release 1'"], _cluster.State.Explain(job, _cluster.Now));
    }

    [Fact]
    public void A_task_that_waits_for_the_node_it_was_lost_with()
    {
        _cluster.Connect("1");
        var job = _cluster.Submit(JobBuilder.Single(t => t with { OnNodeLost = OnNodeLost.Wait }));
        _cluster.Start(job, 1);
        _cluster.Disconnect("1");
        Says("ran on node 1 when last heard of; the node is disconnected", job, 1);

        _cluster.Pass(ClusterRules.Default.LostAfter);

        Says("node 1 is lost: start it again", job, 1);
        Assert.Equal(["node 1 is lost: start it again"], _cluster.State.Explain(job, _cluster.Now));
    }

    [Fact]
    public void A_leased_task_that_has_not_started()
    {
        _cluster.Connect("1");
        var job = _cluster.Submit(JobBuilder.Single());
        Says("leased to node 1, which has not started it yet", job, 1);

        _cluster.Disconnect("1");
        Says("leased to node 1, which has not started it yet; the node is disconnected", job, 1);
    }

    [Fact]
    public void Nothing_is_said_of_what_runs_has_ended_or_never_was()
    {
        _cluster.Connect("1");
        var job = _cluster.Submit(JobBuilder.Array(2));
        _cluster.Start(job, 1);
        _cluster.Succeed(job, 2);

        foreach (var task in (TaskId[])[new(job, 1), new(job, 2), new(job, 3), new(job, 0), new(new JobId(9), 1)])
        {
            Assert.Empty(_cluster.State.Explain(task, _cluster.Now));
        }

        Assert.Empty(_cluster.State.Explain(new JobId(9), _cluster.Now));
    }

    private void Says(string sentence, JobId job, int task) =>
        Assert.Equal([sentence], _cluster.State.Explain(new TaskId(job, task), _cluster.Now));
}
