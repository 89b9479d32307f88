namespace Artel.Core.Tests;

public sealed class HoldAndDrainTests
{
    private readonly TestCluster _cluster = new();

    [Fact]
    public void A_job_submitted_on_hold_starts_when_it_is_released()
    {
        _cluster.Connect("1");
        var job = _cluster.Submit(new JobBuilder().List("1", tasks: 2).Task("free"), held: true);
        Assert.Empty(_cluster.Granted);

        Assert.True(_cluster.Do(s => s.Hold(job, held: false)));

        Assert.Equal([1, 3], _cluster.Granted);
    }

    [Fact]
    public void A_held_job_starts_nothing_new_and_what_runs_goes_on()
    {
        _cluster.Connect("1", cpus: 1);
        var job = _cluster.Submit(JobBuilder.Array(2));
        _cluster.Do(s => s.Hold(job, held: true));

        _cluster.Succeed(job, 1);

        Assert.Equal([TaskState.Succeeded, TaskState.Ready], _cluster.StatesOf(job));
        _cluster.Do(s => s.Hold(job, held: false));
        Assert.Equal([2], _cluster.Granted);
    }

    [Fact]
    public void A_held_job_makes_room_for_others()
    {
        _cluster.Submit(JobBuilder.Array(8), held: true);
        var other = _cluster.Submit(JobBuilder.Single());

        _cluster.Connect("1", cpus: 1);

        Assert.Equal(TaskState.Leased, _cluster.StateOf(other, 1));
    }

    [Fact]
    public void To_hold_twice_changes_nothing()
    {
        var job = _cluster.Submit(JobBuilder.Single(), held: true);

        Assert.True(_cluster.Do(s => s.Hold(job, held: true)));

        Assert.Empty(_cluster.Last);
        Assert.False(_cluster.Do(s => s.Hold(new JobId(9), held: true)));
    }

    [Fact]
    public void A_draining_node_gets_nothing_new_and_ends_what_it_has()
    {
        _cluster.Connect("1", cpus: 1);
        var job = _cluster.Submit(new JobBuilder().List("1", tasks: 2).Task("free", count: 3));
        Assert.True(_cluster.Do(s => s.Drain(new NodeId("1"), draining: true)));

        _cluster.Succeed(job, 1);
        _cluster.Succeed(job, 3);
        Assert.Empty(_cluster.Granted);

        _cluster.Do(s => s.Drain(new NodeId("1"), draining: false));
        Assert.Equal([2, 4], _cluster.Granted);
    }

    [Fact]
    public void A_node_drains_on_after_a_restart_of_itself_and_of_the_server()
    {
        _cluster.Connect("1");
        _cluster.Do(s => s.Drain(new NodeId("1"), draining: true));
        _cluster.RestartServer();

        Assert.True(_cluster.Connect("1", restarted: true).Draining);

        _cluster.Submit(JobBuilder.Single());
        Assert.Empty(_cluster.Granted);
    }

    [Fact]
    public void A_node_that_nobody_knows_can_not_drain() =>
        Assert.False(_cluster.Do(s => s.Drain(new NodeId("9"), draining: true)));
}
