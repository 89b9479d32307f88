namespace Artel.Core.Tests;

/// <summary>Jobs that wait for other jobs, for tasks of them, and for times.</summary>
public sealed class OtherJobsTests
{
    private readonly TestCluster _cluster = new();

    public OtherJobsTests() => _cluster.Connect("1", cpus: 16);

    [Fact]
    public void A_job_waits_for_the_success_of_another()
    {
        var first = _cluster.Submit(JobBuilder.Array(2));
        var second = _cluster.Submit(After(first));
        Assert.Equal(TaskState.Waiting, _cluster.StateOf(second, 1));
        var tasks = _cluster.State.View(second)!.Spec.TaskCount;
        Assert.Equal([(new AfterJob(first, AnyOutcome: false, 0, 2), tasks)], _cluster.Why(second));

        _cluster.Succeed(first, 1);
        Assert.Equal(TaskState.Waiting, _cluster.StateOf(second, 1));
        _cluster.Succeed(first, 2);

        Assert.Equal(TaskState.Leased, _cluster.StateOf(second, 1));
    }

    [Fact]
    public void A_failed_job_skips_a_chain_of_those_that_wait_and_each_says_for_which()
    {
        var first = _cluster.Submit(JobBuilder.Single());
        var second = _cluster.Submit(After(first));
        var third = _cluster.Submit(After(second));

        _cluster.Fail(first, 1);

        Assert.Equal([JobState.Failed, JobState.Cancelled, JobState.Cancelled], new[] { first, second, third }.Select(j => _cluster.EndOf(j).State));
        Assert.Equal(
            [$"skipped: it needs job {first}, which did not succeed", $"skipped: it needs job {second}, which did not succeed"],
            _cluster.Last.OfType<TasksEnded>().Select(e => e.Reason));
    }

    [Fact]
    public void A_chain_of_jobs_may_be_long()
    {
        var first = _cluster.Submit(JobBuilder.Single(), held: true);
        var last = first;
        for (var i = 0; i < 20_000; i++)
        {
            last = _cluster.State.Submit(After(last).Build(), default, "", held: false, _cluster.Now);
        }

        _cluster.State.Cancel(first, [], _cluster.Now);

        Assert.Equal(20_001, _cluster.State.TakeChanges().OfType<JobEnded>().Count());
        Assert.Empty(_cluster.State.Jobs);
    }

    [Fact]
    public void Any_outcome_will_do_where_that_is_said()
    {
        var first = _cluster.Submit(JobBuilder.Single());
        var second = _cluster.Submit(After(first, anyOutcome: true));

        _cluster.Fail(first, 1);

        Assert.Equal(TaskState.Leased, _cluster.StateOf(second, 1));
    }

    [Fact]
    public void One_task_of_another_job_can_be_waited_for()
    {
        var first = _cluster.Submit(JobBuilder.Array(3));
        var second = _cluster.Submit(After(first, task: 2));
        _cluster.Succeed(first, 1);
        Assert.Equal(TaskState.Waiting, _cluster.StateOf(second, 1));

        _cluster.Succeed(first, 2);

        Assert.Equal(TaskState.Leased, _cluster.StateOf(second, 1));
    }

    [Theory]
    [InlineData(true, JobState.Running)]
    [InlineData(false, JobState.Cancelled)]
    public void What_has_ended_elsewhere_is_taken_as_it_ended(bool succeeded, JobState expected)
    {
        var spec = After(new JobId(77)).Build();
        var on = Assert.Single(_cluster.State.Elsewhere(spec));

        var job = _cluster.Do(s => s.Submit(spec, default, "", held: false, _cluster.Now, new Dictionary<JobDependency, bool> { [on] = succeeded }));

        Assert.Equal(expected, _cluster.State.View(job)?.State ?? _cluster.EndOf(job).State);
    }

    [Fact]
    public void After_a_restart_a_job_still_waits_and_goes_on_when_its_time_has_come()
    {
        var first = _cluster.Submit(JobBuilder.Single());
        var second = _cluster.Submit(After(first));

        _cluster.RestartServer();
        Assert.Equal(TaskState.Waiting, _cluster.StateOf(second, 1));
        _cluster.Connect("1", cpus: 16, held: [_cluster.InFlight(first, 1).Lease]);
        _cluster.Succeed(first, 1);

        Assert.Equal(TaskState.Leased, _cluster.StateOf(second, 1));
    }

