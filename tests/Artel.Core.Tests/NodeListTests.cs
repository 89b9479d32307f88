namespace Artel.Core.Tests;

public sealed class NodeListTests
{
    private static readonly RetryPolicy RetryOnceAfter10Seconds = new(1, TimeSpan.FromSeconds(10), 2, TimeSpan.FromMinutes(1));

    private readonly TestCluster _cluster = new();

    [Fact]
    public void The_list_of_a_node_runs_in_order_one_task_at_a_time()
    {
        _cluster.Connect("1");
        var job = _cluster.Submit(new JobBuilder().List("1", tasks: 3));

        Assert.Equal([1], _cluster.Granted);
        _cluster.Succeed(job, 1, seconds: 0.001);
        Assert.Equal([2], _cluster.Granted);
        _cluster.Succeed(job, 2);
        Assert.Equal([3], _cluster.Granted);
        _cluster.Succeed(job, 3);

        Assert.Equal(JobState.Succeeded, _cluster.EndOf(job).State);
    }

    [Fact]
    public void A_list_runs_only_on_its_node()
    {
        _cluster.Connect("2");
        var job = _cluster.Submit(new JobBuilder().List("1", tasks: 1));
        Assert.Empty(_cluster.Granted);

        _cluster.Connect("1");

        Assert.Equal("1", _cluster.NodeOf(job, 1));
    }

    [Fact]
    public void At_once_is_never_exceeded()
    {
        _cluster.Connect("1");
        var job = _cluster.Submit(new JobBuilder().List("1", tasks: 5, atOnce: 2));

        Assert.Equal([1, 2], _cluster.Granted);
        _cluster.Succeed(job, 2);
        Assert.Equal([3], _cluster.Granted);
    }

    [Fact]
    public void An_array_in_a_list_is_granted_as_far_as_at_once_goes()
    {
        _cluster.Connect("1");
        var job = _cluster.Submit(new JobBuilder().List("1", atOnce: 3, new ListTask("array", Count: 5), new ListTask("last")));

        Assert.Equal([1, 2, 3], _cluster.Granted);
        _cluster.Succeed(job, 1);
        _cluster.Succeed(job, 3);
        Assert.Equal([5], _cluster.Granted);
        _cluster.Succeed(job, 2);
        Assert.Equal([6], _cluster.Granted);
    }

    [Fact]
    public void A_task_that_waits_for_its_retry_keeps_its_place()
    {
        _cluster.Connect("1");
        var job = _cluster.Submit(new JobBuilder().List("1", tasks: 2, with: t => t with { Retry = RetryOnceAfter10Seconds }));

        _cluster.Fail(job, 1);
        Assert.Empty(_cluster.Granted);

        _cluster.Pass(seconds: 10);
        Assert.Equal([1], _cluster.Granted);
        _cluster.Succeed(job, 1);
        Assert.Equal([2], _cluster.Granted);
    }

    [Fact]
    public void With_several_at_once_a_task_that_waits_for_its_retry_takes_one_place_of_them()
    {
        _cluster.Connect("1");
        var job = _cluster.Submit(new JobBuilder().List("1", tasks: 4, atOnce: 2, with: t => t with { Retry = RetryOnceAfter10Seconds }));

        _cluster.Fail(job, 1);
        Assert.Empty(_cluster.Granted);
        _cluster.Succeed(job, 2);
        Assert.Equal([3], _cluster.Granted);

        _cluster.Pass(seconds: 10);
        Assert.Equal([1], _cluster.Granted);
    }

    [Fact]
    public void A_failed_task_does_not_stop_its_list()
    {
        _cluster.Connect("1");
        var job = _cluster.Submit(new JobBuilder().List("1", tasks: 2));

        _cluster.Fail(job, 1);
        Assert.Equal([2], _cluster.Granted);
        _cluster.Succeed(job, 2);

        Assert.Equal(JobState.Failed, _cluster.EndOf(job).State);
    }

    [Fact]
    public void The_order_is_kept_when_a_task_in_it_waits_for_another()
    {
        _cluster.Connect("1");
        _cluster.Connect("2");
        var job = _cluster.Submit(new JobBuilder()
            .List("2", tasks: 1)
            .List("1", atOnce: 1, new ListTask("first"), new ListTask("second", After: ["2-1"]), new ListTask("third")));

        _cluster.Succeed(job, 2);
        Assert.Empty(_cluster.Granted);
        _cluster.Succeed(job, 1);
        Assert.Equal([3], _cluster.Granted);
    }

    [Fact]
    public void Lists_of_several_nodes_go_on_side_by_side()
    {
        _cluster.Connect("1");
        _cluster.Connect("2");
        var job = _cluster.Submit(new JobBuilder().List("1", tasks: 2).List("2", tasks: 2));

        Assert.Equal(("1", "2"), (_cluster.NodeOf(job, 1), _cluster.NodeOf(job, 3)));
        _cluster.Succeed(job, 3);
        Assert.Equal([4], _cluster.Granted);
    }

    [Fact]
    public void A_retry_by_hand_brings_a_list_back_to_the_task()
    {
        _cluster.Connect("1");
        var job = _cluster.Submit(new JobBuilder().List("1", tasks: 3));
        _cluster.Fail(job, 1);

        _cluster.Do(s => s.Retry(job, [], _cluster.Now));
        _cluster.Succeed(job, 2);

        Assert.Equal([1], _cluster.Granted);
    }
}
