namespace Artel.Core.Tests;

/// <summary>Jobs of no tasks: their lists were empty.</summary>
public sealed class EmptyJobTests
{
    private readonly TestCluster _cluster = new();

    public EmptyJobTests() => _cluster.Connect("1", cpus: 8);

    [Fact]
    public void It_succeeds_at_once_and_what_waits_for_it_goes_on()
    {
        var held = _cluster.Submit(Empty(), held: true);
        Assert.Equal(JobState.Succeeded, _cluster.EndOf(held).State);

        var before = _cluster.Submit(JobBuilder.Single());
        var empty = _cluster.Submit(Empty().With(j => j with { After = [new JobDependency(before, 0, false)] }));
        var after = _cluster.Submit(JobBuilder.Single().With(j => j with { After = [new JobDependency(empty, 0, false)] }));
        Assert.Equal(TaskState.Waiting, _cluster.StateOf(after, 1));
        Assert.Empty(_cluster.State.CheckInvariants());
        _cluster.RestartServer();
        _cluster.Connect("1", cpus: 8);
        Assert.Equal(TaskState.Waiting, _cluster.StateOf(after, 1));

        _cluster.Succeed(before, 1);

        Assert.Equal(JobState.Succeeded, _cluster.EndOf(empty).State);
        Assert.Equal(TaskState.Leased, _cluster.StateOf(after, 1));
    }

    [Fact]
    public void It_is_cancelled_while_it_waits_and_if_what_it_waits_for_fails()
    {
        var first = _cluster.Submit(JobBuilder.Single());
        var second = _cluster.Submit(Empty().With(j => j with { After = [new JobDependency(first, 0, false)] }));
        var third = _cluster.Submit(Empty().With(j => j with { After = [new JobDependency(second, 0, false)] }));
        var fourth = _cluster.Submit(Empty().With(j => j with { StartAt = _cluster.Now + TimeSpan.FromHours(1) }));
        var fifth = _cluster.Submit(Empty().With(j => j with { StartAt = _cluster.Now + TimeSpan.FromHours(1) }));

        _cluster.Do(s => s.Cancel(fourth, [], _cluster.Now));
        _cluster.Fail(first, 1);
        foreach (var job in (JobId[])[second, third, fourth])
        {
            Assert.Equal(JobState.Cancelled, _cluster.EndOf(job).State);
        }

        _cluster.Pass(TimeSpan.FromHours(2));
        Assert.Equal(JobState.Succeeded, _cluster.EndOf(fifth).State);
    }

    [Fact]
    public void It_succeeds_if_a_revision_leaves_it_nothing_to_wait_for()
    {
        var first = _cluster.Submit(JobBuilder.Single());
        var empty = _cluster.Submit(Empty().With(j => j with { After = [new JobDependency(first, 0, false)] }));
        var spec = _cluster.State.View(empty)!.Spec with { After = [] };

        _cluster.Do(s => s.Revise(empty, spec, default, "test", new Dictionary<JobDependency, bool>()));

        Assert.Equal(JobState.Succeeded, _cluster.EndOf(empty).State);
    }

    [Fact]
    public void An_empty_list_among_others_is_passed_over()
    {
        var job = _cluster.Submit(new JobBuilder().Task("none", 0).Task("one").Task("none too", 0));

        Assert.Equal([1], _cluster.Granted);
        Assert.Empty(_cluster.State.CheckInvariants());
        _cluster.Succeed(job, 1);
        Assert.Equal(JobState.Succeeded, _cluster.EndOf(job).State);
    }

    private static JobBuilder Empty() => new JobBuilder().Task("none", 0);
}
