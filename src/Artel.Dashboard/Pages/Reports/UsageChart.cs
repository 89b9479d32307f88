using Artel.Dashboard.Charts;
using Artel.Protocol.V1;

namespace Artel.Dashboard.Pages.Reports;

/// <summary>Hours per day, as <c>lines.js</c> draws them: a step for each UTC day, zero for days without work.</summary>
internal static class UsageChart
{
    public static object Draw(GetUsageReply byDay)
    {
        var rows = byDay.Rows.ToDictionary(r => r.Day.Seconds);
        var days = new List<(DateTimeOffset Day, UsageSum? Sum)>();
        for (var day = byDay.First.ToDateTimeOffset(); day <= byDay.Last.ToDateTimeOffset(); day = day.AddDays(1))
        {
            days.Add((day, rows.GetValueOrDefault(day.ToUnixTimeSeconds())));
        }

        var series = new List<object>
        {
            Line("CPU hours requested", s => s.CpuSeconds, area: true),
            Line("CPU hours used", s => s.UsedCpuSeconds),
        };
        if (byDay.Total.GpuSeconds > 0)
        {
            series.Add(Line("GPU hours", s => s.GpuSeconds));
        }

        return new
        {
            series,
            from = HistoryLines.Milliseconds(days[0].Day),
            to = HistoryLines.Milliseconds(days[^1].Day.AddDays(1)),
        };

        // A value holds until the next point: the last one gets a further point at the end of its day.
        object Line(string name, Func<UsageSum, double> seconds, bool area = false)
        {
            double Hours(UsageSum? sum) => sum is null ? 0 : Math.Round(seconds(sum) / 3600, 4);
            var points = days.Select(d => (double?[])[HistoryLines.Milliseconds(d.Day), Hours(d.Sum)])
                .Append([HistoryLines.Milliseconds(days[^1].Day.AddDays(1)), Hours(days[^1].Sum)]);
            return new { name, area, step = true, points = points.ToList() };
        }
    }
}
