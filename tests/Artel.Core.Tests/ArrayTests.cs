namespace Artel.Core.Tests;

public sealed class ArrayTests
{
    private readonly TestCluster _cluster = new();

    [Fact]
    public void Ten_million_tasks_are_submitted_and_placed_without_being_expanded()
    {
        var now = _cluster.Now;
        var spec = JobBuilder.Array(10_000_000).Build();
        var state = new ClusterState(ClusterSnapshot.Fresh, ClusterRules.Default, now);
        state.Connect(new NodeId("1"), new Incarnation(1), Describe(cpus: 16), LeaseSet.Empty, now);
        var before = GC.GetAllocatedBytesForCurrentThread();

        var job = state.Submit(spec, default, "", held: false, now);
        state.Place(now);

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100_000);
        Assert.Equal(new TaskCounts(10_000_000, 0, 10_000_000 - 16, 16, 0, 0, 0, 0, 0), state.View(job)!.Counts);
        var granted = Assert.Single(state.TakeChanges().OfType<LeasesGranted>());
        Assert.Equal((1, 0, 16), (granted.FirstTask, granted.FirstPosition, granted.Leases.Count));
    }

    [Fact]
    public void Tasks_are_granted_as_ranges_in_order()
    {
        _cluster.Connect("1", cpus: 3);
        var job = _cluster.Submit(JobBuilder.Array(10));
        Assert.Equal([1, 2, 3], _cluster.Granted);
        Assert.Single(_cluster.Last.OfType<LeasesGranted>());

        _cluster.Succeed(job, 2);
        Assert.Equal([4], _cluster.Granted);
    }

    [Fact]
    public void Tasks_may_end_in_any_order()
    {
        _cluster.Connect("1", cpus: 5);
        var job = _cluster.Submit(JobBuilder.Array(5));

        foreach (var task in (int[])[4, 1, 5, 3])
        {
            _cluster.Succeed(job, task, seconds: 0.5);
        }

        Assert.Equal(TaskState.Leased, _cluster.StateOf(job, 2));
        Assert.Equal(4, _cluster.State.View(job)!.Counts.Succeeded);
        _cluster.Succeed(job, 2);
        Assert.Equal(JobState.Succeeded, _cluster.EndOf(job).State);
    }

    [Fact]
    public void What_is_given_back_goes_first_again_with_the_same_number_of_attempt()
    {
        _cluster.Connect("1", cpus: 4);
        var job = _cluster.Submit(JobBuilder.Array(8));
        var leases = _cluster.Made<LeasesGranted>().Single().Leases;

        _cluster.Do(s => s.GiveBack(new NodeId("1"), _cluster.IncarnationOf("1"), LeaseSet.Of([new LeaseRange(leases.Epoch, leases.FirstSequence + 1, 2)]), _cluster.Now));

        Assert.Equal([2, 3], _cluster.Granted);
        Assert.Equal(1, _cluster.InFlight(job, 2).Attempt);
        Assert.Equal(TaskHistory.None, _cluster.TaskOf(job, 2).History);
    }

    [Fact]
    public void A_range_that_is_given_back_may_be_longer_than_anything_the_node_has()
    {
        _cluster.Connect("1", cpus: 2);
        var job = _cluster.Submit(JobBuilder.Array(4));

        _cluster.Do(s => s.GiveBack(new NodeId("1"), _cluster.IncarnationOf("1"), LeaseSet.Of([new LeaseRange(1, 0, int.MaxValue)]), _cluster.Now));

        Assert.Equal([1, 2], _cluster.Granted);
        Assert.Equal(2, _cluster.State.View(job)!.Counts.Leased);
    }

    [Fact]
    public void The_last_lease_of_a_grant_settles_it()
    {
        _cluster.Connect("1", cpus: 2);
        var job = _cluster.Submit(JobBuilder.Array(2));

        Assert.False(_cluster.Succeed(job, 2).GrantSettled);
        Assert.True(_cluster.Succeed(job, 1).GrantSettled);
    }

    private static NodeDescription Describe(int cpus) => new(NodeKind.Native, "1", "host", "", new Resources(cpus * 1000, 0, 0, []), []);
}
