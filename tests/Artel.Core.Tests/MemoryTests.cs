namespace Artel.Core.Tests;

/// <summary>Alone, since what is measured is the memory of the whole process.</summary>
[CollectionDefinition(nameof(MemoryTests), DisableParallelization = true)]
[Collection(nameof(MemoryTests))]
public sealed class MemoryTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void What_has_ended_in_order_costs_nothing_to_remember()
    {
        const int Tasks = 200_000;
        var now = Now;
        var state = new ClusterState(ClusterSnapshot.Fresh, ClusterRules.Default, now);
        state.Connect(new NodeId("1"), new Incarnation(1), Describe(cpus: 16), LeaseSet.Empty, now);
        var job = state.Submit(JobBuilder.Array(Tasks + 1).Build(), default, "", held: false, now);
        var before = GC.GetTotalMemory(forceFullCollection: true);

        var ended = 0;
        while (ended < Tasks)
        {
            state.Place(now);
            foreach (var grant in state.TakeChanges().OfType<LeasesGranted>().ToArray())
            {
                for (var i = 0; i < grant.Leases.Count && ended < Tasks; i++, ended++)
                {
                    Assert.True(state.End(grant.Node, grant.Incarnation, grant.Leases[i], Results.Succeeded(0.001), now));
                }
            }
        }

        state.TakeChanges();
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, 4_000_000);
        Assert.Equal(Tasks, state.View(job)!.Counts.Succeeded);
    }

    [Fact]
    public void A_million_single_tasks_fit_in_250_bytes_each()
    {
        const int Tasks = 100_000;
        var builder = new JobBuilder();
        for (var i = 0; i < Tasks; i++)
        {
            builder.Task("");
        }

        var spec = builder.Build();
        var state = new ClusterState(ClusterSnapshot.Fresh, ClusterRules.Default, Now);
        var before = GC.GetAllocatedBytesForCurrentThread();

        state.Submit(spec, default, "", held: false, Now);

        Assert.InRange((GC.GetAllocatedBytesForCurrentThread() - before) / Tasks, 1, 250);
    }

    private static NodeDescription Describe(int cpus) => new(NodeKind.Native, "1", "host", "", new Resources(cpus * 1000, 0, 0, []), []);
}
