namespace Artel.Core.Tests;

/// <summary>Pictures of many tasks. That they agree with the tasks one by one is an invariant, which the simulation holds them to.</summary>
public sealed class TaskMapTests
{
    private readonly TestCluster _cluster = new();

    [Fact]
    public void Cells_have_equal_sizes_but_for_the_last_one()
    {
        var map = new TaskMap(new TaskRange(11, 20), 4);

        map.Add(new TaskRange(1, 100), TaskState.Ready);
        map.Move(new TaskRange(13, 14), TaskState.Ready, TaskState.Failed);

        Assert.Equal((3, 4), (map.CellSize, map.Cells));
        Assert.Equal([2, 2, 3, 1], map[TaskState.Ready].ToArray());
        Assert.Equal([1, 1, 0, 0], map[TaskState.Failed].ToArray());
        Assert.True(map[TaskState.Running].IsEmpty);
    }

    [Fact]
    public void What_has_left_a_state_is_no_number_of_it()
    {
        var map = new TaskMap(new TaskRange(1, 2), 1);

        map.Add(new TaskRange(1, 2), TaskState.Ready);
        map.Move(new TaskRange(1, 2), TaskState.Ready, TaskState.Succeeded);

        Assert.True(map[TaskState.Ready].IsEmpty);
        Assert.Equal([2], map[TaskState.Succeeded].ToArray());
    }

    [Fact]
    public void Tasks_are_counted_one_by_one_where_each_has_a_state()
    {
        var map = new TaskMap(new TaskRange(11, 15), 2);

        map.AddEach([5, 5, 6, 6, 5]);

        Assert.Equal([2, 1], map[TaskState.Succeeded].ToArray());
        Assert.Equal([1, 1], map[TaskState.Failed].ToArray());
    }

    [Fact]
    public void Cells_of_twenty_million_tasks_do_not_overflow()
    {
        var map = new TaskMap(new TaskRange(1, int.MaxValue - 1), 3);

        map.Add(new TaskRange(1, int.MaxValue), TaskState.Ready);

        Assert.Equal(int.MaxValue - 1, map[TaskState.Ready].ToArray().Sum(c => (long)c));
    }

    [Fact]
    public void A_part_of_a_job_is_counted()
    {
        _cluster.Connect("1", cpus: 3);
        var job = _cluster.Submit(new JobBuilder().Task("first", 4).Task("second", 6, after: ["first"]));
        _cluster.Start(job, 1);
        _cluster.Fail(job, 2);
        var map = new TaskMap(new TaskRange(2, 6), 5);

        Assert.True(_cluster.State.Fill(job, map));

        Assert.Equal([1, 0, 0, 0, 0], map[TaskState.Failed].ToArray());
        Assert.Equal([0, 1, 1, 0, 0], map[TaskState.Leased].ToArray());
        Assert.Equal([0, 0, 0, 1, 1], map[TaskState.Skipped].ToArray());
        Assert.True(map[TaskState.Running].IsEmpty);
        Assert.False(_cluster.State.Fill(new JobId(99), map));
    }

    [Fact]
    public void A_map_of_ten_million_tasks_is_made_without_a_look_at_each()
    {
        _cluster.Connect("1", cpus: 2);
        var state = new ClusterState(ClusterSnapshot.Fresh, ClusterRules.Default, _cluster.Now);
        var job = state.Submit(JobBuilder.Array(10_000_000).Build(), default, "", held: false, _cluster.Now);
        var before = GC.GetAllocatedBytesForCurrentThread();

        var map = new TaskMap(new TaskRange(1, 10_000_000), 1000);
        state.Fill(job, map);

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 20_000);
        Assert.All(map[TaskState.Ready].ToArray(), c => Assert.Equal(10_000, c));
    }

    [Fact]
    public void Templates_are_seen_a_page_at_a_time()
    {
        _cluster.Connect("1", cpus: 2);
        var job = _cluster.Submit(new JobBuilder().Task("a", 3).Task("b", 2, after: ["a"]).Task("c"));
        _cluster.Start(job, 1);

        var page = _cluster.State.ViewTemplates(job, 1, 1);
        var all = _cluster.State.ViewTemplates(job, 0, 10);

        Assert.Equal([new TemplateView(1, new TaskCounts(2, 2, 0, 0, 0, 0, 0, 0, 0))], page);
        Assert.Equal(new TaskCounts(3, 0, 1, 1, 1, 0, 0, 0, 0), all[0].Counts);
        Assert.Equal(3, all.Count);
        Assert.Empty(_cluster.State.ViewTemplates(job, 3, 10));
    }

    [Fact]
    public void What_runs_longest_is_seen_first()
    {
        _cluster.Connect("1", cpus: 4);
        var job = _cluster.Submit(JobBuilder.Array(6));
        foreach (var task in (int[])[3, 1, 4])
        {
            _cluster.Start(job, task);
            _cluster.Pass(1);
        }

        var running = _cluster.State.ViewRunning(job, DateTimeOffset.MaxValue, 2, out var count);

        Assert.Equal([3, 1], running.Select(a => a.Task.Number));
        Assert.Equal(3, count);
        Assert.Equal([3], _cluster.State.ViewRunning(job, running[1].Started!.Value, 2, out _).Select(a => a.Task.Number));
    }

    [Fact]
    public void Loads_are_what_leases_ask_for_and_no_more_than_there_is()
    {
        _cluster.Connect("1", cpus: 4, memory: 100);
        _cluster.Connect("2", cpus: 8);
        _cluster.Disconnect("2");
        var job = _cluster.Submit(JobBuilder.Array(10, t => t with { Needs = t.Needs with { MilliCpus = 1500, MemoryBytes = 10 } }));
        _cluster.Start(job, 1);

        var load = _cluster.State.Measure();
        Assert.Equal((1, new Amounts(3000, 20, 0), new Amounts(4000, 100, 0), 1, 8), (load.NodesConnected, load.Used, load.Total, load.Running, load.Ready));
        Assert.Equal(new NodeLoad(new NodeId("1"), new Amounts(3000, 20, 0), new Amounts(4000, 100, 0), 1, 0, 0), Assert.Single(_cluster.State.MeasureNodes()));
        Assert.Equal(new Amounts(3000, 20, 0), _cluster.State.View(new NodeId("1"))!.Used);

        _cluster.Succeed(job, 1);
        _cluster.Fail(job, 2);
        Assert.Equal((1L, 1L), (_cluster.State.Measure().Succeeded, _cluster.State.Measure().Failed));
        Assert.Equal((1L, 1L), (_cluster.State.MeasureNodes()[0].Succeeded, _cluster.State.MeasureNodes()[0].Failed));
        Assert.Equal(10, _cluster.State.CountTasks().Total);

        _cluster.Do(s => s.Cancel(job, [], _cluster.Now));
        Assert.Equal(0, _cluster.State.CountTasks().Ready);
    }
}
