using System.Globalization;

namespace Artel.Dashboard.Times;

/// <summary>Moments that may be still to come, in words.</summary>
internal static class Ahead
{
    /// <summary>
    /// <c>in 12 s</c>, <c>in 3 min</c>, <c>in 5 h</c>, <c>in 90 days</c>; for the past <c>3 min ago</c>, and the
    /// viewer's date after a day.
    /// </summary>
    public static string Words(DateTimeOffset time, DateTimeOffset now, ViewerClock clock) => (time - now) switch
    {
        { TotalHours: <= -24 } => clock.Of(time).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        { TotalSeconds: <= 0 } => Protocol.Text.Words.Ago(time, now),
        { TotalSeconds: < 1 } => "now",
        { TotalSeconds: < 60 } left => In(left.TotalSeconds, "s"),
        { TotalMinutes: < 60 } left => In(left.TotalMinutes, "min"),
        { TotalHours: < 48 } left => In(left.TotalHours, "h"),
        var left => In(left.TotalDays, "days"),
    };

    private static string In(double number, string unit) => string.Create(CultureInfo.InvariantCulture, $"in {(long)number} {unit}");
}
