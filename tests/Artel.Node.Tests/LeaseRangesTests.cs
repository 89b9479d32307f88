using Artel.Protocol.V1;

namespace Artel.Node.Tests;

public sealed class LeaseRangesTests
{
    [Fact]
    public void Consecutive_leases_of_one_epoch_are_one_range()
    {
        var ranges = LeaseRanges.Of([new(1, 5), new(2, 7), new(1, 3), new(1, 4), new(2, 6), new(1, 9)]);

        Assert.Equal([Range(1, 3, 3), Range(1, 9, 1), Range(2, 6, 2)], ranges);
    }

    [Theory]
    [InlineData(1, 10)]
    [InlineData(2, 2_000_000_000)]
    public void Leases_within_a_range_are_found_whichever_is_larger(long first, int count)
    {
        var present = Enumerable.Range(1, 20).ToDictionary(i => new LeaseId(1, i), i => i);
        present[new LeaseId(2, 5)] = 0;

        var found = Range(1, first, count).Within(present);

        var expected = Enumerable.Range(1, 20).Where(i => i >= first && i < first + count).Select(i => new LeaseId(1, i));
        Assert.Equal(expected, found.Order());
    }

    private static LeaseRange Range(long epoch, long first, int count) => new() { Epoch = epoch, FirstSequence = first, Count = count };
}
