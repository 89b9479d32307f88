using Artel.Node.Work;
using Artel.Protocol.V1;

namespace Artel.Node.Tests.Work;

public sealed class ArrayIndexTests
{
    private static readonly IndexSet Array = new()
    {
        Ranges =
        {
            new IndexRange { First = 1, Last = 10, Step = 3 },
            new IndexRange { First = -2, Last = 0 },
            new IndexRange { First = 100, Last = 100_000_000_000, Step = 50 },
        },
    };

    [Theory]
    [InlineData(0, 1L)]
    [InlineData(3, 10L)]
    [InlineData(4, -2L)]
    [InlineData(6, 0L)]
    [InlineData(7, 100L)]
    [InlineData(1_000_000_007, 50_000_000_100L)]
    public void A_position_has_its_index(int position, long index) => Assert.Equal(index, ArrayIndex.At(Array, position));

    [Fact]
    public void Beyond_the_end_there_is_none() =>
        Assert.Null(ArrayIndex.At(new IndexSet { Ranges = { new IndexRange { First = 1, Last = 3 } } }, 3));
}