    [Fact]
    public void A_retry_by_hand_of_what_another_job_skipped_does_not_wait_for_it_again()
    {
        var first = _cluster.Submit(JobBuilder.Single());
        var second = _cluster.Submit(After(first));
        _cluster.Fail(first, 1);

        Assert.Equal(1, _cluster.Do(s => s.Reopen(_cluster.Store.LoadJob(second), s.LastReopeningOf(second), [], _cluster.Now)));

        Assert.Equal(TaskState.Leased, _cluster.StateOf(second, 1));
    }

    [Fact]
    public void Nothing_starts_before_its_time()
    {
        var job = _cluster.Submit(JobBuilder.Single().With(j => j with { StartAt = _cluster.Now + TimeSpan.FromMinutes(10) }));
        Assert.Equal(TaskState.Waiting, _cluster.StateOf(job, 1));
        Assert.Equal([(new BeforeStartTime(_cluster.Now + TimeSpan.FromMinutes(10)), 1)], _cluster.Why(job));

        _cluster.Pass(599);
        Assert.Equal(TaskState.Waiting, _cluster.StateOf(job, 1));
        _cluster.RestartServer();
        _cluster.Connect("1", cpus: 16);
        _cluster.Pass(1);

        Assert.Equal(TaskState.Leased, _cluster.StateOf(job, 1));
    }

    [Fact]
    public void At_its_deadline_what_has_not_ended_is_cancelled()
    {
        var job = _cluster.Submit(JobBuilder.Array(20).With(j => j with { Deadline = _cluster.Now + TimeSpan.FromMinutes(1) }));
        _cluster.Start(job, 1);
        _cluster.Succeed(job, 2);

        _cluster.Pass(60);

        Assert.Contains(_cluster.Last, c => c is CancelRequested { Task.Number: 1 });
        Assert.Contains(_cluster.Last.OfType<TasksEnded>(), e => e.State == TaskState.Cancelled && e.Reason.Contains("deadline", StringComparison.Ordinal));
        Assert.Equal("its job's deadline is over", _cluster.End(job, 1, Results.Of(AttemptOutcome.Cancelled)).Reason);
        Assert.Equal((JobState.Cancelled, 1, 19), (_cluster.EndOf(job).State, _cluster.EndOf(job).Counts.Succeeded, _cluster.EndOf(job).Counts.Cancelled));
    }

    [Fact]
    public void A_deadline_that_passed_while_the_server_was_down_holds()
    {
        var job = _cluster.Submit(JobBuilder.Array(20).With(j => j with { Deadline = _cluster.Now + TimeSpan.FromMinutes(1) }));

        _cluster.RestartServer(seconds: 100);
        _cluster.Pass(0);

        Assert.Contains(_cluster.Made<TasksEnded>(), e => e.Job == job && e.State == TaskState.Cancelled);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void More_failures_than_a_job_stands_cancel_the_rest(int stands)
    {
        var job = _cluster.Submit(JobBuilder.Array(40).With(j => j with { MaxFails = stands }));
        for (var task = 1; task <= stands; task++)
        {
            _cluster.Fail(job, task);
        }

        Assert.Empty(_cluster.Made<CancelRequested>());
        var running = stands + 2;
        _cluster.Start(job, running);
        _cluster.Fail(job, stands + 1);

        Assert.Equal([running], _cluster.Made<CancelRequested>().Select(c => c.Task.Number));
        Assert.Contains(_cluster.Made<TasksEnded>(), e => e.Reason.Contains($"more than {stands}", StringComparison.Ordinal));
        _cluster.End(job, running, Results.Of(AttemptOutcome.Cancelled));
        Assert.Equal((JobState.Failed, stands + 1), (_cluster.EndOf(job).State, _cluster.EndOf(job).Counts.Failed));
    }

    [Fact]
    public void A_node_that_is_lost_with_the_task_that_is_one_failure_too_many_is_lost_with_all()
    {
        var job = _cluster.Submit(JobBuilder.Array(40, t => t with { OnNodeLost = OnNodeLost.Fail }).With(j => j with { MaxFails = 0 }));
        _cluster.Start(job, 1);
        _cluster.Start(job, 2);

        _cluster.Disconnect("1");
        _cluster.Pass(31);

        Assert.Equal(JobState.Failed, _cluster.EndOf(job).State);
        Assert.Equal(40, _cluster.EndOf(job).Counts.Failed + _cluster.EndOf(job).Counts.Cancelled);
    }

    private static JobBuilder After(JobId job, int task = 0, bool anyOutcome = false) =>
        JobBuilder.Single().With(j => j with { After = [new JobDependency(job, task, anyOutcome)] });
}
