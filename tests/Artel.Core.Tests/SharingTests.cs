namespace Artel.Core.Tests;

/// <summary>Who goes first: priorities, users, preferred nodes, and tasks that wait for more room than there is.</summary>
public sealed class SharingTests
{
    private static readonly Needs FourCpus = new(4000, 0, 0, []);
    private readonly TestCluster _cluster = new();

    [Fact]
    public void A_priority_can_be_changed_while_tasks_wait()
    {
        _cluster.Connect("1", cpus: 1);
        var first = _cluster.Submit(JobBuilder.Array(3));
        var second = _cluster.Submit(JobBuilder.Array(3));
        Assert.Equal(TaskState.Leased, _cluster.StateOf(first, 1));

        Assert.True(_cluster.Do(s => s.SetPriority(second, 5)));
        _cluster.Succeed(first, 1);

        Assert.Equal(TaskState.Leased, _cluster.StateOf(second, 1));
        Assert.Equal(5, _cluster.State.View(second)!.Priority);
        _cluster.RestartServer();
        Assert.Equal(5, _cluster.State.View(second)!.Priority);
    }

    [Fact]
    public void A_priority_moves_lists_of_nodes_too()
    {
        _cluster.Connect("1", cpus: 1);
        var needy = (TemplateSpec t) => t with { Needs = Needs.OneCpu };
        var first = _cluster.Submit(new JobBuilder().List("1", 3, with: needy));
        var second = _cluster.Submit(new JobBuilder().List("1", 3, with: needy));

        _cluster.Do(s => s.SetPriority(second, 1));
        _cluster.Succeed(first, 1);

        Assert.Equal(TaskState.Leased, _cluster.StateOf(second, 1));
    }

    [Fact]
    public void Users_share_what_there_is_whoever_came_first()
    {
        _cluster.Connect("1", cpus: 8);
        var ada = _cluster.Submit(Of("ada", 100));
        Assert.Equal(8, Leased(ada));
        var bob = _cluster.Submit(Of("bob", 100));

        for (var task = 1; task <= 4; task++)
        {
            _cluster.Succeed(ada, task);
        }

        Assert.Equal((4, 4), (Leased(ada), Leased(bob)));
    }

    [Fact]
    public void An_empty_cluster_is_shared_out_from_the_start()
    {
        var ada = _cluster.Submit(Of("ada", 100));
        var second = _cluster.Submit(Of("ada", 100));
        var bob = _cluster.Submit(Of("bob", 100));
        var eve = _cluster.Submit(Of("eve", 2));

        _cluster.Connect("1", cpus: 12);

        Assert.Equal((5, 0, 5, 2), (Leased(ada), Leased(second), Leased(bob), Leased(eve)));
    }

    [Fact]
    public void Priority_goes_before_sharing()
    {
        var ada = _cluster.Submit(Of("ada", 100).Priority(1));
        var bob = _cluster.Submit(Of("bob", 100));

        _cluster.Connect("1", cpus: 12);

        Assert.Equal((12, 0), (Leased(ada), Leased(bob)));
    }

    [Fact]
    public void Preferred_nodes_are_filled_first_and_nobody_waits_for_them()
    {
        _cluster.Connect("1", cpus: 4);
        _cluster.Connect("2", cpus: 4, labels: [new Label("disk", "ssd")]);

        var job = _cluster.Submit(JobBuilder.Array(6, t => t with { Prefer = [new Label("disk", "ssd")] }));

        Assert.Equal(["2", "2", "2", "2", "1", "1"], Enumerable.Range(1, 6).Select(task => _cluster.NodeOf(job, task)));
    }

    [Fact]
    public void A_stream_of_small_tasks_does_not_hold_off_a_large_one()
    {
        _cluster.Connect("1", cpus: 4);
        var running = _cluster.Submit(JobBuilder.Array(4));
        var large = _cluster.Submit(JobBuilder.Single(t => t with { Needs = FourCpus }));
        var small = _cluster.Submit(JobBuilder.Array(100, t => t with { Needs = new Needs(500, 0, 0, []) }));
        for (var task = 1; task <= 3; task++)
        {
            _cluster.Succeed(running, task);
            Assert.Equal(0, Leased(small));
        }

        _cluster.Succeed(running, 4);

        Assert.Equal(TaskState.Leased, _cluster.StateOf(large, 1));
        Assert.Equal(0, Leased(small));
        _cluster.Succeed(large, 1);
        Assert.Equal(8, Leased(small));
    }

    [Fact]
    public void A_stream_of_small_tasks_does_not_hold_off_a_large_one_that_is_known_to_be_short()
    {
        _cluster.Connect("1", cpus: 4);
        _cluster.Succeed(_cluster.Submit(JobBuilder.Single(t => t with { Needs = FourCpus })), 1, seconds: 0.001);
        var running = _cluster.Submit(JobBuilder.Array(4));
        var large = _cluster.Submit(JobBuilder.Single(t => t with { Needs = FourCpus }));
        var small = _cluster.Submit(JobBuilder.Array(100));

        for (var task = 1; task <= 4; task++)
        {
            Assert.Equal((TaskState.Ready, 0), (_cluster.StateOf(large, 1), Leased(small)));
            _cluster.Succeed(running, task);
        }

        Assert.Equal(TaskState.Leased, _cluster.StateOf(large, 1));
    }

