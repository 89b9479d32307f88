namespace Artel.Core.Tests;

public sealed class WorkAheadTests
{
    private readonly TestCluster _cluster = new();

    [Fact]
    public void Nothing_is_queued_on_a_node_before_it_is_known_how_long_tasks_take()
    {
        _cluster.Connect("1", cpus: 2);

        _cluster.Submit(JobBuilder.Array(1000));

        Assert.Equal(2, _cluster.Granted.Count);
    }

    [Fact]
    public void A_node_with_short_tasks_is_given_work_ahead()
    {
        _cluster.Connect("1", cpus: 1);
        var job = _cluster.Submit(JobBuilder.Array(10_000));

        _cluster.Succeed(job, 1, seconds: 0.001);

        // 50 ms of tasks that take 1 ms, beside the one that runs.
        Assert.InRange(_cluster.Granted.Count, 49, 51);
        Assert.InRange(_cluster.Last.OfType<LeasesGranted>().Count(), 1, 2);
    }

    [Fact]
    public void Even_tasks_that_take_no_time_are_given_in_bounded_numbers()
    {
        _cluster.Connect("1", cpus: 1);
        var job = _cluster.Submit(JobBuilder.Array(100_000));

        _cluster.Succeed(job, 1, seconds: 0);

        Assert.InRange(_cluster.Granted.Count, 1000, WorkAhead.MaxLeases);
    }

    [Fact]
    public void Nothing_is_queued_behind_long_tasks()
    {
        _cluster.Connect("1", cpus: 3);
        var job = _cluster.Submit(JobBuilder.Array(100));

        _cluster.Succeed(job, 1, seconds: 60);

        Assert.Equal([4], _cluster.Granted);
    }

    [Fact]
    public void Jobs_of_one_short_task_are_given_ahead_once_one_like_them_has_ended()
    {
        _cluster.Connect("1", cpus: 1);
        var first = _cluster.Submit(JobBuilder.Single());
        SubmitSingles(100);
        Assert.Empty(_cluster.Granted);

        _cluster.Succeed(first, 1, seconds: 0.001);

        Assert.InRange(_cluster.Granted.Count, 49, 51);
    }

    [Fact]
    public void Nothing_is_queued_behind_a_job_of_one_task_like_one_that_was_long()
    {
        _cluster.Connect("1", cpus: 1);
        var jobs = SubmitSingles(100);
        _cluster.Succeed(jobs[0], 1, seconds: 0.001);

        _cluster.Succeed(jobs[1], 1, seconds: 60);

        // What was given before goes on; after that it takes more than a few short ones to forget it.
        foreach (var job in jobs[2..60])
        {
            _cluster.Succeed(job, 1, seconds: 0.001);
        }

        Assert.Single(_cluster.Granted);
    }

    [Fact]
    public void What_jobs_of_another_name_or_user_take_says_nothing()
    {
        _cluster.Connect("1", cpus: 1);
        var first = _cluster.Submit(JobBuilder.Single());
        SubmitSingles(10, job => job with { Name = "other" });
        SubmitSingles(10, job => job with { User = "other" });

        _cluster.Succeed(first, 1, seconds: 0.001);

        Assert.Single(_cluster.Granted);
    }

    [Fact]
    public void The_times_of_a_thousand_names_are_kept_and_then_learned_anew()
    {
        _cluster.Connect("1", cpus: 1);
        _cluster.Succeed(_cluster.Submit(JobBuilder.Single()), 1, seconds: 0.001);
        foreach (var name in Enumerable.Range(1, 1000))
        {
            _cluster.Succeed(_cluster.Submit(JobBuilder.Single().With(job => job with { Name = $"{name}" })), 1, seconds: 60);
        }

        var jobs = SubmitSingles(10);

        Assert.Single(jobs, job => _cluster.State.View(job)!.Counts.Leased == 1);
    }

    [Fact]
    public void Short_tasks_are_not_queued_behind_long_ones_that_fill_the_node()
    {
        _cluster.Connect("1", cpus: 3);
        var tasks = _cluster.Submit(JobBuilder.Array(1000).Priority(1));
        _cluster.Succeed(tasks, 1, seconds: 0.001);
        _cluster.Do(s => s.Hold(tasks, held: true));
        var longer = _cluster.Submit(JobBuilder.Array(3));
        for (var task = 2; _cluster.State.View(tasks)!.Counts.Leased > 0; task++)
        {
            _cluster.Succeed(tasks, task, seconds: 0.001);
        }

        Assert.Equal(3, _cluster.State.View(longer)!.Counts.Leased);
        _cluster.Do(s => s.Hold(tasks, held: false));

        Assert.Empty(_cluster.Granted);
    }

    [Fact]
    public void One_long_task_does_not_keep_short_ones_from_being_given_ahead_for_the_rest_of_the_node()
    {
        _cluster.Connect("1", cpus: 4);
        _cluster.Submit(JobBuilder.Single());
        var job = _cluster.Submit(JobBuilder.Array(10_000));
        foreach (var task in (int[])[1, 2, 3])
        {
            _cluster.Succeed(job, task, seconds: 0.001);
        }

        Assert.InRange(_cluster.State.View(job)!.Counts.Leased, 140, 155);
    }

