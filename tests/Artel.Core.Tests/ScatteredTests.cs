namespace Artel.Core.Tests;

/// <summary>
/// Commands on scattered tasks: their cost depends on the number of ranges, in slices of bounded size.
/// </summary>
public sealed class ScatteredTests
{
    private const int Many = 320_000;

    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static TaskSet Odd { get; } =
        TaskSet.Of(Enumerable.Range(0, Many / 2).Select(i => new TaskRange((2 * i) + 1, (2 * i) + 1)));

    [Fact]
    public void A_cancel_and_a_retry_of_every_other_task_go_in_slices_of_few_changes()
    {
        var state = new ClusterState(ClusterSnapshot.Fresh, ClusterRules.Default, Now);
        var job = state.Submit(new JobBuilder().Task("t", count: Many).Build(), default, "", held: true, Now);
        state.TakeChanges();

        Assert.Equal(Many / 2, InSlices(state, within => state.CancelSome(job, Odd, within, Now)!.Value));
        Assert.Equal((Many / 2, Many / 2), (state.View(job)!.Counts.Cancelled, state.View(job)!.Counts.Ready));

        var retried = InSlices(
            state, within => state.RetrySome(job, default, within, Now, states: [TaskState.Cancelled])!.Value);
        Assert.Equal(Many / 2, retried);
        Assert.Equal((0, Many), (state.View(job)!.Counts.Cancelled, state.View(job)!.Counts.Ready));
    }

    [Fact]
    public void A_cancel_of_one_range_is_one_slice_and_one_change()
    {
        var state = new ClusterState(ClusterSnapshot.Fresh, ClusterRules.Default, Now);
        var job = state.Submit(new JobBuilder().Task("t", count: 1_000_000).Build(), default, "", held: true, Now);
        state.TakeChanges();

        Assert.True(state.CancelSome(job, new TaskRange(2, 1_000_000), null, Now)!.Value.IsDone);

        var ended = Assert.IsType<TasksEnded>(Assert.Single(state.TakeChanges()));
        Assert.Equal(new TaskRange(2, 1_000_000), ended.Tasks.Span);
    }

    [Fact]
    public void What_needs_scattered_tasks_is_skipped_in_slices_too_and_after_a_restart()
    {
        var each = new JobBuilder().Task("a", count: 20_000).Task("b", count: 20_000).After(new Dependency(0, AnyOutcome: false, Each: true)).Build();
        var store = new TestStore();
        var state = new ClusterState(ClusterSnapshot.Fresh, ClusterRules.Default, Now);
        var job = state.Submit(each, default, "", held: true, Now);
        var odd = TaskSet.Of(Enumerable.Range(0, 10_000).Select(i => new TaskRange((2 * i) + 1, (2 * i) + 1)));
        for (TaskRange? rest = null; state.CancelSome(job, odd, rest, Now) is { } slice && !slice.IsDone; rest = slice.Rest)
        {
        }

        Assert.True(state.HasFollowups);
        Assert.InRange(state.View(job)!.Counts.Skipped, 1, 9_999);
        store.Commit(state.TakeChanges());

        // The server dies between two slices.
        state = new ClusterState(store.Load(2), ClusterRules.Default, Now);
        Assert.True(state.HasFollowups);
        while (state.HasFollowups)
        {
            state.Continue(Now);
            Assert.InRange(state.TakeChanges().OfType<TasksEnded>().Sum(c => c.Tasks.RangeCount), 0, 2 * ClusterRules.Default.SliceWeight);
        }

        Assert.Equal((10_000, 10_000), (state.View(job)!.Counts.Cancelled, state.View(job)!.Counts.Skipped));
    }

    [Fact]
    public void What_needs_a_task_that_was_retried_between_two_slices_is_not_skipped()
    {
        var state = new ClusterState(ClusterSnapshot.Fresh, ClusterRules.Default with { SliceWeight = 1 }, Now);
        var spec = new JobBuilder().Task("a").Task("b", after: ["a"]).Task("c", after: ["a"]).Build();
        var job = state.Submit(spec, default, "", held: true, Now);
        state.CancelSome(job, new TaskRange(1, 1), null, Now);
        Assert.True(state.HasFollowups);
        state.RetrySome(job, new TaskRange(1, 1), null, Now);
        state.TakeChanges();

        while (state.HasFollowups)
        {
            state.Continue(Now);
        }

        Assert.DoesNotContain(state.TakeChanges(), change => change is TasksEnded);
        Assert.Equal((1, 2), (state.View(job)!.Counts.Ready, state.View(job)!.Counts.Waiting));
    }