    [Fact]
    public void A_large_short_one_comes_to_its_turn_on_a_node_that_is_full_of_short_ones()
    {
        _cluster.Connect("1", cpus: 4);
        _cluster.Succeed(_cluster.Submit(JobBuilder.Single(t => t with { Needs = FourCpus })), 1, seconds: 0.001);
        var small = _cluster.Submit(JobBuilder.Array(10_000));
        _cluster.Succeed(small, 1, seconds: 0.001);
        var large = _cluster.Submit(JobBuilder.Single(t => t with { Needs = FourCpus }).Priority(1));
        Assert.Equal(TaskState.Ready, _cluster.StateOf(large, 1));

        // It goes before the many that are behind it, as soon as less is ahead than there may be.
        var ended = 0;
        foreach (var task in Enumerable.Range(2, 10))
        {
            _cluster.Succeed(small, task, seconds: 0.001);
            ended++;
            if (_cluster.StateOf(large, 1) == TaskState.Leased)
            {
                break;
            }
        }

        Assert.InRange(ended, 1, 9);
    }

    [Fact]
    public void What_fits_beside_the_large_one_goes_on()
    {
        _cluster.Connect("1", cpus: 4, memory: 100);
        var running = _cluster.Submit(JobBuilder.Array(2));
        var large = _cluster.Submit(JobBuilder.Single(t => t with { Needs = FourCpus }));

        var beside = _cluster.Submit(JobBuilder.Array(3, t => t with { Needs = new Needs(0, 10, 0, []) }));

        Assert.Equal(3, Leased(beside));
        _cluster.Succeed(running, 1);
        _cluster.Succeed(running, 2);
        Assert.Equal(TaskState.Leased, _cluster.StateOf(large, 1));
    }

    [Fact]
    public void The_gap_before_the_large_one_is_used_by_what_ends_in_time()
    {
        _cluster.Connect("1", cpus: 4);
        var running = _cluster.Submit(JobBuilder.Array(2, t => t with { Timeout = TimeSpan.FromMinutes(10) }));
        _cluster.Start(running, 1);
        _cluster.Start(running, 2);
        var large = _cluster.Submit(JobBuilder.Single(t => t with { Needs = FourCpus }));

        var tooLong = _cluster.Submit(JobBuilder.Array(5, t => t with { Timeout = TimeSpan.FromMinutes(11) }));
        var unknown = _cluster.Submit(JobBuilder.Array(5));
        var quick = _cluster.Submit(JobBuilder.Array(5, t => t with { Timeout = TimeSpan.FromMinutes(9) }));

        Assert.Equal((0, 0, 2), (Leased(tooLong), Leased(unknown), Leased(quick)));

        // Later the rest of the gap is too short for it.
        _cluster.Pass(120);
        _cluster.Succeed(quick, 1);
        _cluster.Succeed(quick, 2);
        Assert.Equal(0, Leased(quick));
        _cluster.Succeed(running, 1);
        _cluster.Succeed(running, 2);
        Assert.Equal(TaskState.Leased, _cluster.StateOf(large, 1));
    }

    [Fact]
    public void A_node_is_kept_while_others_serve_the_small_ones()
    {
        _cluster.Connect("1", cpus: 4);
        _cluster.Connect("2", cpus: 4);
        var running = _cluster.Submit(JobBuilder.Array(8));
        var large = _cluster.Submit(JobBuilder.Single(t => t with { Needs = FourCpus }));
        var small = _cluster.Submit(JobBuilder.Array(1000));

        // Two of each node end: the small ones get the room of one node only.
        foreach (var task in new[] { 1, 2, 3, 4, 5, 6, 7, 8 }.GroupBy(t => _cluster.NodeOf(running, t)).SelectMany(g => g.Take(2)))
        {
            _cluster.Succeed(running, task);
        }

        Assert.Equal(2, Leased(small));
        Assert.Equal(TaskState.Ready, _cluster.StateOf(large, 1));
    }

    [Fact]
    public void A_cancelled_large_one_lets_the_others_in_at_once()
    {
        _cluster.Connect("1", cpus: 4);
        _cluster.Submit(JobBuilder.Array(2));
        var large = _cluster.Submit(JobBuilder.Single(t => t with { Needs = FourCpus }));
        var small = _cluster.Submit(JobBuilder.Array(5));
        Assert.Equal(0, Leased(small));

        _cluster.Do(s => s.Cancel(large, [], _cluster.Now));

        Assert.Equal(2, Leased(small));
    }

