using Artel.Server.Api;

namespace Artel.Server.Tests.Api;

/// <summary>How values are distributed over bounds that double.</summary>
public sealed class SampleTests
{
    [Fact]
    public void Every_value_is_between_its_bounds()
    {
        var sample = new Sample();
        foreach (var value in (double[])[1, 1.9, 2, 7.9, 8])
        {
            sample.Add(value);
        }

        var histogram = sample.Distribute()!;

        Assert.Equal([1, 2, 4, 8, 16], histogram.Bounds);
        Assert.Equal([2, 1, 1, 1], histogram.Counts);
    }

    [Fact]
    public void Nothing_at_all_lies_below_all_bounds()
    {
        var sample = new Sample();
        sample.Add(0);
        sample.Add(0.000001);

        var histogram = sample.Distribute()!;

        Assert.Equal([0, Math.ScaleB(1, -20), Math.ScaleB(1, -19)], histogram.Bounds);
        Assert.Equal([1, 1], histogram.Counts);
        Assert.Null(new Sample().Distribute());
    }
}
