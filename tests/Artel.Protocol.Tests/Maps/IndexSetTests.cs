using Artel.Protocol.Maps;
using Artel.Protocol.V1;
using CsCheck;

namespace Artel.Protocol.Tests.Maps;

public sealed class IndexSetTests
{
    private static readonly Gen<IndexRange> SmallRange =
        from first in Gen.Long[0, 60]
        from length in Gen.Long[0, 40]
        from step in Gen.Long[0, 7]
        select new IndexRange { First = first, Last = first + length, Step = step };

    private static readonly Gen<IndexSet> SmallSet = SmallRange.List[1, 5].Select(ranges => new IndexSet { Ranges = { ranges } });

    [Theory]
    [InlineData("5", 1, "5")]
    [InlineData("0", 1, "0")]
    [InlineData("1-100", 100, "1-100")]
    [InlineData("1-10:3", 4, "1-10:3")]
    [InlineData("1-10:2,20", 6, "1-10:2,20")]
    [InlineData(" 1 - 3 , 7 ", 4, "1-3,7")]
    [InlineData("1,2,3,4", 4, "1-4")]
    [InlineData("20,1-3", 4, "20,1-3")]
    [InlineData("1-9:2,2-10:2", 10, "1-9:2,2-10:2")]
    [InlineData("1-20000000", 20_000_000, "1-20000000")]
    public void A_text_is_read_counted_and_written(string text, long count, string written)
    {
        var set = IndexSets.Parse(text, out var error);

        Assert.Equal("", error);
        Assert.NotNull(set);
        Assert.Equal(count, IndexSets.Count(set));
        Assert.Equal(written, IndexSets.Format(set));
    }

    [Theory]
    [InlineData("")]
    [InlineData(",")]
    [InlineData("1,")]
    [InlineData("1--2")]
    [InlineData("1-2-3")]
    [InlineData("1:2")]
    [InlineData("1-9:")]
    [InlineData("1-9:-1")]
    [InlineData("+1")]
    [InlineData("1.5")]
    [InlineData("٣")]
    [InlineData("99999999999999999999")]
    [InlineData("2-1")]
    [InlineData("1-20000001")]
    [InlineData("0-1000000000000001:1000000000000001")]
    [InlineData("1-5,3")]
    public void A_wrong_text_is_refused_with_words(string text)
    {
        Assert.Null(IndexSets.Parse(text, out var error));
        Assert.NotEqual("", error);
    }

    [Fact]
    public void Positions_give_the_indices_in_the_order_of_the_text()
    {
        var set = IndexSets.Parse("20,1-10:4,7", out _)!;

        Assert.Equal([20, 1, 5, 9, 7], Enumerable.Range(0, 5).Select(position => IndexSets.At(set, position)));
        Assert.Throws<ArgumentOutOfRangeException>(() => IndexSets.At(set, 5));
        Assert.Throws<ArgumentOutOfRangeException>(() => new IndexLookup(set).At(5));
        Assert.Throws<ArgumentOutOfRangeException>(() => IndexSets.At(set, -1));
    }

    [Fact]
    public void Whatever_the_ranges_count_positions_and_text_agree_with_writing_all_out() => SmallSet.Sample(set =>
    {
        var all = WriteOut(set);
        var lookup = new IndexLookup(set);

        Assert.Equal(all.Count, IndexSets.Count(set));
        Assert.Equal(all, Enumerable.Range(0, all.Count).Select(position => IndexSets.At(set, position)));
        Assert.Equal(all, Enumerable.Range(0, all.Count).Select(position => lookup.At(position)));
    });

    [Fact]
    public void A_set_is_refused_exactly_when_it_names_an_index_twice() => SmallSet.Sample(set =>
    {
        var all = WriteOut(set);
        var twice = all.GroupBy(index => index).Where(group => group.Count() > 1).Select(group => group.Key).ToHashSet();

        var read = IndexSets.Parse(IndexSets.Format(set), out var error);

        if (twice.Count == 0)
            Assert.Equal(all, WriteOut(read!));
        else
            Assert.Contains(twice, index => error == $"index {index} is in it twice: name every index once");
    });

    [Fact]
    public void Ranges_from_the_wire_of_any_numbers_are_judged_and_never_throw()
    {
        var any =
            from first in Gen.Long
            from last in Gen.Long
            from step in Gen.Long
            select new IndexRange { First = first, Last = last, Step = step };

        any.List[0, 4].Sample(ranges =>
        {
            var set = new IndexSet { Ranges = { ranges } };
            if (IndexSets.Problem(set) is null)
                Assert.InRange(IndexSets.Count(set), 1, JobLimits.MaxTasks);
        });
    }

    [Fact]
    public void A_set_made_to_be_costly_is_refused_instead_of_compared()
    {
        var set = new IndexSet();
        for (var i = 0; i < 90_000; i++)
            set.Ranges.Add(new IndexRange { First = i, Last = i + 100_000_000, Step = 100_000_000 });

        Assert.Equal("too many of its ranges lie across each other: write them one after the other", IndexSets.Problem(set));
    }

    private static List<long> WriteOut(IndexSet set)
    {
        var all = new List<long>();
        foreach (var range in set.Ranges)
        {
            for (var index = range.First; index <= range.Last; index += range.Step == 0 ? 1 : range.Step)
                all.Add(index);
        }

        return all;
    }
}
