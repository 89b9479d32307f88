using System.Globalization;
using Artel.Server.Schedules;

namespace Artel.Server.Tests.Schedules;

/// <summary>Which times a cron expression means, in which zone, and what is said to a wrong one.</summary>
public sealed class TimetableTests
{
    [Theory]
    [InlineData("0 3 * * 1-5", "Europe/Prague", "2026-01-02T12:00Z", "2026-01-05T02:00Z 2026-01-06T02:00Z")]
    [InlineData("0 3 * * 1-5", "", "2026-01-02T12:00Z", "2026-01-05T03:00Z 2026-01-06T03:00Z")]
    [InlineData("*/20 * * * * *", "UTC", "2026-01-01T00:00:01Z", "2026-01-01T00:00:20Z 2026-01-01T00:00:40Z 2026-01-01T00:01:00Z")]
    [InlineData("@hourly", "", "2026-01-01T00:00Z", "2026-01-01T01:00Z 2026-01-01T02:00Z")]
    [InlineData("@every_minute", "", "2026-01-01T00:00Z", "2026-01-01T00:01Z 2026-01-01T00:02Z")]
    [InlineData("@every_second", "", "2026-01-01T00:00Z", "2026-01-01T00:00:01Z 2026-01-01T00:00:02Z")]
    [InlineData("0 0 31 * *", "", "2026-01-31T00:00Z", "2026-03-31T00:00Z 2026-05-31T00:00Z")]
    [InlineData("0 6 1 * 2", "", "2026-01-20T06:00Z", "2026-01-27T06:00Z 2026-02-01T06:00Z 2026-02-03T06:00Z")] // As in crontab: either of them.
    [InlineData("0 0 6 1 * TUE", "", "2026-01-27T06:00Z", "2026-02-01T06:00Z 2026-02-03T06:00Z")]
    [InlineData("0 6 1 * *", "", "2026-01-27T06:00Z", "2026-02-01T06:00Z 2026-03-01T06:00Z")]
    [InlineData("0 6 ? * 2", "", "2026-01-27T06:00Z", "2026-02-03T06:00Z 2026-02-10T06:00Z")]
    [InlineData("0 6 */2 * 2", "", "2026-01-01T06:00Z", "2026-01-13T06:00Z 2026-01-27T06:00Z")] // One begins with *: both.
    [InlineData("every 10m", "", "2026-01-01T00:09:59.5Z", "2026-01-01T00:10Z 2026-01-01T00:20Z")]
    [InlineData("every 90s", "UTC", "1970-01-01T00:00Z", "1970-01-01T00:01:30Z 1970-01-01T00:03Z")]
    [InlineData("every 1d", "", "2026-01-01T12:00Z", "2026-01-02T00:00Z 2026-01-03T00:00Z")]
    public void An_expression_means_these_times(string cron, string zone, string after, string expected)
    {
        var times = expected.Split(' ').Select(Time).ToArray();

        Assert.Equal(times, Of(cron, zone).Next(Time(after), times.Length));
    }

    // Prague: 2026-03-29 02:00 becomes 03:00, 2026-10-25 03:00 becomes 02:00 again.
    [Theory]
    [InlineData("30 2 * * *", "2026-03-28T12:00Z", "2026-03-29T01:00Z 2026-03-30T00:30Z")] // What is skipped comes at once after.
    [InlineData("*/30 * * * *", "2026-03-29T00:15Z", "2026-03-29T00:30Z 2026-03-29T01:00Z 2026-03-29T01:30Z")]
    [InlineData("30 2 * * *", "2026-10-24T12:00Z", "2026-10-25T00:30Z 2026-10-26T01:30Z")] // What comes twice is one time, the first.
    [InlineData("*/30 * * * *", "2026-10-25T00:15Z", "2026-10-25T00:30Z 2026-10-25T01:00Z 2026-10-25T01:30Z")] // An interval goes on.
    [InlineData("0 12 * * *", "2026-10-24T12:00Z", "2026-10-25T11:00Z 2026-10-26T11:00Z")]
    public void Clocks_that_are_changed_lose_no_time_and_double_none(string cron, string after, string expected)
    {
        var times = expected.Split(' ').Select(Time).ToArray();

        Assert.Equal(times, Of(cron, "Europe/Prague").Next(Time(after), times.Length));
    }

    [Theory]
    [InlineData("30 2 * * *", "Europe/Prague")]
    [InlineData("*/7 * * * *", "Europe/Prague")]
    [InlineData("15 1-3 * * 0", "America/New_York")]
    [InlineData("*/13 */5 1-3 * * *", "Australia/Lord_Howe")]
    [InlineData("every 7h", "")]
    public void Looking_back_finds_the_times_that_looking_ahead_found(string cron, string zone)
    {
        var times = Of(cron, zone);
        foreach (var start in new[] { "2026-03-07T00:00Z", "2026-03-28T20:00Z", "2026-04-04T00:00Z", "2026-10-03T00:00Z", "2026-10-24T20:00Z", "2026-10-31T20:00Z" })
        {
            foreach (var time in times.Next(Time(start), 60))
            {
                Assert.Equal(time, times.Last(Time(start), time));
                Assert.Equal(time, times.Last(Time(start), times.After(time)!.Value - TimeSpan.FromTicks(1)));
                Assert.Null(times.Last(time, times.After(time)!.Value - TimeSpan.FromTicks(1)));
            }
        }
    }

    [Theory]
    [InlineData("* * * *", "", "has 4 fields: write five fields")]
    [InlineData("", "", "has 0 fields")]
    [InlineData("61 * * * *", "", "is no cron expression (")]
    [InlineData("@sometimes", "", "is no cron expression (")]
    [InlineData("0 3 * * *", "Europe/Prag", "knows no time zone 'Europe/Prag': write an id of the IANA database, such as Europe/Prague")]
    [InlineData("0 3 * * *", "../../etc/localtime", "knows no time zone")]
    [InlineData("every 500ms", "", "nothing comes more often than once a second")]
    [InlineData("every 1500ms", "", "write whole seconds")]
    [InlineData("every 0s", "", "nothing comes more often")]
    [InlineData("every soon", "", "soon")]
    [InlineData("every 1h", "Europe/Prague", "leave Europe/Prague out")]
    public void A_wrong_one_is_refused_with_what_would_be_right(string cron, string zone, string said)
    {
        Assert.Null(Timetable.Parse(cron, zone, out var problem));
        Assert.Contains(said, problem, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', problem);
    }

    [Fact]
    public void One_that_never_comes_has_no_next_time() => Assert.Null(Of("0 0 30 2 *", "").After(Time("2026-01-01T00:00Z")));

    internal static Timetable Of(string cron, string zone = "")
    {
        var times = Timetable.Parse(cron, zone, out var problem);
        Assert.True(times is not null, problem);
        return times;
    }

    internal static DateTimeOffset Time(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);
}