    [Fact]
    public void No_node_is_kept_for_what_waits_for_a_limit()
    {
        _cluster.Connect("1", cpus: 4);
        _cluster.Do(s => s.SetLimit("db", 1));
        _cluster.Submit(JobBuilder.Array(2));
        var large = _cluster.Submit(JobBuilder.Single(t => t with { Needs = FourCpus, Tags = ["db"] }));
        var small = _cluster.Submit(JobBuilder.Array(5));
        Assert.Equal(0, Leased(small));

        _cluster.Do(s => s.SetLimit("db", 0));

        Assert.Equal(2, Leased(small));
        Assert.Equal(TaskState.Ready, _cluster.StateOf(large, 1));
    }

    [Fact]
    public void A_higher_priority_takes_the_room_that_was_kept()
    {
        _cluster.Connect("1", cpus: 4);
        _cluster.Submit(JobBuilder.Array(2));
        _cluster.Submit(JobBuilder.Single(t => t with { Needs = FourCpus }));

        var urgent = _cluster.Submit(JobBuilder.Array(2).Priority(1));

        Assert.Equal(2, Leased(urgent));
    }

    [Fact]
    public void A_user_who_comes_third_is_served_though_two_have_filled_the_cluster()
    {
        _cluster.Connect("1", cpus: 2);
        _cluster.Connect("2", cpus: 2);
        _cluster.Submit(Of("alice", 3000));
        _cluster.Submit(Of("bob", 500));
        EndOldest(20);

        var carol = _cluster.Submit(Of("carol", 4));
        EndOldest(12);

        Assert.Equal(0, _cluster.State.View(carol)?.Counts.Ready ?? 0);
    }

    [Fact]
    public void A_single_place_goes_round()
    {
        _cluster.Connect("1", cpus: 1);
        JobId[] jobs = [_cluster.Submit(Of("alice", 100)), _cluster.Submit(Of("bob", 100)), _cluster.Submit(Of("carol", 100))];

        EndOldest(30);

        Assert.Equal([10, 10, 10], jobs.Select(job => _cluster.State.View(job)!.Counts.Succeeded));
    }

    [Fact]
    public void Retries_on_other_nodes_take_turns_with_other_users()
    {
        _cluster.Connect("1", cpus: 2);
        _cluster.Connect("2", cpus: 2);
        var alice = _cluster.Submit(JobBuilder.Array(40, t => t with { Retry = new RetryPolicy(1, default, 1, default) { AvoidSameNode = true } })
            .With(j => j with { User = "alice" }));
        for (var task = 1; task <= 40; task++)
        {
            _cluster.Fail(alice, task);
        }

        var bob = _cluster.Submit(Of("bob", 10));
        _cluster.Pass(1);
        EndOldest(20);

        Assert.Equal(0, _cluster.State.View(bob)?.Counts.Ready ?? 0);
    }

    [Fact]
    public void Users_who_have_less_do_not_hold_off_a_large_task_for_ever()
    {
        Label[] fast = [new("kind", "fast")];
        Label[] slow = [new("kind", "slow")];
        _cluster.Connect("1", cpus: 4, labels: fast);
        _cluster.Connect("2", cpus: 4, labels: slow);
        var carol = Enumerable.Range(0, 3).Select(_ => _cluster.Submit(Of("carol", 1, fast))).ToList();
        _cluster.Submit(Of("alice", 4, slow));
        var large = _cluster.Submit(JobBuilder.Single(t => t with { Needs = FourCpus, Labels = [.. fast] }).With(j => j with { User = "alice" }));

        // Carol never has more than alice, and something new as soon as something ends.
        var passed = 0;
        for (; _cluster.StateOf(large, 1) == TaskState.Ready && passed < 1000; passed++)
        {
            carol.Add(_cluster.Submit(Of("carol", 1, fast)));
            var running = carol.First(job => _cluster.State.View(job) is { Counts.Leased: 1 });
            _cluster.Pass(1);
            _cluster.Succeed(running, 1);
        }

        Assert.InRange(passed, Reservation.MostPassed / 2, Reservation.MostPassed * 2);
    }

    private int Leased(JobId job) => _cluster.State.View(job)!.Counts.Leased;

    /// <summary>Ends what was granted first, again and again.</summary>
    private void EndOldest(int count)
    {
        for (; count > 0; count--)
        {
            var ended = _cluster.Made<AttemptEnded>().Select(e => e.Lease).ToHashSet();
            var (job, task) = _cluster.Made<LeasesGranted>()
                .SelectMany(g => Enumerable.Range(0, g.Leases.Count).Where(i => !ended.Contains(g.Leases[i])).Select(i => (g.Job, g.FirstTask + i))).First();
            _cluster.Succeed(job, task);
        }
    }

    private static JobBuilder Of(string user, int count, Label[] labels) =>
        JobBuilder.Array(count, t => t with { Labels = [.. labels] }).With(j => j with { User = user });

    private static JobBuilder Of(string user, int count) => JobBuilder.Array(count).With(j => j with { User = user });
}
