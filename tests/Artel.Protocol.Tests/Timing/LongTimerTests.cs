using Artel.Protocol.Timing;
using Microsoft.Extensions.Time.Testing;

namespace Artel.Protocol.Tests.Timing;

public sealed class LongTimerTests
{
    private readonly FakeTimeProvider _time = new();
    private int _calls;

    [Theory]
    [InlineData(0.001)]
    [InlineData(49)]
    [InlineData(50)]
    [InlineData(98)]
    [InlineData(3650)]
    public void It_calls_back_once_when_its_time_has_come(double days)
    {
        var due = TimeSpan.FromDays(days);
        using var timer = LongTimer.Start(_time, due, () => _calls++);

        _time.Advance(due - TimeSpan.FromSeconds(1));
        Assert.Equal(0, _calls);

        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(1, _calls);
        _time.Advance(due);
        Assert.Equal(1, _calls);
    }

    [Fact]
    public void Nothing_comes_after_it_was_disposed_of()
    {
        var timer = LongTimer.Start(_time, TimeSpan.FromDays(60), () => _calls++);
        _time.Advance(TimeSpan.FromDays(50));

        timer.Dispose();
        _time.Advance(TimeSpan.FromDays(50));

        Assert.Equal(0, _calls);
    }

    [Fact]
    public void No_time_at_all_is_over_at_once()
    {
        using var timer = LongTimer.Start(_time, TimeSpan.Zero, () => _calls++);
        _time.Advance(TimeSpan.FromMilliseconds(1));

        Assert.Equal(1, _calls);
    }
}
