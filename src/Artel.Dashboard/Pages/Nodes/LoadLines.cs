using Artel.Protocol.V1;

namespace Artel.Dashboard.Pages.Nodes;

/// <summary>Samples of a node as the lines that <c>wwwroot/charts/lines.js</c> draws, broken where nothing is known.</summary>
internal static class LoadLines
{
    /// <summary>Samples come a little late: what is no longer than this is no gap.</summary>
    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(5);

    /// <param name="samples">In order.</param>
    public static List<double?[]> Points(IEnumerable<HistorySample> samples, Func<HistorySample, double> value)
    {
        var points = new List<double?[]>();
        DateTimeOffset? last = null;
        foreach (var sample in samples)
        {
            var at = sample.At.ToDateTimeOffset();
            var from = at - sample.Span.ToTimeSpan();
            if (last is { } known && from - known > Slack)
            {
                points.Add([known.ToUnixTimeMilliseconds() + 1, null]);

                // What is known begins here: with one sample alone there would be no line to see.
                points.Add([from.ToUnixTimeMilliseconds(), Math.Round(value(sample), 3)]);
            }
            else if (last is null)
            {
                points.Add([from.ToUnixTimeMilliseconds(), Math.Round(value(sample), 3)]);
            }

            points.Add([at.ToUnixTimeMilliseconds(), Math.Round(value(sample), 3)]);
            last = at;
        }

        return points;
    }

    /// <param name="max">Top of the scale; null: as high as the values.</param>
    public static object Chart(string name, string unit, IReadOnlyList<HistorySample> samples, Func<HistorySample, double> value, DateTimeOffset now, double? max, bool whole) => new
    {
        Series = new[] { new { Name = name, Unit = unit, Area = true, Points = Points(samples, value) } },
        Max = max,
        Whole = whole,
        From = (now - TimeSpan.FromHours(1)).ToUnixTimeMilliseconds(),
        To = now.ToUnixTimeMilliseconds(),
    };
}
