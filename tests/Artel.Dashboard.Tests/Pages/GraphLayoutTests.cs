using Artel.Dashboard.Pages.Jobs;

namespace Artel.Dashboard.Tests.Pages;

/// <summary>Where the templates of a graph stand.</summary>
public sealed class GraphLayoutTests
{
    [Fact]
    public void Each_stands_behind_all_that_it_waits_for()
    {
        // 0 → 1 → 3, 0 → 2 → 3, and 0 → 3 beside them.
        var layers = GraphLayout.Lay([[], [0], [0], [1, 2, 0]]);

        Assert.Equal([[0], [1, 2], [3]], layers.Select(l => l.Order().ToArray()));
    }

    [Fact]
    public void Lines_that_need_not_cross_do_not()
    {
        // 2 waits for 1 and 3 for 0: the second layer turns around.
        var layers = GraphLayout.Lay([[], [], [1], [0]]);

        Assert.Equal(layers[0].Select(n => n == 0 ? 3 : 2), layers[1]);
    }

    [Fact]
    public void A_long_chain_and_a_wide_fan_are_laid_once_each()
    {
        var chain = Enumerable.Range(0, 1000).Select(i => (IReadOnlyList<int>)(i == 0 ? [] : [i - 1])).ToList();
        var fan = Enumerable.Range(0, 1000).Select(i => (IReadOnlyList<int>)(i == 0 ? [] : [0])).ToList();

        Assert.Equal(1000, GraphLayout.Lay(chain).Count);
        Assert.Equal([1, 999], GraphLayout.Lay(fan).Select(l => l.Count));
    }
}
