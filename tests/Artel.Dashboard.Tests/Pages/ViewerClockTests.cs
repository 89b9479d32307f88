using Artel.Dashboard.Times;

namespace Artel.Dashboard.Tests.Pages;

/// <summary>The clock of whoever looks.</summary>
public sealed class ViewerClockTests
{
    private static readonly DateTimeOffset Winter = new(2026, 1, 15, 12, 0, 0, 250, TimeSpan.Zero);
    private static readonly DateTimeOffset Summer = new(2026, 7, 15, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Times_are_the_viewers_with_their_offset_in_summer_and_winter()
    {
        var clock = Prague();

        Assert.Equal("2026-01-15 13:00:00 +01:00", clock.Moment(Winter));
        Assert.Equal("2026-07-15 14:00:00 +02:00", clock.Moment(Summer));
        Assert.Equal("2026-01-15 13:00:00.250 +01:00 (Europe/Prague)", clock.Exactly(Winter));
        Assert.Equal("2026-07-15 14:00:00", clock.Seconds(Summer));
    }

    [Fact]
    public void Until_the_browser_has_said_its_zone_and_if_it_says_none_times_are_in_utc()
    {
        var clock = new ViewerClock();
        clock.Set(null);
        clock.Set(new ViewerClock.Zone("Nowhere", []));
        clock.Set(new ViewerClock.Zone("Nowhere", [[1], [2, 100_000], [3, 20 * 60]]));

        Assert.Equal("2026-01-15 12:00:00 UTC", clock.Moment(Winter));
        Assert.Equal("UTC", clock.ZoneName);
    }

    [Fact]
    public void A_name_that_is_none_is_not_shown()
    {
        var clock = new ViewerClock();
        clock.Set(new ViewerClock.Zone("<script>", [[0, 60]]));

        Assert.Equal("local time", clock.ZoneName);
    }

    [Fact]
    public void Times_in_sentences_of_the_server_are_the_viewers_too() => Assert.Equal(
        "node 1 is draining until 2026-07-15 14:00:00 +02:00: 'artel node resume 1'",
        Prague().In("node 1 is draining until 2026-07-15 12:00:00Z: 'artel node resume 1'"));

    [Fact]
    public void What_happened_before_yesterday_has_the_viewers_date()
    {
        var late = new DateTimeOffset(2026, 7, 15, 23, 30, 0, TimeSpan.Zero);

        Assert.Equal("2026-07-16", Ahead.Words(late, late.AddDays(3), Prague()));
        Assert.Equal("5 min ago", Ahead.Words(late, late.AddMinutes(5), Prague()));
        Assert.Equal("in 2 h", Ahead.Words(late, late.AddHours(-2), Prague()));
    }

    private static ViewerClock Prague()
    {
        var clock = new ViewerClock();
        clock.Set(new ViewerClock.Zone("Europe/Prague", [[0, 60], [Moment(2026, 3, 29), 120], [Moment(2026, 10, 25), 60]]));
        return clock;
    }

    private static long Moment(int year, int month, int day) => new DateTimeOffset(year, month, day, 1, 0, 0, TimeSpan.Zero).ToUnixTimeMilliseconds();
}
