namespace Artel.Core.Tests;

/// <summary>Other terms for what of a job has not started.</summary>
public sealed class RevisionTests
{
    private static readonly Dictionary<JobDependency, bool> Nowhere = [];
    private readonly TestCluster _cluster = new();

    [Fact]
    public void What_runs_keeps_what_it_was_granted_and_what_starts_later_gets_the_new_over_a_restart_too()
    {
        _cluster.Connect("1", cpus: 4);
        var job = _cluster.Submit(JobBuilder.Array(3, t => t with { Needs = new Needs(4000, 0, 0, []) }));
        Assert.Equal([1], _cluster.Granted);
        var lease = _cluster.Start(job, 1);

        Revise(job, t => t with { Needs = new Needs(2000, 0, 0, []) });
        Assert.Empty(_cluster.Granted);
        _cluster.RestartServer();
        _cluster.Connect("1", cpus: 4, held: [lease]);
        Assert.Empty(_cluster.State.CheckInvariants());

        var ended = _cluster.Succeed(job, 1);

        Assert.Equal(4000, ended.Held.Needs.MilliCpus);
        Assert.Equal([2, 3], _cluster.Granted);
        _cluster.Start(job, 2);
        Assert.Equal(2000, _cluster.Succeed(job, 2).Held.Needs.MilliCpus);
        _cluster.Start(job, 3);
        _cluster.Succeed(job, 3);
        Assert.Equal(JobState.Succeeded, _cluster.EndOf(job).State);
    }

    [Fact]
    public void Retries_and_how_many_at_once_count_from_now_on()
    {
        _cluster.Connect("1", cpus: 8);
        var job = _cluster.Submit(JobBuilder.Array(6, t => t with { AtOnce = 1 }));
        Assert.Equal([1], _cluster.Granted);

        Revise(job, t => t with { AtOnce = 3, Retry = RetryPolicy.Never with { Retries = 1, Backoff = TimeSpan.Zero } });
        Assert.Equal([2, 3], _cluster.Granted);
        Assert.Equal(TaskState.Ready, _cluster.Fail(job, 1).Next);

        Revise(job, t => t with { AtOnce = 1 });
        Assert.Empty(_cluster.Granted);
        Assert.Empty(_cluster.State.CheckInvariants());
    }

    [Fact]
    public void A_job_is_made_to_wait_for_a_younger_one_over_a_restart_and_let_go()
    {
        _cluster.Connect("1", cpus: 8);
        var first = _cluster.Submit(JobBuilder.Single(), held: true);
        var second = _cluster.Submit(JobBuilder.Single(), held: true);
        After(first, second);
        _cluster.RestartServer();
        _cluster.Connect("1", cpus: 8);
        _cluster.Do(s => s.Hold(first, held: false));
        Assert.Equal(TaskState.Waiting, _cluster.StateOf(first, 1));
        Assert.Equal($"job {second} cannot wait for job {first}, which waits for job {second}", WhyNot(second, first));
        Assert.Equal($"job {first} cannot wait for itself", WhyNot(first, first));

        After(first);

        Assert.Equal([1], _cluster.Granted);
        Assert.Equal($"job {first} has started: it waits for no other job any more", WhyNot(first, second));
        _cluster.Succeed(first, 1);
        Assert.StartsWith($"job {first} has ended", WhyNot(first, second), StringComparison.Ordinal);
        After(second);
        _cluster.Do(s => s.Cancel(second, [], _cluster.Now));
        Assert.Empty(_cluster.State.Jobs);
        Assert.Null(_cluster.State.DocumentOf(second));
    }

    [Fact]
    public void A_job_that_would_be_skipped_is_refused()
    {
        var job = _cluster.Submit(JobBuilder.Single());
        var gone = new JobDependency(new JobId(99), 0, AnyOutcome: false);

        var elsewhere = new Dictionary<JobDependency, bool> { [gone] = false };
        var why = _cluster.State.WhyNotRevise(job, SpecOf(job) with { After = [gone] }, elsewhere);

        Assert.Equal($"job 99 did not succeed, so job {job} would be skipped: cancel it, or wait for any end", why);
    }

    private JobSpec SpecOf(JobId job) => _cluster.State.View(job)?.Spec ?? JobBuilder.Single().Build();

    private void Revise(JobId job, Func<TemplateSpec, TemplateSpec> with) =>
        Revise(job, SpecOf(job) with { Templates = [.. SpecOf(job).Templates.Select(with)] });

    private void After(JobId job, params JobId[] others) =>
        Revise(job, SpecOf(job) with { After = [.. others.Select(o => new JobDependency(o, 0, false))] });

    private string? WhyNot(JobId job, JobId other) =>
        _cluster.State.WhyNotRevise(job, SpecOf(job) with { After = [new JobDependency(other, 0, false)] }, Nowhere);

    private void Revise(JobId job, JobSpec spec)
    {
        Assert.Null(_cluster.State.WhyNotRevise(job, spec, Nowhere));
        _cluster.Do(s => s.Revise(job, spec, default, "test", Nowhere));
    }
}
