namespace Artel.Core.Tests;

public sealed class AvoidSameNodeTests
{
    private static readonly RetryPolicy Elsewhere = new(20, default, 1, default) { AvoidSameNode = true };

    private readonly TestCluster _cluster = new();

    [Fact]
    public void A_retry_goes_to_another_node()
    {
        _cluster.Connect("1");
        var job = Submit();
        _cluster.Connect("2");

        FailOn("1", job);

        Assert.Equal(("2", 2), (_cluster.NodeOf(job, 1), _cluster.InFlight(job, 1).Attempt));
    }

    [Fact]
    public void It_waits_for_a_node_that_is_busy_and_says_so()
    {
        _cluster.Connect("1", cpus: 1);
        var job = Submit();
        _cluster.Connect("2", cpus: 1);
        var other = _cluster.Submit(JobBuilder.Single());
        Assert.Equal("2", _cluster.NodeOf(other, 1));

        FailOn("1", job);

        Assert.Equal(TaskState.Ready, _cluster.StateOf(job, 1));
        Assert.Equal([new NodeId("1")], _cluster.TaskOf(job, 1).Avoided);
        Assert.Equal(
            [new NoRoom(), new Avoids([new NodeId("1")], CouldNotStart: false, HasOther: true)], _cluster.Why(job, 1));
        _cluster.Succeed(other, 1);
        Assert.Equal("2", _cluster.NodeOf(job, 1));
    }

    [Fact]
    public void Where_no_other_node_could_run_it_it_runs_on_the_same()
    {
        _cluster.Connect("1");
        _cluster.Connect("small", cpus: 0.5);
        _cluster.Connect("plain", labels: []);
        var job = Submit();
        _cluster.Do(s => s.Drain(new NodeId("plain"), draining: true));

        FailOn("1", job);

        Assert.Equal("1", _cluster.NodeOf(job, 1));
    }

    [Theory]
    [InlineData("drains")]
    [InlineData("is away")]
    [InlineData("is forgotten")]
    [InlineData("is small now")]
    public void It_stops_waiting_when_the_last_other_node_goes(string what)
    {
        _cluster.Connect("1", cpus: 1);
        var job = Submit();
        _cluster.Connect("2", cpus: 1);
        var other = _cluster.Submit(JobBuilder.Single());
        var busy = _cluster.InFlight(other, 1).Lease;
        FailOn("1", job);
        Assert.Equal(TaskState.Ready, _cluster.StateOf(job, 1));

        switch (what)
        {
            case "drains":
                _cluster.Do(s => s.Drain(new NodeId("2"), draining: true));
                break;
            case "is away":
                _cluster.Disconnect("2");
                break;
            case "is forgotten":
                _cluster.Do(s => s.Forget(new NodeId("2"), _cluster.Now));
                break;
            default:
                _cluster.Connect("2", cpus: 0.5, held: [busy]);
                break;
        }

        Assert.Equal("1", _cluster.NodeOf(job, 1));
    }

    [Fact]
    public void It_avoids_every_node_it_failed_on_and_then_any_will_do()
    {
        foreach (var node in (string[])["1", "2", "3"])
        {
            _cluster.Connect(node);
        }

        var job = Submit();
        var tried = new List<string>();
        for (var attempt = 1; attempt <= 4; attempt++)
        {
            tried.Add(_cluster.NodeOf(job, 1)!);
            FailOn(tried[^1], job);
        }

        Assert.Equal(["1", "2", "3"], tried.Take(3).Order());
        Assert.Equal(5, _cluster.InFlight(job, 1).Attempt);
    }

    [Fact]
    public void The_nodes_to_avoid_are_no_more_than_the_last_sixteen()
    {
        for (var node = 1; node <= 18; node++)
        {
            _cluster.Connect($"{node:00}");
        }

        var job = Submit();
        var tried = new List<string>();
        for (var attempt = 1; attempt <= 18; attempt++)
        {
            tried.Add(_cluster.NodeOf(job, 1)!);
            FailOn(tried[^1], job);
        }

        Assert.Equal(tried[^16..], _cluster.TaskOf(job, 1).History.FailedOn.Select(n => n.Value));
    }

