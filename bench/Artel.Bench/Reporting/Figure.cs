using System.Globalization;

namespace Artel.Bench.Reporting;

/// <summary>What is made of many measurements, and how numbers are written.</summary>
internal static class Figure
{
    public static double Median(IEnumerable<double> values) => Percentile(values, 0.5);

    /// <param name="part">0.99 is the value that 99 of a hundred do not exceed.</param>
    public static double Percentile(IEnumerable<double> values, double part)
    {
        var sorted = values.Order().ToArray();
        return sorted[Math.Clamp((int)Math.Ceiling(sorted.Length * part) - 1, 0, sorted.Length - 1)];
    }

    public static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
