using Artel.Dashboard.Pages.Jobs;

namespace Artel.Dashboard.Tests.Pages;

/// <summary>Ways into a map of a million tasks, and out of it.</summary>
public sealed class TaskMapGeometryTests
{
    private const int Million = 1_000_000;

    [Theory]
    [InlineData(null, null, 1, 1_000_000)]
    [InlineData(-5L, -5L, 1, 1_000_000)]
    [InlineData(999_999L, 100L, 999_901, 100)]
    [InlineData(long.MaxValue, long.MaxValue, 1, 1_000_000)]
    [InlineData(long.MinValue, 10L, 1, 10)]
    public void Whatever_an_address_says_some_tasks_are_shown(long? from, long? count, int first, int shown)
    {
        var span = TaskMapGeometry.Shown(from, count, Million);

        Assert.InRange(span.First, 1, Million);
        Assert.InRange(span.Last, span.First, Million);
        if (count is null or > 0)
        {
            Assert.Equal((first, shown), (span.First, span.Count));
        }
    }

    [Fact]
    public void Going_in_ends_at_single_tasks_around_the_one_that_was_pointed_at()
    {
        var shown = TaskMapGeometry.Shown(null, null, Million);
        for (var step = 0; step < 20; step++)
        {
            shown = TaskMapGeometry.Zoom(shown, 777_777, inwards: true, Million);
            Assert.InRange(777_777, shown.First, shown.Last);
        }

        Assert.InRange(shown.Count, 1, 20);
    }

    [Fact]
    public void Going_out_ends_at_all_of_them()
    {
        var shown = TaskMapGeometry.Shown(500_000, 20, Million);
        for (var step = 0; step < 20; step++)
        {
            shown = TaskMapGeometry.Zoom(shown, shown.First, inwards: false, Million);
        }

        Assert.Equal((1, Million), (shown.First, shown.Count));
    }

    [Fact]
    public void The_way_out_leads_from_all_tasks_by_ranges_that_hold_the_next()
    {
        var path = TaskMapGeometry.Path(TaskMapGeometry.Shown(123_456, 100, Million), Million);

        Assert.Equal((1, Million), (path[0].First, path[0].Count));
        Assert.All(path.Zip(path.Skip(1)), pair => Assert.True(pair.First.Contains(pair.Second)));
    }
}
