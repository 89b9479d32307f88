using Artel.Node.Link;

namespace Artel.Node.Tests.Link;

public sealed class BackoffTests
{
    [Fact]
    public void The_ceiling_doubles_up_to_the_longest_and_begins_anew_after_a_success()
    {
        var backoff = new Backoff(TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(10), new AlwaysHalf());

        var waits = Enumerable.Range(0, 8).Select(_ => backoff.Next().TotalMilliseconds).ToArray();
        backoff.Reset();

        Assert.Equal([100, 200, 400, 800, 1600, 3200, 5000, 5000], waits);
        Assert.Equal(100, backoff.Next().TotalMilliseconds);
    }

    [Fact]
    public void Waits_are_spread_over_the_whole_time()
    {
        var backoff = new Backoff(TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(10), new Random(1));

        var waits = Enumerable.Range(0, 1000).Select(_ => backoff.Next().TotalSeconds).ToArray();

        Assert.All(waits, w => Assert.InRange(w, 0, 10));
        Assert.InRange(waits.Average(), 4.5, 5.5);
        Assert.True(waits.Min() < 0.5 && waits.Max() > 9.5);
    }

    private sealed class AlwaysHalf : Random
    {
        public override double NextDouble() => 0.5;
    }
}
