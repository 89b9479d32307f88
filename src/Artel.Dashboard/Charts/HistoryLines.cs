using Artel.Protocol.V1;

namespace Artel.Dashboard.Charts;

/// <summary>From samples of the cluster, or of a node, to the points of lines, as <c>lines.js</c> draws them.</summary>
internal static class HistoryLines
{
    /// <summary>Clocks are read a little apart: what is shorter is no gap.</summary>
    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(1);

    /// <summary>
    /// A point at the end of each sample, one more where a run of samples begins, and a null where nothing is known between two: the line breaks
    /// there instead of claiming something.
    /// </summary>
    /// <param name="value">May not be known of a sample.</param>
    public static IReadOnlyList<double?[]> Points(IReadOnlyList<HistorySample> samples, Func<HistorySample, double?> value)
    {
        var points = new List<double?[]>(samples.Count + 8);
        DateTimeOffset? ended = null;
        foreach (var sample in samples)
        {
            var at = sample.At.ToDateTimeOffset();
            var from = at - (sample.Span?.ToTimeSpan() ?? TimeSpan.Zero);
            var v = Rounded(value(sample));
            if (ended is null || from - ended > Slack)
            {
                if (ended is { } end)
                {
                    points.Add([Milliseconds(end + ((from - end) / 2)), null]);
                }

                points.Add([Milliseconds(from), v]);
            }

            points.Add([Milliseconds(at), v]);
            ended = at;
        }

        return points;
    }

    /// <summary>What was counted over a sample's time, per second.</summary>
    public static double? PerSecond(int count, HistorySample sample) =>
        sample.Span?.ToTimeSpan().TotalSeconds is > 0 and var seconds ? count / seconds : null;

    public static double Milliseconds(DateTimeOffset time) => time.ToUnixTimeMilliseconds();

    private static double? Rounded(double? value) => value is { } v ? Math.Round(v, 3) : null;
}