    [Fact]
    public void A_lost_node_with_thousands_of_leases_is_given_up_in_slices_and_what_comes_back_keeps_its_leases()
    {
        var (node, now) = (new NodeId("1"), Now);
        var state = new ClusterState(ClusterSnapshot.Fresh, ClusterRules.Default, now);
        var description = new NodeDescription(NodeKind.Native, "1", "", "", new Resources(4_000_000, 0, 0, []), []);
        state.Connect(node, new Incarnation(1), description, LeaseSet.Empty, now);
        var job = state.Submit(new JobBuilder().Task("t", count: 4000).Build(), default, "", held: false, now);
        state.Place(now);
        var leases = state.TakeChanges().OfType<LeasesGranted>().Select(g => g.Leases).ToArray();
        Assert.Equal(4000, leases.Sum(l => l.Count));

        state.Lose(node, new Incarnation(1), now);
        state.Continue(now);
        Assert.InRange(state.TakeChanges().OfType<AttemptEnded>().Count(), 1, 600);
        Assert.True(state.HasFollowups);

        var held = state.View(job)!.Counts.Leased;
        var back = state.Connect(node, new Incarnation(1), description, LeaseSet.Of(leases), now);
        Assert.Equal(4000 - held, back.Refused.Sum(r => r.Count));
        state.Continue(now);
        Assert.False(state.HasFollowups);
        Assert.Equal(held, state.View(job)!.Counts.Leased);
    }

    [Fact]
    public void The_end_of_a_task_looks_at_no_job_that_waits_for_another_task_or_for_the_whole()
    {
        var node = new NodeId("1");
        var state = new ClusterState(ClusterSnapshot.Fresh, ClusterRules.Default, Now);
        var description = new NodeDescription(NodeKind.Native, "1", "", "", new Resources(100_000, 0, 0, []), []);
        state.Connect(node, new Incarnation(1), description, LeaseSet.Empty, Now);
        var job = state.Submit(new JobBuilder().Task("t", count: 100).Build(), default, "", held: false, Now);
        for (var i = 0; i < 1000; i++)
        {
            var on = new JobDependency(job, i % 2 == 0 ? 0 : 100, AnyOutcome: false);
            state.Submit(new JobBuilder().Task("after").Build() with { After = [on] }, default, "", held: false, Now);
        }

        state.Place(Now);
        var leases = state.TakeChanges().OfType<LeasesGranted>()
            .SelectMany(g => Enumerable.Range(0, g.Leases.Count).Select(i => g.Leases[i]));
        foreach (var lease in leases.Take(99))
        {
            Assert.True(state.End(node, new Incarnation(1), lease, Results.Succeeded(1), Now));
        }

        Assert.Equal(0, state.LooksAtWaiting);
    }

    /// <summary>Runs a command to its end. No slice makes more than a few changes, or touches more ranges than it may.</summary>
    private static int InSlices(ClusterState state, Func<TaskRange?, TaskSlice> command)
    {
        var changed = 0;
        TaskRange? rest = null;
        for (var slices = 1; ; slices++)
        {
            var slice = command(rest);
            changed += slice.Changed;
            var changes = state.TakeChanges();
            Assert.InRange(changes.Count, 0, 4);
            var ranges = changes.OfType<TasksEnded>().Sum(c => c.Tasks.RangeCount)
                + changes.OfType<TasksRetried>().Sum(c => c.Tasks.RangeCount);
            Assert.InRange(ranges, 0, ClusterRules.Default.SliceWeight);
            if (slice.IsDone)
            {
                Assert.InRange(slices, 2, 400);
                return changed;
            }

            rest = slice.Rest ?? TaskSlice.Nothing;
        }
    }
}
