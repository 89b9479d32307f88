namespace Artel.Core.Tests;

/// <summary>Every unfinished task has a reason, and the reasons of a job add up to its unfinished tasks.</summary>
public sealed class ExplainTests
{
    private static readonly NodeId One = new("1");
    private static readonly NodeId Two = new("2");

    private readonly TestCluster _cluster = new();

    [Fact]
    public void A_task_without_nodes()
    {
        var job = _cluster.Submit(JobBuilder.Array(3));

        Assert.Equal([new NoNode(OnlyClassic: false)], _cluster.Why(job, 1));
        Assert.Equal([(new NoNode(OnlyClassic: false), 3)], _cluster.Why(job));
    }

    [Fact]
    public void Counted_reasons_of_a_job_add_up()
    {
        _cluster.Connect("1", cpus: 1);
        _cluster.Do(s => s.SetLimit("db", 0));
        var job = _cluster.Submit(new JobBuilder().Task("clean", count: 3).Task("fold", count: 18, after: ["clean"])
            .Task("load", count: 5, with: t => t with { Tags = ["db"] }).Task("train", with: t => t with { Needs = Gpus(8) }));
        _cluster.Start(job, 1);

        var reasons = _cluster.State.Explain(job, _cluster.Now)!;

        Assert.Equal(27, reasons.Unfinished);
        Assert.Equal(
            [
                (new TagLimitReached("db", 0, 0), 5),
                (new FitsNoNode(new NodeLack(LackKind.Resource, NodeLack.Gpus, 8000, 0)), 1),
                (new AfterTemplate(new TemplateName("clean", 1, 3), false, 0, 3), 18), (new NoRoom(), 2),
                (new InFlight(true, InFlightTrouble.None, null, true), 1),
            ],
            _cluster.Why(job));
        Assert.Equal(22, reasons.Reasons[0].FirstTask);
    }

    [Fact]
    public void A_job_of_higher_priority_goes_first()
    {
        _cluster.Connect("1", cpus: 1);
        _cluster.Submit(JobBuilder.Single());
        var urgent = _cluster.Submit(JobBuilder.Array(4).Priority(5));
        var job = _cluster.Submit(JobBuilder.Array(2));

        var reason = Assert.Single(_cluster.State.Explain(job, _cluster.Now)!.Reasons);

        Assert.Equal((new HigherPriority(urgent, 5, 0), 2, 4), (reason.Why, reason.Tasks, reason.Ahead));
        Assert.Equal([new HigherPriority(urgent, 5, 0)], _cluster.Why(job, 2));
        Assert.Equal([(new NoRoom(), 4)], _cluster.Why(urgent));
    }

    [Fact]
    public void A_job_of_higher_priority_that_fits_no_node_is_not_ahead()
    {
        _cluster.Connect("1", cpus: 1);
        _cluster.Submit(JobBuilder.Single());
        _cluster.Submit(JobBuilder.Single(t => t with { Needs = Gpus(1) }).Priority(5));

        Assert.Equal([new NoRoom()], _cluster.Why(_cluster.Submit(JobBuilder.Single()), 1));
    }

    [Fact]
    public void Another_user_with_less_goes_first()
    {
        _cluster.Connect("1", cpus: 2);
        _cluster.Submit(Of("alice", 2));
        var bob = _cluster.Submit(Of("bob", 3));

        Assert.Equal([(new FairShare("bob", bob), 1)], _cluster.Why(_cluster.Submit(Of("alice", 1))));
    }

    [Fact]
    public void An_older_job_goes_first_and_tasks_before_it_in_its_own_job_are_counted()
    {
        _cluster.Connect("1", cpus: 1);
        var first = _cluster.Submit(JobBuilder.Array(3));
        var second = _cluster.Submit(JobBuilder.Array(5));

        var reason = Assert.Single(_cluster.State.Explain(new TaskId(second, 3), _cluster.Now)!.Reasons);

        Assert.Equal((new OlderJob(first), 4), (reason.Why, reason.Ahead));
    }

