using System.Globalization;
using Artel.Protocol.V1;
using Artel.Server.Schedules;

namespace Artel.Server.Tests.Schedules;

/// <summary>What is due, as a clock goes on, jumps, and is set back, and as servers start.</summary>
public sealed class DueTimeTests
{
    private const string Noon = "2026-01-01T12:00:00Z";

    private readonly Timetable _times = TimetableTests.Of("*/10 * * * * *");

    [Fact]
    public void Nothing_is_due_before_its_time() => Assert.Empty(Due(decided: "12:00:00", now: "12:00:09", since: "11:00:00"));

    [Fact]
    public void A_time_is_due_when_it_comes_and_only_once()
    {
        Assert.Equal(["12:00:10"], Due(decided: "12:00:00", now: "12:00:10", since: "11:00:00"));
        Assert.Empty(Due(decided: "12:00:10", now: "12:00:10", since: "11:00:00"));
        Assert.Empty(Due(decided: "12:00:10", now: "12:00:19", since: "11:00:00"));
    }

    [Fact]
    public void A_look_that_comes_late_finds_each_time_by_itself() =>
        Assert.Equal(["12:00:10", "12:00:20", "12:00:30"], Due(decided: "12:00:00", now: "12:00:31", since: "11:00:00"));

    [Fact]
    public void All_that_passed_while_the_server_was_down_is_one_run_at_the_last_of_them() =>
        Assert.Equal(["12:29:50 missed", "12:30:00"], Due(decided: "12:00:00", now: "12:30:02", since: "12:29:55"));

    [Fact]
    public void Or_none_where_that_is_said() =>
        Assert.Equal(["- missed", "12:30:00"], Due(decided: "12:00:00", now: "12:30:02", since: "12:29:55", Missed.Skip));

    [Fact]
    public void A_time_at_the_start_of_the_server_itself_was_missed() =>
        Assert.Equal(["12:00:10 missed"], Due(decided: "12:00:00", now: "12:00:10", since: "12:00:10"));

    [Fact]
    public void A_short_absence_is_an_absence() =>
        Assert.Equal(["12:00:40 missed", "12:00:50"], Due(decided: "12:00:10", now: "12:00:50", since: "12:00:45"));

    [Fact]
    public void A_clock_that_was_set_forward_or_a_machine_that_slept_makes_one_run_of_all_it_jumped_over() =>
        Assert.Equal(
            ["14:59:00 missed", "14:59:10", "14:59:20", "14:59:30", "14:59:40", "14:59:50", "15:00:00"],
            Due(decided: "12:00:00", now: "15:00:00", since: "11:00:00"));

    [Fact]
    public void Of_a_seldom_time_the_jump_makes_one_run_and_no_other()
    {
        var daily = TimetableTests.Of("0 3 * * *", "Europe/Prague");

        var due = DueTime.Find(daily, Missed.Run, At("2026-01-01T03:00:00Z"), At("2026-01-05T12:00:00Z"), At("2026-01-05T11:59:00Z"));

        Assert.Equal(new DueTime(At("2026-01-05T02:00:00Z"), At("2026-01-05T02:00:00Z"), IsMissed: true), due);
        Assert.Null(DueTime.Find(daily, Missed.Run, due!.Value.Decided, At("2026-01-05T12:00:00Z"), At("2026-01-05T11:59:00Z")));
    }

    [Fact]
    public void A_clock_that_was_set_back_a_little_repeats_nothing()
    {
        Assert.Empty(Due(decided: "12:30:00", now: "12:00:05", since: "11:00:00"));
        Assert.Equal(At("2026-01-01T12:30:00Z"), DueTime.Settle(At("2026-01-01T12:30:00Z"), At(Noon)));
        Assert.Equal(["12:30:10"], Due(decided: "12:30:00", now: "12:30:10", since: "11:00:00"));
    }

    [Fact]
    public void A_clock_that_was_set_back_far_is_not_waited_for()
    {
        var wrong = At("2031-01-01T00:00:00Z");

        Assert.Equal(At(Noon), DueTime.Settle(wrong, At(Noon)));
    }

    [Fact]
    public void Years_of_absence_are_decided_at_once()
    {
        var everySecond = TimetableTests.Of("* * * * * *");

        var due = DueTime.Find(everySecond, Missed.Run, At("1990-01-01T00:00:00Z"), At(Noon), At(Noon));

        Assert.Equal(new DueTime(At(Noon), At(Noon), IsMissed: true), due);
    }

    /// <summary>What is decided one after the other, as times of the day.</summary>
    private List<string> Due(string decided, string now, string since, Missed missed = Missed.Run)
    {
        var found = new List<string>();
        var upTo = Today(decided);
        while (DueTime.Find(_times, missed, upTo, Today(now), Today(since)) is { } due)
        {
            Assert.True(due.Decided > upTo, "each step decides something");
            upTo = due.Decided;
            found.Add((due.At?.ToString("HH:mm:ss", CultureInfo.InvariantCulture) ?? "-") + (due.IsMissed ? " missed" : ""));
        }

        return found;
    }

    private static DateTimeOffset Today(string time) => At($"2026-01-01T{time}Z");

    private static DateTimeOffset At(string text) => TimetableTests.Time(text);
}
