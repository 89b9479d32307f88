namespace Artel.Core.Tests;

public sealed class LeaseSetTests
{
    [Fact]
    public void Ranges_that_overlap_or_touch_are_one()
    {
        var set = LeaseSet.Of([new(1, 7, 2), new(1, 1, 3), new(2, 4, 1), new(1, 4, 1), new(1, 2, 1)]);

        Assert.Equal([new(1, 1, 4), new(1, 7, 2), new(2, 4, 1)], set.Without([]));
        Assert.Equal(7, set.Count);
        Assert.Equal([new(1, 1), new(1, 2), new(1, 3), new(1, 4), new(1, 7), new(1, 8), new(2, 4)], set.Each());
    }

    [Fact]
    public void It_knows_what_is_in_it()
    {
        var set = LeaseSet.Of([new(1, 5, 3), new(3, 1, 1)]);

        Assert.Equal([false, true, true, true, false, false, true, false], new Lease[] { new(1, 4), new(1, 5), new(1, 6), new(1, 7), new(1, 8), new(2, 5), new(3, 1), new(3, 2) }.Select(set.Contains));
    }

    [Fact]
    public void What_is_left_without_some_is_ranges_again() =>
        Assert.Equal([new(1, 1, 2), new(1, 4, 1), new(2, 1, 1)], LeaseSet.Of([new(1, 1, 5), new(2, 1, 1)]).Without([new(1, 5), new(1, 3), new(9, 9)]));

    [Fact]
    public void Any_range_at_all_makes_a_set_that_costs_no_more_than_its_ranges()
    {
        long[] firsts = [long.MinValue, -1, 0, 1, long.MaxValue - 1, long.MaxValue];
        int[] counts = [int.MinValue, -1, 0, 1, int.MaxValue];
        var set = LeaseSet.Of(firsts.SelectMany(f => counts.Select(c => new LeaseRange(f, f, c))));

        Assert.True(set.Contains(new Lease(1, int.MaxValue)));
        Assert.False(set.Contains(new Lease(long.MinValue, long.MinValue)));
        Assert.InRange(set.Without([new Lease(1, 1)]).Count, 1, firsts.Length * counts.Length);

    }

    [Fact]
    public void A_node_may_present_more_leases_than_there_are_and_all_but_its_own_are_refused()
    {
        var cluster = new TestCluster();
        cluster.Connect("1", cpus: 2);
        var job = cluster.Submit(JobBuilder.Array(4));
        var own = cluster.InFlight(job, 1).Lease;

        var result = cluster.Do(s => s.Connect(
            new NodeId("1"), cluster.IncarnationOf("1"), new NodeDescription(NodeKind.Native, "", "", "", new Resources(2000, 0, 0, []), []),
            LeaseSet.Of([new(own.Epoch, 1, int.MaxValue), new(own.Epoch + 1, 1, int.MaxValue)]), cluster.Now));

        Assert.DoesNotContain(result.Refused, r => r.Contains(own));
        Assert.InRange(result.Refused.Count, 1, 4);
        Assert.Equal(2, cluster.State.View(job)!.Counts.Leased);
    }
}
