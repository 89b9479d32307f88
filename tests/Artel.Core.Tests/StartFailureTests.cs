namespace Artel.Core.Tests;

/// <summary>A node on which nothing can be started does not take the work of the others, and a task that starts nowhere fails as soon as that is known.</summary>
public sealed class StartFailureTests
{
    private static readonly AttemptResult NotStarted = Results.Of(AttemptOutcome.NotStarted) with { Message = "no such file: sleep" };

    private readonly TestCluster _cluster = new();

    [Fact]
    public void A_task_that_cannot_be_started_is_tried_on_another_node_and_has_not_failed()
    {
        _cluster.Connect("bad", cpus: 1);
        var job = _cluster.Submit(JobBuilder.Single());
        _cluster.Connect("good", cpus: 1);

        var ended = _cluster.End(job, 1, NotStarted);

        Assert.Equal((TaskState.Ready, 0), (ended.Next, ended.History.Failures));
        Assert.Equal(("good", 2), (_cluster.NodeOf(job, 1), _cluster.InFlight(job, 1).Attempt));
    }

    [Fact]
    public void It_waits_for_a_node_that_is_busy_and_says_so()
    {
        _cluster.Connect("good", cpus: 1);
        var busy = _cluster.Submit(JobBuilder.Single());
        _cluster.Start(busy, 1);
        _cluster.Connect("bad", cpus: 1);
        var job = _cluster.Submit(JobBuilder.Single());

        _cluster.End(job, 1, NotStarted);

        Assert.Equal(TaskState.Ready, _cluster.StateOf(job, 1));
        var avoids = new Avoids([new NodeId("bad")], CouldNotStart: true, HasOther: true);
        Assert.Equal([new NoRoom(), avoids], _cluster.Why(job, 1));
        Assert.Equal([(avoids, 1)], _cluster.Why(job));
        _cluster.Succeed(busy, 1, seconds: 100);
        Assert.Equal("good", _cluster.NodeOf(job, 1));
    }

    [Fact]
    public void Of_a_thousand_tasks_a_bad_node_fails_none_and_gets_few()
    {
        _cluster.Connect("bad", cpus: 2);
        _cluster.Connect("good", cpus: 2);
        var job = _cluster.Submit(JobBuilder.Array(1000));
        var tried = 0;
        for (var steps = 0; _cluster.State.View(job) is { } view && view.Counts.Succeeded < 1000 && steps < 5000; steps++)
        {
            foreach (var attempt in _cluster.State.ViewAttempts(new NodeId("bad"), 10))
            {
                _cluster.End(attempt.Task.Job, attempt.Task.Number, NotStarted);
                tried++;
            }

            foreach (var attempt in _cluster.State.ViewAttempts(new NodeId("good"), 10))
            {
                _cluster.Succeed(attempt.Task.Job, attempt.Task.Number, seconds: 0.1);
            }

            _cluster.Pass(0.1);
        }

        Assert.Equal(new TaskCounts(1000, 0, 0, 0, 0, 1000, 0, 0, 0), _cluster.EndOf(job).Counts);

        // Two at first, and then one after 1, 2, 4, 8, 16 and 32 seconds of the 50 that it takes.
        Assert.InRange(tried, 2, 8);
    }

    [Fact]
    public void A_bad_node_that_is_alone_with_its_work_meanwhile_gets_few_too()
    {
        _cluster.Connect("good", cpus: 1);
        var busy = _cluster.Submit(JobBuilder.Single());
        _cluster.Start(busy, 1);
        _cluster.Connect("bad", cpus: 1);
        var job = _cluster.Submit(JobBuilder.Array(1000));
        var tried = 0;
        for (var i = 0; i < 600; i++)
        {
            foreach (var attempt in _cluster.State.ViewAttempts(new NodeId("bad"), 10))
            {
                _cluster.End(job, attempt.Task.Number, NotStarted);
                tried++;
            }

            _cluster.Pass(0.1);
        }

        Assert.InRange(tried, 3, 10);
        Assert.Equal(1000, _cluster.State.View(job)!.Counts.Ready);
    }

    [Fact]
    public void A_node_is_blamed_when_its_task_starts_elsewhere_and_is_trusted_again_when_one_starts()
    {
        _cluster.Connect("bad", cpus: 1);
        var job = _cluster.Submit(JobBuilder.Single());
        _cluster.Connect("good", cpus: 1);
        _cluster.End(job, 1, NotStarted);
        Assert.Equal("", Problem("bad"));

        _cluster.Start(job, 1);

        Assert.Equal(
            $"the last task of user could not be started here, though such tasks start on other nodes; one is tried now and then; 'artel show {job}.1' says why", Problem("bad"));
        var array = _cluster.Submit(JobBuilder.Array(3));
        Assert.Empty(_cluster.State.ViewAttempts(new NodeId("bad"), 1));
        _cluster.Pass(1);
        var probe = Assert.Single(_cluster.State.ViewAttempts(new NodeId("bad"), 2));

        _cluster.Start(array, probe.Task.Number);

        Assert.Equal("", Problem("bad"));
    }