    [Fact]
    public void A_node_that_is_kept_for_a_larger_task_is_named()
    {
        _cluster.Connect("1", cpus: 2);
        var small = _cluster.Submit(JobBuilder.Array(2, t => t with { Timeout = TimeSpan.FromHours(1) }));
        var large = _cluster.Submit(JobBuilder.Single(t => t with { Needs = Cpus(2) }));
        _cluster.Succeed(small, 1, seconds: 100);

        var job = _cluster.Submit(JobBuilder.Single());

        Assert.Equal(large, Assert.IsType<NodeReserved>(Assert.Single(_cluster.Why(job, 1))).Job);
    }

    [Fact]
    public void A_survey_lists_the_nodes_by_what_they_lack()
    {
        _cluster.Connect("1", cpus: 1);
        _cluster.Connect("2", cpus: 8, labels: [new Label("os", "linux")]);
        _cluster.Connect("3", cpus: 8, labels: [new Label("os", "linux")]);
        _cluster.Connect("4", cpus: 8, labels: [new Label("os", "linux")]);
        _cluster.Do(s => s.Drain(new NodeId("3"), draining: true));
        _cluster.Disconnect("4");
        _cluster.Submit(JobBuilder.Array(7, t => t with { Labels = [new Label("os", "linux")] }));
        var job = _cluster.Submit(JobBuilder.Single(t => t with { Labels = [new Label("os", "linux")], Needs = Cpus(2) }));

        var survey = Assert.Single(_cluster.State.Explain(job, _cluster.Now)!.Reasons).Nodes!;

        Assert.Equal(4, survey.Looked);
        Assert.Equal(
            [
                (new NodeLack(LackKind.Room, NodeLack.Cpus, 2000, 1000), "2"), (new NodeLack(LackKind.Draining), "3"),
                (new NodeLack(LackKind.Disconnected, Until: _cluster.Now + ClusterRules.Default.LostAfter), "4"),
                (new NodeLack(LackKind.Labels, "os=linux"), "1"),
            ],
            survey.Rows.Select(r => (r.Lack, r.Some.Single().Value)));
    }

    [Fact]
    public void An_estimate_follows_from_how_long_such_tasks_took()
    {
        _cluster.Connect("1", cpus: 2);
        var job = _cluster.Submit(JobBuilder.Array(20));
        Assert.Null(_cluster.State.Explain(job, _cluster.Now)!.Reasons[0].Start);
        _cluster.Succeed(job, 1, seconds: 10);
        _cluster.Start(job, 2);
        _cluster.Start(job, 3);
        _cluster.Pass(4);

        Assert.Equal(_cluster.Now.AddSeconds(6), _cluster.State.Explain(job, _cluster.Now)!.Reasons[0].Start);

        // Ten go before it, two every ten seconds.
        var last = _cluster.State.Explain(new TaskId(job, 14), _cluster.Now)!.Reasons[0];
        Assert.Equal((10, _cluster.Now.AddSeconds(6 + 50)), (last.Ahead, last.Start!.Value));
    }

    [Fact]
    public void A_list_whose_node_does_not_exist()
    {
        _cluster.Connect("1");
        var job = _cluster.Submit(new JobBuilder().List("7", tasks: 2));

        Assert.Equal([(new OnOneNode(new NodeId("7"), new NodeLack(LackKind.Unknown)), 2)], _cluster.Why(job));
    }

    [Fact]
    public void A_list_whose_node_is_away_lost_or_draining()
    {
        _cluster.Connect("1");
        var job = _cluster.Submit(new JobBuilder().List("1", tasks: 1), held: true);
        _cluster.Do(s => s.Drain(One, draining: true));
        _cluster.Do(s => s.Hold(job, held: false));
        Assert.Equal([new OnOneNode(One, new NodeLack(LackKind.Draining))], _cluster.Why(job, 1));

        _cluster.Disconnect("1");
        Assert.Equal(LackKind.Disconnected, Assert.IsType<OnOneNode>(_cluster.Why(job, 1)[0]).Lack.Kind);
        _cluster.Pass(ClusterRules.Default.LostAfter);
        Assert.Equal([(new OnOneNode(One, new NodeLack(LackKind.Lost)), 1)], _cluster.Why(job));
    }

