namespace Artel.Core.Tests;

public sealed class NodeListTests
{
    private readonly TestCluster _cluster = new();

    [Fact]
    public void The_list_of_a_node_runs_in_order_one_task_at_a_time()
    {
        _cluster.Connect("1");
        var job = _cluster.Submit(new JobBuilder().List("1", tasks: 3));

        Assert.Equal([1], _cluster.Granted);
        _cluster.Succeed(job, 1);
        Assert.Equal([2], _cluster.Granted);
        _cluster.Succeed(job, 2);
        Assert.Equal([3], _cluster.Granted);
        _cluster.Succeed(job, 3);

        Assert.Equal(JobState.Succeeded, _cluster.EndOf(job).State);
    }
}