    [Fact]
    public void Jobs_of_many_single_tasks_are_given_ahead_like_arrays()
    {
        _cluster.Connect("1", cpus: 1);
        var builder = new JobBuilder();
        for (var i = 0; i < 200; i++)
        {
            builder.Task("");
        }

        var job = _cluster.Submit(builder);
        _cluster.Succeed(job, 1, seconds: 0.001);

        Assert.InRange(_cluster.Granted.Count, 49, 51);
    }

    [Fact]
    public void Few_tasks_are_spread_over_nodes()
    {
        _cluster.Connect("1", cpus: 8);
        _cluster.Connect("2", cpus: 8);
        _cluster.Connect("3", cpus: 8);

        var job = _cluster.Submit(JobBuilder.Array(6));

        Assert.Equal([2, 2, 2], Enumerable.Range(1, 6).CountBy(t => _cluster.NodeOf(job, t)!).Select(n => n.Value));
    }

    [Fact]
    public void Work_goes_to_the_less_busy_first()
    {
        _cluster.Connect("1", cpus: 4);
        _cluster.Submit(JobBuilder.Array(2));
        _cluster.Connect("2", cpus: 4);

        var job = _cluster.Submit(JobBuilder.Single());

        Assert.Equal("2", _cluster.NodeOf(job, 1));
    }

    [Fact]
    public void Many_tasks_fill_all_nodes_by_their_size()
    {
        _cluster.Connect("1", cpus: 1);
        _cluster.Connect("2", cpus: 5);

        var job = _cluster.Submit(JobBuilder.Array(100));

        Assert.Equal(6, _cluster.Granted.Count);
        Assert.Equal(5, _cluster.Granted.Count(t => _cluster.NodeOf(job, t) == "2"));
    }

    [Fact]
    public void Stuck_work_is_taken_back_when_another_node_is_idle_and_goes_there()
    {
        var (job, stuck) = StuckOn1();
        _cluster.Connect("2", cpus: 1);

        Assert.Empty(_cluster.Do(s => s.Reclaim(_cluster.Now)));
        _cluster.Pass(seconds: 1);
        var (node, count) = Assert.Single(_cluster.Do(s => s.Reclaim(_cluster.Now)));
        Assert.Equal((new NodeId("1"), (stuck + 1) / 2), (node, count));
        Assert.Empty(_cluster.Do(s => s.Reclaim(_cluster.Now)));

        var last = _cluster.State.ViewAttempts(node, 1000)[^1];
        _cluster.Do(s => s.GiveBack(node, _cluster.IncarnationOf("1"), LeaseSet.Of([new LeaseRange(last.Lease.Epoch, last.Lease.Sequence - count + 1, count)]), _cluster.Now));

        // As far as it has room: 50 ms of them. None go back to where they were stuck.
        Assert.InRange(_cluster.State.View(new NodeId("2"))!.Backlog, 1, count);
        Assert.All(_cluster.Last.OfType<LeasesGranted>(), g => Assert.Equal("2", g.Node.Value));
        Assert.Equal(TaskState.Running, _cluster.StateOf(job, 2));
    }

    [Fact]
    public void Tasks_that_nobody_can_run_do_not_keep_stuck_work_from_being_taken_back()
    {
        StuckOn1();
        _cluster.Submit(JobBuilder.Single(t => t with { Needs = new Needs(64_000, 0, 0, []) }));
        _cluster.Connect("2", cpus: 1);
        _cluster.Pass(seconds: 1);

        Assert.Single(_cluster.Do(s => s.Reclaim(_cluster.Now)));
    }

    [Fact]
    public void Nothing_is_taken_back_for_a_node_that_could_not_run_it()
    {
        StuckOn1();
        _cluster.Connect("2", cpus: 0.5);
        _cluster.Pass(seconds: 1);

        Assert.Empty(_cluster.Do(s => s.Reclaim(_cluster.Now)));
    }

    [Fact]
    public void Nothing_is_taken_back_while_all_are_busy()
    {
        StuckOn1();
        _cluster.Connect("2", cpus: 1);
        _cluster.Submit(JobBuilder.Single());
        _cluster.Pass(seconds: 1);

        Assert.Empty(_cluster.Do(s => s.Reclaim(_cluster.Now)));
    }

    [Fact]
    public void Nothing_is_taken_back_for_a_node_that_is_about_to_get_something_else()
    {
        StuckOn1();
        _cluster.Connect("2", cpus: 1);
        _cluster.Pass(seconds: 1);

        Assert.Empty(_cluster.Do(s =>
        {
            s.Submit(JobBuilder.Single().Build(), default, "", held: false, _cluster.Now);
            return s.Reclaim(_cluster.Now);
        }));
        Assert.Equal(1, _cluster.State.View(new NodeId("2"))!.Backlog);
    }

    /// <summary>A node that was taken for quick, and has work queued behind a task that takes long after all.</summary>
    private (JobId Job, int Stuck) StuckOn1()
    {
        _cluster.Connect("1", cpus: 1);
        var job = _cluster.Submit(JobBuilder.Array(40));
        _cluster.Succeed(job, 1, seconds: 0.001);
        _cluster.Start(job, 2);
        return (job, _cluster.State.View(new NodeId("1"))!.Backlog);
    }

    private List<JobId> SubmitSingles(int count, Func<JobSpec, JobSpec>? with = null) =>
        [.. Enumerable.Range(1, count).Select(_ => _cluster.Submit(JobBuilder.Single().With(with ?? (job => job))))];
}