    [Fact]
    public void Many_that_failed_on_one_node_spread_over_the_others()
    {
        _cluster.Connect("1", cpus: 4);
        var job = _cluster.Submit(JobBuilder.Array(4, t => t with { Retry = Elsewhere }));
        _cluster.Connect("2");
        _cluster.Connect("3");

        for (var task = 1; task <= 4; task++)
        {
            _cluster.Fail(job, task);
        }

        _cluster.Pass(seconds: 0);

        Assert.Equal(["2", "2", "3", "3"], Enumerable.Range(1, 4).Select(task => _cluster.NodeOf(job, task)).Order());
    }

    [Fact]
    public void A_task_of_higher_priority_goes_first_and_one_of_the_same_goes_after_what_was_tried()
    {
        _cluster.Connect("1", cpus: 1);
        var job = Submit();
        _cluster.Connect("2", cpus: 1);
        var busy = _cluster.Submit(JobBuilder.Single());
        FailOn("1", job);
        _cluster.Do(s => s.Drain(new NodeId("1"), draining: true));
        _cluster.Connect("3", cpus: 0.5);
        Assert.Equal("2", _cluster.NodeOf(busy, 1));
        var same = _cluster.Submit(JobBuilder.Single());
        var urgent = _cluster.Submit(JobBuilder.Single().Priority(1));

        _cluster.Succeed(busy, 1);
        Assert.Equal("2", _cluster.NodeOf(urgent, 1));
        _cluster.Succeed(urgent, 1);
        Assert.Equal("2", _cluster.NodeOf(job, 1));
        _cluster.Succeed(job, 1);
        Assert.Equal("2", _cluster.NodeOf(same, 1));
    }

    [Fact]
    public void What_it_avoids_survives_the_server()
    {
        _cluster.Connect("1");
        var job = _cluster.Submit(JobBuilder.Single(t => t with { Retry = Elsewhere with { Backoff = TimeSpan.FromSeconds(100), MaxBackoff = TimeSpan.FromSeconds(100) } }));
        _cluster.Fail(job, 1);
        var retry = _cluster.Now.AddSeconds(100);
        var avoids = new Avoids([new NodeId("1")], CouldNotStart: false, HasOther: false);
        Assert.Equal([new BackingOff(retry, retry, 1, 20), avoids], _cluster.Why(job, 1));

        _cluster.RestartServer(seconds: 101);
        _cluster.Connect("2", cpus: 8);
        _cluster.Connect("1", cpus: 8);

        Assert.Equal("2", _cluster.NodeOf(job, 1));
    }

    [Fact]
    public void A_held_or_cancelled_task_is_not_started()
    {
        _cluster.Connect("1", cpus: 1);
        var job = Submit();
        var second = Submit();
        _cluster.Connect("2", cpus: 1);
        var busy = _cluster.InFlight(second, 1);
        FailOn("1", job);
        _cluster.Do(s => s.Hold(job, held: true));
        _cluster.Succeed(second, 1);
        Assert.Equal("2", busy.Node.Value);
        Assert.Empty(_cluster.Granted);

        _cluster.Do(s => s.Hold(job, held: false));
        Assert.Equal("2", _cluster.NodeOf(job, 1));
        FailOn("2", job);
        _cluster.Do(s => s.Cancel(job, [], _cluster.Now));
        Assert.Equal(JobState.Cancelled, _cluster.EndOf(job).State);
    }

    [Fact]
    public void A_retry_by_hand_may_go_anywhere()
    {
        _cluster.Connect("1");
        var job = _cluster.Submit(JobBuilder.Array(2, t => t with { Retry = Elsewhere with { Retries = 0 } }));
        _cluster.Fail(job, 1);

        _cluster.Do(s => s.Retry(job, [new TaskRange(1, 1)], _cluster.Now));

        Assert.Empty(_cluster.TaskOf(job, 1).History.FailedOn);
        Assert.Equal("1", _cluster.NodeOf(job, 1));
    }

    [Fact]
    public void A_node_that_is_avoided_is_no_reason_to_take_work_back()
    {
        _cluster.Connect("1", cpus: 1);
        var job = Submit();
        _cluster.Connect("2", cpus: 1);
        FailOn("1", job);
        Assert.Equal("2", _cluster.NodeOf(job, 1));

        _cluster.Pass(seconds: 10);

        Assert.Empty(_cluster.Do(s => s.Reclaim(_cluster.Now)));
    }

    private JobId Submit() => _cluster.Submit(JobBuilder.Single(t => t with { Retry = Elsewhere }));

    private void FailOn(string node, JobId job)
    {
        Assert.Equal(node, _cluster.NodeOf(job, 1));
        _cluster.Fail(job, 1);
        _cluster.Pass(seconds: 0);
    }
}