    [Fact]
    public void Needs_that_can_never_be_met()
    {
        _cluster.Connect("1", cpus: 2, counters: [new Counter("licence", 1)]);
        var needs = new Needs(1000, 0, 0, [new Counter("licence", 3)]);
        var job = _cluster.Submit(new JobBuilder()
            .List("1", tasks: 1, with: t => t with { Needs = needs })
            .Task("free", with: t => t with { Needs = needs }));

        var lack = new NodeLack(LackKind.Resource, "licence", 3, 1);
        Assert.Equal([new OnOneNode(One, lack)], _cluster.Why(job, 1));
        Assert.Equal([new FitsNoNode(lack)], _cluster.Why(job, 2));
    }

    [Fact]
    public void Nodes_that_are_all_draining()
    {
        _cluster.Connect("1");
        _cluster.Do(s => s.Drain(One, draining: true));

        var job = _cluster.Submit(JobBuilder.Single());

        Assert.Equal([new NoNodeTakesWork(One, new NodeLack(LackKind.Draining), 1)], _cluster.Why(job, 1));
    }

    [Fact]
    public void A_turn_in_a_list_and_behind_what_waits()
    {
        _cluster.Connect("1");
        _cluster.Connect("2");
        var job = _cluster.Submit(new JobBuilder()
            .List("1", tasks: 3, atOnce: 2)
            .List("2", 1, new ListTask("fold", After: ["last"]), new ListTask("report"))
            .Task("last"));

        Assert.Equal([new TurnInList(One, 2)], _cluster.Why(job, 3));
        Assert.Equal([new AfterTemplate(new TemplateName("last", 6, 6), false, 0, 1)], _cluster.Why(job, 4));
        Assert.Equal([new BehindInList(Two, new TemplateName("fold", 4, 4))], _cluster.Why(job, 5));
    }

    [Fact]
    public void What_may_run_at_once_is_split_from_what_waits_for_room()
    {
        _cluster.Connect("1", cpus: 1);
        var job = _cluster.Submit(JobBuilder.Array(10, t => t with { AtOnce = 3 }));

        Assert.Equal(
            [
                (new AtOnceReached(new TemplateName("array", 1, 10), 1, 3), 7),
                (new NoRoom(), 2),
                (new InFlight(false, InFlightTrouble.None, null, true), 1),
            ],
            _cluster.Why(job));
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
        var reasons = _cluster.State.Explain(new TaskId(job, 101), _cluster.Now)!.Reasons;

        Assert.Equal([1, 0, 0, 0, 0, 0, 0, 0], reasons.Select(r => r.Tasks));
    }

    [Fact]
    public void Retries_that_wait_show_when_the_first_and_the_last_are_due()
    {
        _cluster.Connect("1");
        var retry = new RetryPolicy(3, TimeSpan.FromSeconds(10), 1, TimeSpan.FromSeconds(10));
        var job = _cluster.Submit(JobBuilder.Array(2, t => t with { Retry = retry }));
        _cluster.Fail(job, 1);
        var first = _cluster.Now.AddSeconds(10);
        _cluster.Pass(seconds: 2.5);
        _cluster.Fail(job, 2);

        Assert.Equal([new BackingOff(first, first, 1, 3)], _cluster.Why(job, 1));
        Assert.Equal([(new BackingOff(first, _cluster.Now.AddSeconds(10), 0, 0), 2)], _cluster.Why(job));
    }

    [Fact]
    public void A_held_job()
    {
        var job = _cluster.Submit(JobBuilder.Array(4), held: true);

        Assert.Equal([new JobHeld()], _cluster.Why(job, 1));
        Assert.Equal([(new JobHeld(), 4)], _cluster.Why(job));
    }

    [Fact]
    public void A_task_that_waits_for_the_node_it_was_lost_with()
    {
        _cluster.Connect("1");
        var job = _cluster.Submit(JobBuilder.Single(t => t with { OnNodeLost = OnNodeLost.Wait }));
        _cluster.Start(job, 1);
        _cluster.Disconnect("1");
        Assert.Equal([new InFlight(true, InFlightTrouble.Disconnected, null, true)], _cluster.Why(job, 1));

        _cluster.Pass(ClusterRules.Default.LostAfter);

        Assert.Equal([(new OnOneNode(One, new NodeLack(LackKind.Lost)), 1)], _cluster.Why(job));
    }

