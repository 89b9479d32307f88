using Artel.Server.Api;

namespace Artel.Server.Tests.Api;

/// <summary>How values are distributed over bounds that double.</summary>
public sealed class SampleTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(100)]
    public void Every_value_is_between_its_bounds(int exact)
    {
        var sample = new Sample(exact);
        foreach (var value in (double[])[1, 1.9, 2, 7.9, 8])
        {
            sample.Add(value);
        }

        var histogram = sample.Distribute()!;

        Assert.Equal([1, 2, 4, 8, 16], histogram.Bounds);
        Assert.Equal([2, 1, 1, 1], histogram.Counts);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(100)]
    public void Nothing_at_all_lies_below_all_bounds(int exact)
    {
        var sample = new Sample(exact);
        sample.Add(0);
        sample.Add(0.000001);

        var histogram = sample.Distribute()!;

        Assert.Equal([0, Math.ScaleB(1, -20), Math.ScaleB(1, -19)], histogram.Bounds);
        Assert.Equal([1, 1], histogram.Counts);
        Assert.Null(new Sample(exact).Distribute());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(0.000_01)]
    [InlineData(1e12)]
    public void Of_many_values_a_quantile_is_near_and_the_rest_is_exact(double unit)
    {
        var (all, few) = (new Sample(100_000), new Sample(10));
        var random = new Random(7);
        for (var i = 0; i < 20_000; i++)
        {
            var value = unit * Math.Pow(10, random.NextDouble() * 4);
            all.Add(value);
            few.Add(value);
        }

        var (exact, near) = (all.Write()!, few.Write()!);

        Assert.Equal((exact.Count, exact.Min, exact.Max, exact.Mean), (near.Count, near.Min, near.Max, near.Mean));
        Assert.InRange(near.Median / exact.Median, 0.995, 1.005);
        Assert.InRange(near.P90 / exact.P90, 0.995, 1.005);
        Assert.Equal(all.Distribute(), few.Distribute());
    }

    [Fact]
    public void Of_many_equal_values_a_quantile_is_that_value()
    {
        var sample = new Sample(10);
        for (var i = 0; i < 1000; i++)
        {
            sample.Add(3.14159);
        }

        Assert.Equal((3.14159, 3.14159), (sample.Write()!.Median, sample.Write()!.P90));
    }
}
