using Artel.Core;
using Artel.Server.History;
using Artel.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Artel.Server.Tests.History;

/// <summary>What is kept of loads over time: bounded, in order, and with gaps where nothing is known.</summary>
public sealed class HistoryTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Five = TimeSpan.FromSeconds(5);

    [Fact]
    public void A_ring_keeps_the_last_ones_in_order()
    {
        var ring = new Ring<int>(3);
        foreach (var value in Enumerable.Range(1, 5))
        {
            ring.Add(value);
        }

        ring.RemoveLast();
        ring.Add(9);

        Assert.Equal([3, 4, 9], Enumerable.Range(0, ring.Count).Select(i => ring[i]));
        Assert.Throws<ArgumentOutOfRangeException>(() => ring[3]);
    }

    [Fact]
    public void A_ring_grows_with_what_it_holds_wherever_it_begins()
    {
        var ring = new Ring<int>(100);
        foreach (var value in Enumerable.Range(1, 8))
        {
            ring.Add(value);
        }

        ring.RemoveFirst();
        ring.RemoveFirst();
        foreach (var value in Enumerable.Range(9, 20))
        {
            ring.Add(value);
        }

        Assert.Equal(Enumerable.Range(3, 26), Enumerable.Range(0, ring.Count).Select(i => ring[i]));
        Assert.Throws<InvalidOperationException>(new Ring<int>(3).RemoveFirst);
    }

    [Fact]
    public void A_day_of_the_cluster_is_fine_for_an_hour_and_coarser_before_without_overlap_or_loss()
    {
        var history = new ClusterHistory();
        var day = (int)(TimeSpan.FromHours(25) / Five);
        for (var i = 1; i <= day; i++)
        {
            history.Add(Sample(Start + (Five * i), succeeded: 1));
        }

        var samples = history.Read(DateTimeOffset.MinValue);

        Assert.InRange(samples.Count, 1400, 1440);
        Assert.InRange(samples[^1].At - samples[0].From, TimeSpan.FromHours(24), TimeSpan.FromHours(25));
        Assert.All(samples.Zip(samples.Skip(1)), p => Assert.Equal(p.First.At, p.Second.From));
        Assert.All(samples, s => Assert.Equal(s.Span / Five, s.Succeeded));
        Assert.Equal(TimeSpan.FromMinutes(2), samples[0].Span);
        Assert.Equal(Five, samples[^1].Span);
        Assert.All(history.Read(samples[^3].At), s => Assert.True(s.At > samples[^3].At));
        Assert.Equal(2, history.Read(samples[^3].At).Count);
    }

    [Fact]
    public void A_time_of_which_nothing_is_known_stays_a_gap()
    {
        var history = new ClusterHistory();
        var (before, after) = (Start + Five, Start + TimeSpan.FromHours(2));
        history.Add(Sample(before));
        history.Add(Sample(after));
        history.Add(Sample(after + Five));

        var samples = history.Read(DateTimeOffset.MinValue);

        Assert.Equal([before, after, after + Five], samples.Select(s => s.At));
        Assert.True(samples[1].From > samples[0].At + TimeSpan.FromHours(1));
        var thin = LoadSample.Thin(samples, 2);
        Assert.Equal([before, after + Five], thin.Select(s => s.At));
    }

    [Fact]
    public void Thinned_samples_are_means_and_sums()
    {
        var samples = Enumerable.Range(1, 10).Select(i => Sample(Start + (Five * i), milliCpus: i * 100, succeeded: i)).ToArray();

        var thin = LoadSample.Thin(samples, 2);

        Assert.Equal([300, 800], thin.Select(s => s.Used.MilliCpus));
        Assert.Equal([15, 40], thin.Select(s => s.Succeeded));
        Assert.Equal([Five * 5, Five * 5], thin.Select(s => s.Span));
        Assert.Same(samples, LoadSample.Thin(samples, 10));
    }

    [Fact]
    public void A_clock_that_is_set_back_takes_what_lies_ahead_of_it_away()
    {
        var history = new ClusterHistory();
        history.Add(Sample(Start + TimeSpan.FromHours(1)));
        history.Add(Sample(Start));

        Assert.Equal([Start], history.Read(DateTimeOffset.MinValue).Select(s => s.At));
    }

    [Fact]
    public void A_history_goes_on_over_a_restart_with_a_gap_while_the_server_was_away()
    {
        using var folder = new TestFolder();
        var file = new HistoryFile(folder["history"], NullLogger<HistoryFile>.Instance);
        var before = new ClusterHistory();
        for (var i = 1; i <= 2000; i++)
        {
            before.Add(Sample(Start + (Five * i)));
        }

        file.Write(before);
        var after = new ClusterHistory();
        file.Read(after);

        Assert.Equal(before.Read(DateTimeOffset.MinValue), after.Read(DateTimeOffset.MinValue));
        var next = Sample(Start + (Five * 2000) + TimeSpan.FromMinutes(10));
        before.Add(next);
        after.Add(next);
        Assert.Equal(before.Read(DateTimeOffset.MinValue), after.Read(DateTimeOffset.MinValue));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(40)]
    [InlineData(1000)]
    public void A_history_of_which_a_part_is_missing_or_broken_begins_again(int bytes)
    {
        using var folder = new TestFolder();
        var file = new HistoryFile(folder["history"], NullLogger<HistoryFile>.Instance);
        var before = new ClusterHistory();
        Enumerable.Range(1, 100).ToList().ForEach(i => before.Add(Sample(Start + (Five * i))));
        file.Write(before);
        File.WriteAllBytes(folder["history"], [.. File.ReadAllBytes(folder["history"])[..bytes], .. Enumerable.Repeat((byte)255, bytes == 40 ? 4000 : 0)]);

        var after = new ClusterHistory();
        file.Read(after);

        Assert.Empty(after.Read(DateTimeOffset.MinValue));
    }

    [Fact]
    public void A_node_has_an_hour_of_samples_while_it_is_connected_and_none_when_it_is_forgotten()
    {
        var nodes = new NodeHistories();
        var known = new HashSet<NodeId> { new("1"), new("2") };
        for (var i = 1; i <= 200; i++)
        {
            // The second one is away for a while.
            NodeLoad[] loads = i is > 150 and < 160 ? [Load("1", i)] : [Load("1", i), Load("2", i)];
            nodes.Add(Start + (NodeHistories.Period * i), loads, known);
        }

        var (first, second) = (nodes.Read(new NodeId("1"), DateTimeOffset.MinValue), nodes.Read(new NodeId("2"), DateTimeOffset.MinValue));
        Assert.Equal(NodeHistories.SamplesOfNode, first.Count);
        Assert.All(first, s => Assert.Equal((2L, 1L, NodeHistories.Period), (s.Succeeded, s.Failed, s.Span)));
        Assert.Equal((200, 200L << 20, 4000), (first[^1].Used.MilliCpus, first[^1].Used.MemoryBytes, first[^1].Total.MilliCpus));
        Assert.Single(second.Zip(second.Skip(1)), p => p.Second.From > p.First.At);

        nodes.Add(Start + (NodeHistories.Period * 201), [Load("1", 1)], new HashSet<NodeId> { new("1") });
        Assert.Empty(nodes.Read(new NodeId("2"), DateTimeOffset.MinValue));
        Assert.Equal(1, nodes.Count);
        nodes.Add(Start + (NodeHistories.Period * 400), [], known);
        Assert.Equal(0, nodes.Count);
    }

    [Fact]
    public void Ten_thousand_nodes_take_less_than_thirty_megabytes()
    {
        const int Nodes = 1000;
        Assert.Equal(NodeSample.Bytes, System.Runtime.CompilerServices.Unsafe.SizeOf<NodeSample>());
        Assert.InRange(NodeSample.Bytes * NodeHistories.SamplesOfNode, 1, 3000);
        var loads = Enumerable.Range(0, Nodes).Select(i => Load($"node-{i}", 1)).ToArray();
        var known = loads.Select(l => l.Node).ToHashSet();
        var nodes = new NodeHistories();
        var before = GC.GetAllocatedBytesForCurrentThread();
        nodes.Add(Start, loads, known);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        for (var i = 1; i < 300; i++)
        {
            nodes.Add(Start + (NodeHistories.Period * i), loads, known);
        }

        // Idle ones need no more room than they have from the first sample on.
        Assert.InRange(allocated / Nodes, 1, 600);
        Assert.All(loads, l => Assert.Equal(NodeHistories.SamplesOfNode, nodes.Read(l.Node, DateTimeOffset.MinValue).Count));
    }

    [Fact]
    public void What_says_the_same_for_long_is_told_sample_by_sample()
    {
        var (nodes, node) = (new NodeHistories(), new NodeId("1"));
        var known = new HashSet<NodeId> { node };

        // Idle, busy in between, and away for two.
        bool IsAway(int i) => i is 70 or 71;
        for (var i = 1; i <= 119; i++)
        {
            nodes.Add(Start + (NodeHistories.Period * i), IsAway(i) ? [] : [Same(i % 25 == 0 ? 1000 : 0)], known);
        }

        var samples = nodes.Read(node, DateTimeOffset.MinValue);

        Assert.Equal(Enumerable.Range(1, 119).Where(i => !IsAway(i)).Select(i => Start + (NodeHistories.Period * i)), samples.Select(s => s.At));
        Assert.All(samples, s => Assert.Equal(NodeHistories.Period, s.Span));
        Assert.Equal([25, 50, 75, 100], samples.Where(s => s.Used.MilliCpus > 0).Select(s => (int)((s.At - Start) / NodeHistories.Period)));

        // The clock is set back: what was taken later is gone, and no more than that.
        nodes.Add(Start + (NodeHistories.Period * 110), [Same(0)], known);
        Assert.Equal(Start + (NodeHistories.Period * 110), nodes.Read(node, DateTimeOffset.MinValue)[^1].At);
        Assert.Equal(108, nodes.Read(node, DateTimeOffset.MinValue).Count);
    }

    private static LoadSample Sample(DateTimeOffset at, long milliCpus = 100, long succeeded = 0) => new(
        at, Five, new Amounts(milliCpus, 0, 0), new Amounts(1000, 0, 0), 1, 2, succeeded, 0, 1);

    private static NodeLoad Same(long milliCpus) => new(new NodeId("1"), new Amounts(milliCpus, 0, 0), new Amounts(4000, 0, 0), 0, 0, 0);

    private static NodeLoad Load(string node, int round) =>
        new(new NodeId(node), new Amounts(round, (long)round << 20, 0), new Amounts(4000, 0, 0), 1, round * 2, round);
}