    [Fact]
    public void What_runs_shows_where_and_since_when()
    {
        _cluster.Connect("1", cpus: 2);
        _cluster.Connect("2", cpus: 1);
        var job = _cluster.Submit(JobBuilder.Array(3));
        foreach (var task in (int[])[1, 2, 3])
        {
            _cluster.Start(job, task);
        }

        var running = Assert.Single(_cluster.State.Explain(job, _cluster.Now)!.Reasons);

        Assert.Equal(new InFlight(true, InFlightTrouble.None, null, true), running.Why);
        Assert.Equal((3, _cluster.Now), (running.Tasks, running.Since!.Value));
        Assert.Equal([new NodeTasks(One, 2), new NodeTasks(Two, 1)], running.Where);
        _cluster.Do(s => s.Cancel(job, [new TaskRange(3, 3)], _cluster.Now, by: "alice"));
        Assert.Equal([new InFlight(true, InFlightTrouble.Cancelled, null, true)], _cluster.Why(job, 3));
    }

    [Fact]
    public void Nothing_is_said_of_what_has_ended_or_never_was()
    {
        _cluster.Connect("1");
        var job = _cluster.Submit(JobBuilder.Array(2));
        _cluster.Succeed(job, 2);

        Assert.Empty(_cluster.Why(job, 2));
        foreach (var task in (TaskId[])[new(job, 3), new(job, 0), new(new JobId(9), 1)])
        {
            Assert.Null(_cluster.State.Explain(task, _cluster.Now));
        }

        Assert.Null(_cluster.State.Explain(new JobId(9), _cluster.Now));
    }

    [Fact]
    public void Who_cancelled_a_task_is_kept()
    {
        var job = _cluster.Submit(JobBuilder.Array(2));

        _cluster.Do(s => s.Cancel(job, [], _cluster.Now, by: "alice"));

        Assert.Equal("cancelled by alice", Assert.Single(_cluster.Made<TasksEnded>()).Reason);
    }

    [Fact]
    public void A_cancelled_attempt_is_not_a_failed_one()
    {
        _cluster.Connect("1", cpus: 1);
        var job = _cluster.Submit(JobBuilder.Array(2));
        _cluster.Start(job, 1);
        _cluster.Do(s => s.Cancel(job, [new TaskRange(1, 1)], _cluster.Now));

        _cluster.End(job, 1, Results.Of(AttemptOutcome.Cancelled, 1));

        Assert.Equal(0, Assert.Single(_cluster.State.View(job)!.Nodes).FailedAttempts);
    }

    [Fact]
    public void Of_many_reasons_the_rest_is_counted_together()
    {
        var builder = new JobBuilder();
        for (var i = 1; i <= 40; i++)
        {
            builder.List($"missing-{i}", tasks: i);
        }

        var job = _cluster.Submit(builder);
        var explanation = _cluster.State.Explain(job, _cluster.Now)!;

        Assert.Equal(820, explanation.Reasons.Sum(r => r.Tasks));
        Assert.Equal(new ManyReasons(21), explanation.Reasons[^1].Why);
        Assert.Equal(20, explanation.Reasons.Length);
    }

    [Fact]
    public void A_job_of_a_great_many_templates_is_explained_as_far_as_the_budget_goes()
    {
        _cluster.Connect("1", cpus: 1);
        var builder = new JobBuilder();
        for (var i = 0; i < 100; i++)
        {
            builder.Task("");
        }

        var job = _cluster.State.Explain(_cluster.Submit(builder), _cluster.Now, new ExplainBudget { Templates = 10 })!;

        Assert.Equal(100, job.Reasons.Sum(r => r.Tasks));
        Assert.Contains(job.Reasons, r => r is { Why: NotExamined, Tasks: > 80 });
    }

    private static JobBuilder Of(string user, int tasks) => JobBuilder.Array(tasks).With(j => j with { User = user });

    private static Needs Cpus(int cpus) => new(cpus * 1000, 0, 0, []);

    private static Needs Gpus(int gpus) => new(1000, 0, gpus * 1000, []);
}
