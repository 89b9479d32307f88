namespace Artel.Core.Tests;

/// <summary>A job is built where it is submitted; what the state does with it then is little, however many templates it has.</summary>
public sealed class PreparedJobTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void What_is_left_to_do_for_a_template_allocates_a_tenth_of_what_building_it_does()
    {
        var prepared = new PreparedJob(Spec(100_000));
        var state = new ClusterState(ClusterSnapshot.Fresh, ClusterRules.Default, Now);
        var before = GC.GetAllocatedBytesForCurrentThread();

        var job = state.Submit(prepared, default, "", held: false, Now);
        state.Explain(job, Now);

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 2_500_000);
        Assert.Equal(100_000, state.View(job)!.Counts.Ready);
    }

    [Fact]
    public void It_is_the_same_job_as_one_that_is_built_in_the_state()
    {
        var (built, prepared) = (new TestCluster(), new TestCluster());
        var spec = new JobBuilder().Task("a", 3).Task("b", after: ["a"]).Task("c").With(s => s with { StartAt = Now.AddYears(10) }).Build();

        var one = built.State.Submit(spec, default, "", held: false, Now);
        var other = prepared.State.Submit(new PreparedJob(spec), default, "", held: false, Now);

        Assert.Equal(built.State.View(one)!.Counts, prepared.State.View(other)!.Counts);
        Assert.Equal(5, prepared.State.View(other)!.Counts.Waiting);
        Assert.Empty(prepared.State.CheckInvariants());
    }

    [Fact]
    public void It_is_submitted_once()
    {
        var prepared = new PreparedJob(Spec(1));
        var state = new ClusterState(ClusterSnapshot.Fresh, ClusterRules.Default, Now);
        state.Submit(prepared, default, "", held: false, Now);

        Assert.Throws<InvalidOperationException>(() => state.Submit(prepared, default, "", held: false, Now));
    }

    [Fact]
    public void Many_limits_look_at_the_templates_once()
    {
        var state = new ClusterState(ClusterSnapshot.Fresh, ClusterRules.Default, Now);
        var builder = new JobBuilder();
        for (var i = 0; i < 1000; i++)
        {
            var tag = $"t{i}";
            builder.Task("", with: t => t with { Tags = [tag] });
        }

        state.Submit(builder.Build(), default, "", held: false, Now);
        state.TakeChanges();

        Assert.True(state.SetLimits([.. Enumerable.Range(0, 1000).Select(i => KeyValuePair.Create($"t{i}", (int?)1))]));

        Assert.Equal(1000, state.TakeChanges().OfType<LimitSet>().Count());
        Assert.Equal(1000, state.ViewLimits().Count);
        Assert.Empty(state.CheckInvariants());
    }

    private static JobSpec Spec(int tasks)
    {
        var builder = new JobBuilder();
        for (var i = 0; i < tasks; i++)
        {
            builder.Task("");
        }

        return builder.Build();
    }
}
