namespace Artel.Core.Tests;

public sealed class NeedsTests
{
    private const long GiB = 1L << 30;

    private readonly TestCluster _cluster = new();

    [Fact]
    public void Tasks_fill_the_cpus_of_a_node()
    {
        _cluster.Connect("1", cpus: 4);

        _cluster.Submit(JobBuilder.Array(10, t => t with { Needs = new Needs(1500, 0, 0, []) }));

        Assert.Equal([1, 2], _cluster.Granted);
    }

    [Fact]
    public void Memory_may_be_what_is_scarce()
    {
        _cluster.Connect("1", cpus: 8, memory: 10 * GiB);

        _cluster.Submit(JobBuilder.Array(10, t => t with { Needs = new Needs(1000, 4 * GiB, 0, []) }));

        Assert.Equal([1, 2], _cluster.Granted);
    }

    [Fact]
    public void Gpus_may_be_shared_in_parts()
    {
        _cluster.Connect("cpu-only", cpus: 8);
        _cluster.Connect("gpu", cpus: 8, gpus: 2);

        var job = _cluster.Submit(JobBuilder.Array(9, t => t with { Needs = new Needs(0, 0, 500, []) }));

        Assert.Equal(4, _cluster.Granted.Count);
        Assert.All(_cluster.Granted, t => Assert.Equal("gpu", _cluster.NodeOf(job, t)));
    }

    [Fact]
    public void A_counter_is_a_need_like_any_other()
    {
        _cluster.Connect("1", cpus: 8, counters: [new Counter("licence", 2), new Counter("scratch", 100)]);
        var needs = new Needs(1000, 0, 0, [new Counter("licence", 1), new Counter("scratch", 60)]);

        var job = _cluster.Submit(JobBuilder.Array(3, t => t with { Needs = needs }));

        Assert.Equal([1], _cluster.Granted);
        _cluster.Succeed(job, 1);
        Assert.Equal([2], _cluster.Granted);
    }

    [Fact]
    public void Labels_must_all_be_met_with_their_values()
    {
        _cluster.Connect("1", labels: [new Label("os", "linux"), new Label("rack", "3")]);
        var job = _cluster.Submit(JobBuilder.Single(t => t with { Labels = [new Label("os", "linux"), new Label("rack", "4")] }));
        Assert.Empty(_cluster.Granted);

        _cluster.Connect("2", labels: [new Label("os", "linux"), new Label("rack", "4"), new Label("zone", "a")]);

        Assert.Equal("2", _cluster.NodeOf(job, 1));
    }

    [Fact]
    public void Needs_that_no_node_can_meet_stand_in_nobodys_way()
    {
        _cluster.Connect("1", cpus: 2);
        var huge = _cluster.Submit(JobBuilder.Single(t => t with { Needs = new Needs(64_000, 0, 0, []) }));

        var small = _cluster.Submit(JobBuilder.Single());

        Assert.Equal(TaskState.Ready, _cluster.StateOf(huge, 1));
        Assert.Equal(TaskState.Leased, _cluster.StateOf(small, 1));
        _cluster.Connect("2", cpus: 64);
        Assert.Equal("2", _cluster.NodeOf(huge, 1));
    }

    [Fact]
    public void A_node_that_comes_back_with_more_gets_more()
    {
        _cluster.Connect("1", cpus: 1);
        var job = _cluster.Submit(JobBuilder.Array(3));

        _cluster.Connect("1", cpus: 3, held: [_cluster.InFlight(job, 1).Lease]);

        Assert.Equal([2, 3], _cluster.Granted);
    }

    [Fact]
    public void Needs_of_a_list_are_kept_within_the_node_too()
    {
        _cluster.Connect("1", cpus: 2);

        var job = _cluster.Submit(new JobBuilder().List("1", tasks: 3, atOnce: 3, with: t => t with { Needs = Needs.OneCpu }));

        Assert.Equal([1, 2], _cluster.Granted);
        _cluster.Succeed(job, 1);
        Assert.Equal([3], _cluster.Granted);
    }

    [Fact]
    public void Needs_are_equal_by_what_they_say()
    {
        var one = new Needs(1, 2, 3, [new Counter("a", 1)]);
        var same = new Needs(1, 2, 3, [new Counter("a", 1)]);
        var other = new Needs(1, 2, 3, [new Counter("a", 2)]);

        Assert.Equal(one, same);
        Assert.Equal(one.GetHashCode(), same.GetHashCode());
        Assert.NotEqual(one, other);
        Assert.Equal(new Resources(1, 2, 3, [new Counter("a", 1)]), new Resources(1, 2, 3, [new Counter("a", 1)]));
    }
}
