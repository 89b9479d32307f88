namespace Artel.Core.Tests;

public sealed class IndexRangesTests
{
    [Fact]
    public void Neighbours_become_one()
    {
        var set = new IndexRanges();

        set.Add(1);
        set.Add(3);
        set.Add(2);

        Assert.Equal([new TaskRange(1, 3)], set.Ranges.ToArray());
    }

    [Fact]
    public void A_range_may_swallow_many()
    {
        var set = new IndexRanges();
        foreach (var number in (int[])[2, 5, 8, 20])
        {
            set.Add(number);
        }

        set.Add(new TaskRange(3, 10));

        Assert.Equal([new TaskRange(2, 10), new TaskRange(20, 20)], set.Ranges.ToArray());
        Assert.Equal(10, set.Count);
    }

    [Fact]
    public void A_hole_splits()
    {
        var set = new IndexRanges(0, 9);

        set.Remove(new TaskRange(3, 5));

        Assert.Equal([new TaskRange(0, 2), new TaskRange(6, 9)], set.Ranges.ToArray());
        Assert.Equal([new TaskRange(2, 2), new TaskRange(6, 7)], set.Within(new TaskRange(2, 7)));
        Assert.Equal(new TaskRange(0, 1), set.PeekFirst(2));
        Assert.Equal(new TaskRange(0, 2), set.PeekFirst(5));
    }

    [Fact]
    public void A_queue_of_single_numbers_does_not_grow_for_ever()
    {
        var set = new IndexRanges();
        for (var i = 0; i < 10; i++)
        {
            set.Add(i * 2);
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 10; i < 100_000; i++)
        {
            set.Add(i * 2);
            set.Remove(set.First);
        }

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 10_000);
        Assert.Equal(10, set.Count);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void It_holds_what_a_plain_set_holds(int seed)
    {
        var random = new Random(seed);
        var set = new IndexRanges();
        var plain = new SortedSet<int>();
        for (var i = 0; i < 5000; i++)
        {
            var first = random.Next(200);
            var range = new TaskRange(first, first + (random.Next(3) == 0 ? random.Next(30) : 0));
            var numbers = Enumerable.Range(range.First, range.Count);
            if (random.Next(2) == 0)
            {
                set.Add(range);
                plain.UnionWith(numbers);
            }
            else
            {
                set.Remove(range);
                plain.ExceptWith(numbers);
            }

            Assert.Equal(plain.Count, set.Count);
            Assert.Equal(plain, set.Ranges.ToArray().SelectMany(r => Enumerable.Range(r.First, r.Count)));
            Assert.Equal(plain.Contains(first), set.Contains(first));
            Assert.Equal(
                plain.Where(range.Contains), set.Within(range).SelectMany(r => Enumerable.Range(r.First, r.Count)));
            var ranges = set.Ranges.ToArray();
            Assert.All(ranges.Zip(ranges.Skip(1)), pair => Assert.True(pair.First.Last + 1 < pair.Second.First, "ranges touch"));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void It_holds_what_a_plain_set_holds_over_many_chunks(int seed)
    {
        const int Numbers = 20_000;
        var random = new Random(seed);
        var set = new IndexRanges();
        var plain = new bool[Numbers];
        for (var i = 0; i < Numbers; i += 2)
        {
            set.Add(i);
            plain[i] = true;
        }

        for (var i = 1; i <= 3000; i++)
        {
            var first = random.Next(Numbers);
            var last = Math.Min(Numbers - 1, first + (random.Next(20) == 0 ? random.Next(3000) : random.Next(3)));
            var add = random.Next(2) == 0;
            if (add)
            {
                set.Add(new TaskRange(first, last));
            }
            else
            {
                set.Remove(new TaskRange(first, last));
            }

            Array.Fill(plain, add, first, last - first + 1);
            if (i % 500 == 0)
            {
                Assert.Equal(
                    Enumerable.Range(0, Numbers).Where(n => plain[n]),
                    set.Ranges.SelectMany(r => Enumerable.Range(r.First, r.Count)));
                Assert.Equal((plain.Count(p => p), set.Ranges.Count()), (set.Count, set.RangeCount));
                Assert.All(
                    set.Ranges.Zip(set.Ranges.Skip(1)),
                    pair => Assert.True(pair.First.Last + 1 < pair.Second.First, "ranges touch"));
            }

            Assert.Equal(plain[first], set.Contains(first));
        }

        set.Remove(new TaskRange(0, Numbers));
        Assert.True(set.IsEmpty);
    }
}