    [Fact]
    public void Each_failed_try_is_followed_by_a_longer_rest_of_a_minute_at_most()
    {
        _cluster.Connect("bad", cpus: 1);
        var job = _cluster.Submit(JobBuilder.Single());
        _cluster.Connect("good", cpus: 1);
        _cluster.End(job, 1, NotStarted);
        _cluster.Start(job, 1);
        var array = _cluster.Submit(JobBuilder.Array(100));
        var waits = new List<double>();
        for (var wait = 0.0; waits.Count < 8; wait += 0.5)
        {
            if (_cluster.State.ViewAttempts(new NodeId("bad"), 1) is [var probe])
            {
                waits.Add(wait);
                wait = 0;
                _cluster.End(array, probe.Task.Number, NotStarted);
            }

            _cluster.Pass(0.5);
        }

        Assert.Equal([1, 2, 4, 8, 16, 32, 60, 60], waits.Select(w => Math.Round(w)));
    }

    [Fact]
    public void A_task_that_starts_on_no_node_fails_and_the_nodes_are_not_to_blame()
    {
        _cluster.Connect("a", cpus: 1);
        _cluster.Connect("b", cpus: 1);
        var job = _cluster.Submit(JobBuilder.Array(1000));
        var ends = 0;
        while (_cluster.State.View(job) is not null)
        {
            foreach (var node in new[] { "a", "b" })
            {
                foreach (var attempt in _cluster.State.ViewAttempts(new NodeId(node), 10))
                {
                    _cluster.End(job, attempt.Task.Number, NotStarted);
                    ends++;
                }
            }
        }

        Assert.Equal(1000, _cluster.EndOf(job).Counts.Failed);
        Assert.InRange(ends, 1000, 1003);
        Assert.Equal(("", ""), (Problem("a"), Problem("b")));
    }

    [Fact]
    public void With_one_node_it_fails_at_once()
    {
        _cluster.Connect("only");
        var job = _cluster.Submit(JobBuilder.Single());

        Assert.Equal(TaskState.Failed, _cluster.End(job, 1, NotStarted).Next);
    }

    [Fact]
    public void No_retry_on_not_started_fails_at_once()
    {
        _cluster.Connect("bad");
        var job = _cluster.Submit(JobBuilder.Array(1, t => t with
        {
            Retry = new RetryPolicy(3, default, 1, default) { NoRetryOn = new FailureSet([], [AttemptOutcome.NotStarted]) },
        }));
        _cluster.Connect("good");

        Assert.Equal(TaskState.Failed, _cluster.End(job, 1, NotStarted).Next);
    }

    [Fact]
    public void What_hinders_one_user_does_not_hinder_others()
    {
        _cluster.Connect("bad", cpus: 1);
        var job = _cluster.Submit(JobBuilder.Single());
        _cluster.Connect("good", cpus: 1);
        _cluster.End(job, 1, NotStarted);
        _cluster.Start(job, 1);

        var other = _cluster.Submit(JobBuilder.Single().With(s => s with { User = "bob" }));

        Assert.Equal("bad", _cluster.NodeOf(other, 1));
    }

    [Fact]
    public void A_node_whose_agent_was_started_anew_is_trusted()
    {
        _cluster.Connect("bad", cpus: 1);
        var job = _cluster.Submit(JobBuilder.Single());
        _cluster.Connect("good", cpus: 1);
        _cluster.End(job, 1, NotStarted);
        _cluster.Start(job, 1);
        var next = _cluster.Submit(JobBuilder.Single());
        Assert.Null(_cluster.NodeOf(next, 1));

        _cluster.Disconnect("bad");
        _cluster.Connect("bad", cpus: 1, restarted: true);

        Assert.Equal(("bad", ""), (_cluster.NodeOf(next, 1), Problem("bad")));
    }

    [Fact]
    public void What_a_task_avoids_is_known_after_a_restart_of_the_server()
    {
        _cluster.Connect("good", cpus: 1);
        var busy = _cluster.Submit(JobBuilder.Single());
        _cluster.Start(busy, 1);
        _cluster.Connect("bad", cpus: 1);
        var job = _cluster.Submit(JobBuilder.Single());
        _cluster.End(job, 1, NotStarted);
        var held = _cluster.InFlight(busy, 1).Lease;

        _cluster.RestartServer();
        _cluster.Connect("good", cpus: 1, held: [held]);
        _cluster.Connect("bad", cpus: 1);

        Assert.Equal([new NodeId("bad")], _cluster.TaskOf(job, 1).Avoided);
        Assert.Null(_cluster.NodeOf(job, 1));
    }

    private string Problem(string node) => _cluster.State.View(new NodeId(node))!.Problem;
}
