using Artel.Protocol.Text;
using Artel.Protocol.V1;

namespace Artel.Dashboard.Pages.Jobs;

/// <summary>A histogram as <c>bars.js</c> draws it.</summary>
internal static class HistogramBars
{
    /// <param name="isSize">Of bytes, else of seconds.</param>
    public static object Of(Histogram histogram, bool isSize) => new
    {
        bars = histogram.Counts.Select((count, i) => new { label = $"< {Value(histogram.Bounds[i + 1], isSize)}", value = count }),
        unit = "attempts",
    };

    /// <summary>All of it as a sentence, for those who do not see it: only classes that have something in them.</summary>
    public static string Describe(Histogram histogram, bool isSize) => string.Join(
        ", ",
        histogram.Counts.Select((count, i) => (count, i)).Where(c => c.count > 0)
            .Select(c => $"{Words.Count(c.count)} of {Label(histogram.Bounds[c.i], histogram.Bounds[c.i + 1], isSize)}"));

    private static string Label(double from, double to, bool isSize) => $"{Value(from, isSize)} – {Value(to, isSize)}";

    public static string Value(double value, bool isSize) =>
        isSize ? Words.Size((long)value) : value is > 0 and < 1 ? Short(value) : Words.Duration(TimeSpan.FromSeconds(value));

    private static string Short(double seconds) =>
        seconds < 0.001 ? FormattableString.Invariant($"{seconds * 1e6:0} µs") : FormattableString.Invariant($"{seconds * 1000:0.#} ms");
}
