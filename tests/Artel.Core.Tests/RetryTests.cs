namespace Artel.Core.Tests;

public sealed class RetryTests
{
    private readonly TestCluster _cluster = new();

    [Fact]
    public void A_task_without_retries_fails_at_once()
    {
        _cluster.Connect("1");
        var job = _cluster.Submit(JobBuilder.Single());

        var ended = _cluster.Fail(job, 1, status: 3);

        Assert.Equal((TaskState.Failed, "exit status 3", null), (ended.Next, ended.Reason, ended.NotBefore));
        Assert.Equal(JobState.Failed, _cluster.EndOf(job).State);
    }

    [Fact]
    public void Waits_grow_by_the_factor_up_to_the_cap_and_attempts_are_numbered_on()
    {
        _cluster.Connect("1");
        var retry = new RetryPolicy(4, TimeSpan.FromSeconds(2), 3, TimeSpan.FromSeconds(10));
        var job = _cluster.Submit(JobBuilder.Single(t => t with { Retry = retry }));

        foreach (var (attempt, wait) in ((int, double)[])[(1, 2), (2, 6), (3, 10), (4, 10)])
        {
            Assert.Equal(attempt, _cluster.InFlight(job, 1).Attempt);
            var ended = _cluster.Fail(job, 1);
            Assert.Equal(TimeSpan.FromSeconds(wait), ended.NotBefore - _cluster.Now);
            Assert.Equal(TaskState.Ready, ended.Next);
            Assert.Equal(ended.NotBefore, _cluster.TaskOf(job, 1).NotBefore);

            _cluster.Pass(seconds: wait - 0.1);
            Assert.Empty(_cluster.Granted);
            _cluster.Pass(seconds: 0.1);
            Assert.Equal([1], _cluster.Granted);
        }

        var last = _cluster.Fail(job, 1);
        Assert.Equal(TaskState.Failed, last.Next);
        Assert.Equal("exit status 1 (attempt 5)", last.Reason);
        Assert.Equal((5, 5), (last.History.Attempts, last.History.Failures));
    }

    [Fact]
    public void A_wait_of_any_length_is_capped_without_overflow() =>
        Assert.Equal(TimeSpan.FromMinutes(5), new RetryPolicy(10_000, TimeSpan.FromSeconds(1), 10, TimeSpan.FromMinutes(5)).WaitAfter(9_999, new TaskId(new JobId(1), 1), 9_999));

    [Fact]
    public void No_wait_stays_none_however_often_it_is_waited() =>
        Assert.Equal(TimeSpan.Zero, new RetryPolicy(10_000, default, 10, TimeSpan.FromMinutes(5)).WaitAfter(9_999, new TaskId(new JobId(1), 1), 9_999));

    [Fact]
    public void A_task_of_an_array_that_is_retried_keeps_its_own_numbers()
    {
        _cluster.Connect("1", cpus: 2);
        var job = _cluster.Submit(JobBuilder.Array(4, t => t with { Retry = new RetryPolicy(1, default, 1, default) }));

        _cluster.Fail(job, 2);
        _cluster.Pass(seconds: 0);
        _cluster.Succeed(job, 1);
        _cluster.Succeed(job, 3);

        var again = _cluster.Made<LeasesGranted>().Single(g => g.Attempt == 2);
        Assert.Equal((2, 1, 1), (again.FirstTask, again.FirstPosition, again.Leases.Count));
    }

    [Theory]
    [InlineData(AttemptOutcome.Failed, "exit status 0: why")]
    [InlineData(AttemptOutcome.Signalled, "ended by signal 0: why")]
    [InlineData(AttemptOutcome.TimedOut, "timed out: why")]
    [InlineData(AttemptOutcome.NotStarted, "could not be started: why")]
    [InlineData(AttemptOutcome.OutOfMemory, "out of memory: why")]
    public void Every_way_to_fail_is_told(AttemptOutcome outcome, string reason)
    {
        _cluster.Connect("1");
        var job = _cluster.Submit(JobBuilder.Single());

        Assert.Equal(reason, _cluster.End(job, 1, Results.Of(outcome) with { Message = "why" }).Reason);
    }

    [Fact]
    public void What_a_node_ended_for_its_own_reasons_is_not_the_fault_of_the_task()
    {
        _cluster.Connect("1");
        var job = _cluster.Submit(JobBuilder.Single());

        _cluster.End(job, 1, Results.Of(AttemptOutcome.Cancelled));

        Assert.Equal(2, _cluster.InFlight(job, 1).Attempt);
        Assert.Equal(new TaskHistory(1, 0, []), _cluster.TaskOf(job, 1).History);
    }

    [Fact]
    public void Positions_of_ended_attempts_follow_each_other()
    {
        _cluster.Connect("1");
        var job = _cluster.Submit(JobBuilder.Array(3));

        Assert.Equal(1, _cluster.Succeed(job, 3).Position);
        Assert.Equal(2, _cluster.Fail(job, 1).Position);
        _cluster.RestartServer();
        _cluster.Connect("1", held: [_cluster.InFlight(job, 2).Lease]);
        Assert.Equal(3, _cluster.Succeed(job, 2).Position);
    }
}
