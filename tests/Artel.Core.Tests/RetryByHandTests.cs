namespace Artel.Core.Tests;

public sealed class RetryByHandTests
{
    private readonly TestCluster _cluster = new();

    public RetryByHandTests() => _cluster.Connect("1");

    [Fact]
    public void A_failed_task_starts_again_with_its_retries_restored_and_its_attempts_numbered_on()
    {
        var job = _cluster.Submit(JobBuilder.Array(2, t => t with { Retry = new RetryPolicy(1, default, 1, default) }));
        _cluster.Fail(job, 1);
        _cluster.Pass(seconds: 0);
        _cluster.Fail(job, 1);
        Assert.Equal(TaskState.Failed, _cluster.StateOf(job, 1));

        Assert.Equal(1, _cluster.Do(s => s.Retry(job, [], _cluster.Now)));

        Assert.Equal(3, _cluster.InFlight(job, 1).Attempt);
        Assert.Equal(TaskState.Ready, _cluster.Fail(job, 1).Next);
    }

    [Fact]
    public void Cancelled_tasks_that_never_ran_start_as_if_new_and_together()
    {
        var job = _cluster.Submit(JobBuilder.Array(4), held: true);
        _cluster.Do(s => s.Cancel(job, [new TaskRange(2, 4)], _cluster.Now));

        Assert.Equal(3, _cluster.Do(s => s.Retry(job, [], _cluster.Now)));
        _cluster.Do(s => s.Hold(job, held: false));

        Assert.Equal(4, Assert.Single(_cluster.Last.OfType<LeasesGranted>()).Leases.Count);
    }

    [Fact]
    public void What_succeeded_is_not_done_again()
    {
        var job = _cluster.Submit(JobBuilder.Array(3));
        _cluster.Succeed(job, 1);
        _cluster.Fail(job, 2);

        Assert.Equal(0, _cluster.Do(s => s.Retry(job, [new TaskRange(1, 1)], _cluster.Now)));
        Assert.Equal(1, _cluster.Do(s => s.Retry(job, [], _cluster.Now)));
        Assert.Equal(TaskState.Succeeded, _cluster.StateOf(job, 1));
    }

    [Fact]
    public void An_ended_job_is_reopened_by_a_retry_and_ends_again()
    {
        var job = _cluster.Submit(new JobBuilder().Task("a").Task("b", after: ["a"]));
        _cluster.Fail(job, 1);
        Assert.Equal(JobState.Failed, _cluster.EndOf(job).State);

        Assert.Equal(2, _cluster.Do(s => s.Reopen(_cluster.Store.LoadJob(job), s.LastReopeningOf(job), [], _cluster.Now)));

        Assert.IsType<JobReopened>(_cluster.Last[0]);
        Assert.Equal(2, _cluster.InFlight(job, 1).Attempt);
        _cluster.Succeed(job, 1);
        _cluster.Succeed(job, 2);
        Assert.Equal(new TaskCounts(2, 0, 0, 0, 0, 2, 0, 0, 0), _cluster.EndOf(job).Counts);
        Assert.Equal(2, _cluster.Made<JobEnded>().Count());
    }

    [Fact]
    public void A_job_with_nothing_to_retry_stays_ended()
    {
        var job = _cluster.Submit(JobBuilder.Single());
        _cluster.Succeed(job, 1);

        Assert.Equal(0, _cluster.Do(s => s.Reopen(_cluster.Store.LoadJob(job), s.LastReopeningOf(job), [], _cluster.Now)));

        Assert.Empty(_cluster.Last);
        Assert.Null(_cluster.State.View(job));
    }

    [Fact]
    public void A_job_whose_retry_would_only_skip_again_stays_ended()
    {
        var job = _cluster.Submit(new JobBuilder().Task("a").Task("b", after: ["a"]));
        _cluster.Do(s => s.Cancel(job, [new TaskRange(2, 2)], _cluster.Now));
        _cluster.Fail(job, 1);

        Assert.Equal(0, _cluster.Do(s => s.Reopen(_cluster.Store.LoadJob(job), s.LastReopeningOf(job), [new TaskRange(2, 2)], _cluster.Now)));

        Assert.Empty(_cluster.Last);
        Assert.Null(_cluster.State.View(job));
    }

    [Fact]
    public void A_reopened_job_is_still_there_after_a_restart_of_the_server()
    {
        var job = _cluster.Submit(JobBuilder.Single());
        _cluster.Fail(job, 1);
        _cluster.Do(s => s.Reopen(_cluster.Store.LoadJob(job), s.LastReopeningOf(job), [], _cluster.Now));
        var lease = _cluster.InFlight(job, 1).Lease;

        _cluster.RestartServer();
        _cluster.Connect("1", held: [lease]);
        _cluster.Succeed(job, 1);

        Assert.Equal(JobState.Succeeded, _cluster.EndOf(job).State);
    }

    [Fact]
    public void An_unfinished_job_is_not_reopened_but_retried()
    {
        var job = _cluster.Submit(JobBuilder.Array(2));
        _cluster.Fail(job, 1);

        Assert.Equal(1, _cluster.Do(s => s.Reopen(_cluster.Store.LoadJob(job), s.LastReopeningOf(job), [], _cluster.Now)));

        Assert.Empty(_cluster.Made<JobReopened>());
    }

    [Fact]
    public void What_was_read_of_a_job_before_another_retry_opened_it_is_out_of_date()
    {
        var job = _cluster.Submit(JobBuilder.Array(2));
        _cluster.Fail(job, 1);
        _cluster.Fail(job, 2);
        var (asOf, old) = (_cluster.State.LastReopeningOf(job), _cluster.Store.LoadJob(job));

        Assert.Equal(2, _cluster.Do(s => s.Reopen(_cluster.Store.LoadJob(job), asOf, [], _cluster.Now)));
        _cluster.Succeed(job, 1);
        _cluster.Fail(job, 2);
        Assert.Null(_cluster.Do(s => s.Reopen(old, asOf, [], _cluster.Now)));

        Assert.Empty(_cluster.Last);
        Assert.Null(_cluster.State.View(job));
        Assert.Equal(1, _cluster.Do(s => s.Reopen(_cluster.Store.LoadJob(job), s.LastReopeningOf(job), [], _cluster.Now)));
    }

    [Fact]
    public void A_second_retry_that_read_the_same_finds_the_job_open_and_changes_nothing()
    {
        var job = _cluster.Submit(JobBuilder.Single());
        _cluster.Fail(job, 1);
        var (asOf, old) = (_cluster.State.LastReopeningOf(job), _cluster.Store.LoadJob(job));

        Assert.Equal(1, _cluster.Do(s => s.Reopen(old, asOf, [], _cluster.Now)));
        Assert.Equal(0, _cluster.Do(s => s.Reopen(old, asOf, [], _cluster.Now)));

        Assert.Empty(_cluster.Last);
        Assert.Equal(1, _cluster.State.View(job)!.Counts.Leased);
    }

    [Fact]
    public void A_retry_of_an_unknown_job_is_told_apart_from_one_of_nothing() =>
        Assert.Null(_cluster.Do(s => s.Retry(new JobId(7), [], _cluster.Now)));
}
