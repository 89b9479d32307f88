using System.Globalization;
using Artel.Dashboard.Charts;
using Artel.Protocol.Text;
using Artel.Protocol.V1;

namespace Artel.Dashboard.Pages.Overview;

/// <summary>A drawing of the overview.</summary>
/// <param name="Now">The latest figures.</param>
/// <param name="Label">The same for those who do not see it.</param>
/// <param name="Data">As <c>lines.js</c> takes it.</param>
internal sealed record Drawing(string Title, string Now, string Label, object Data);

/// <summary>What is drawn of samples of the cluster.</summary>
internal static class UsageDrawings
{
    private const double Gibibyte = 1L << 30;

    /// <summary>Frames, so that the page does not jump when the first answer comes.</summary>
    public static IReadOnlyList<Drawing> Empty { get; } = Of([], TimeRange.Default, DateTimeOffset.UnixEpoch);

    /// <summary>Gpus only where a node has or had some.</summary>
    public static IReadOnlyList<Drawing> Of(IReadOnlyList<HistorySample> samples, TimeRange range, DateTimeOffset now)
    {
        var last = samples.Count > 0 ? samples[^1] : null;
        var drawings = new List<Drawing>
        {
            Draw("Cpus", last is null ? "" : $"{Part(last.MilliCpus / 1000.0, last.MilliCpusTotal / 1000.0)} in use",
                Line("in use", s => s.MilliCpus / 1000.0, area: true), Line("of nodes", s => s.MilliCpusTotal / 1000.0)),
            Draw("Memory (GiB)", last is null ? "" : $"{Words.Size(last.MemoryBytes)} of {Words.Size(last.MemoryBytesTotal)} asked for",
                Line("asked for", s => s.MemoryBytes / Gibibyte, area: true), Line("of nodes", s => s.MemoryBytesTotal / Gibibyte)),
        };
        if (samples.Any(s => s.MilliGpusTotal > 0))
        {
            drawings.Add(Draw("Gpus", $"{Part(last!.MilliGpus / 1000.0, last.MilliGpusTotal / 1000.0)} in use",
                Line("in use", s => s.MilliGpus / 1000.0, area: true), Line("of nodes", s => s.MilliGpusTotal / 1000.0)));
        }

        drawings.Add(Draw("Finished tasks per second", Finished(samples),
            Line("succeeded", s => HistoryLines.PerSecond(s.Succeeded, s), color: "succeeded", area: true),
            Line("failed", s => HistoryLines.PerSecond(s.Failed, s), color: "failed")));
        drawings.Add(Draw("Tasks", last is null ? "" : $"{Words.Count(last.Running)} running, {Words.Count(last.Ready)} ready",
            Line("running", s => s.Running, color: "running", area: true), Line("ready", s => s.Ready, color: "ready")));
        return drawings;

        Drawing Draw(string title, string latest, params object[] series) => new(
            title, latest, $"{title} over the last {range.Words}{(latest.Length > 0 ? $": {latest}" : "")}",
            new { series, from = HistoryLines.Milliseconds(now - range.Length), to = HistoryLines.Milliseconds(now) });

        object Line(string name, Func<HistorySample, double?> value, string? color = null, bool area = false) =>
            new { name, color, area, points = HistoryLines.Points(samples, value) };
    }

    private static string Part(double part, double whole) => string.Create(CultureInfo.InvariantCulture, $"{part:0.##} of {whole:0.##}");

    private static string Finished(IReadOnlyList<HistorySample> samples)
    {
        var (succeeded, failed) = (samples.Sum(s => (long)s.Succeeded), samples.Sum(s => (long)s.Failed));
        return samples.Count == 0 ? "" : $"{Words.Count(succeeded)} succeeded, {Words.Count(failed)} failed";
    }
}
