using System.Globalization;
using Artel.Dashboard.Charts;
using Artel.Protocol.Text;
using Artel.Protocol.V1;
using Google.Protobuf.WellKnownTypes;

namespace Artel.Dashboard.Pages.Overview;

/// <summary>A drawing of the overview.</summary>
/// <param name="Now">The latest figures.</param>
/// <param name="Label">The same for those who do not see it.</param>
/// <param name="Data">As <c>lines.js</c> takes it.</param>
public sealed record Drawing(string Title, string Now, string Label, object Data);

/// <summary>What is drawn of samples of the cluster.</summary>
/// <param name="Since">When the samples begin, if they do not reach back over the whole range.</param>
public sealed record UsageDrawings(IReadOnlyList<Drawing> Drawings, DateTimeOffset? Since)
{
    private const double Gibibyte = 1L << 30;

    /// <summary>Samples come every five seconds. A longer gap is not bridged by a line.</summary>
    private static readonly TimeSpan LongestGap = TimeSpan.FromSeconds(15);

    /// <summary>
    /// The part of the range that may lack samples without a remark: the first sample never is at its very start.
    /// </summary>
    private const double LeastMissing = 0.02;

    /// <summary>
    /// The drawings end with the figures of the status, so that they agree with what the page shows beside them.
    /// </summary>
    public static UsageDrawings Of(
        IReadOnlyList<HistorySample> samples, ClusterStatus status, TimeRange range, DateTimeOffset now)
    {
        samples = UpToNow(samples, status, now);
        var begin = samples[0].At.ToDateTimeOffset() - (samples[0].Span?.ToTimeSpan() ?? TimeSpan.Zero);
        var isShort = begin - (now - range.Length) > range.Length * LeastMissing;
        return new UsageDrawings(DrawAll(samples, range, now), isShort ? begin : null);
    }

    private static IReadOnlyList<HistorySample> UpToNow(
        IReadOnlyList<HistorySample> samples, ClusterStatus status, DateTimeOffset now)
    {
        var last = samples.Count > 0 ? samples[^1] : new HistorySample { At = now.ToTimestamp() };
        if (last.At.ToDateTimeOffset() > now)
        {
            return samples;
        }

        var present = last.Clone();
        var gap = now - last.At.ToDateTimeOffset();
        (present.At, present.Span) = (now.ToTimestamp(), (gap < LongestGap ? gap : TimeSpan.Zero).ToDuration());
        (present.Running, present.Ready) = (status.ActiveTasks?.Running ?? 0, status.ActiveTasks?.Ready ?? 0);
        present.NodesConnected = status.NodesConnected;
        (present.Succeeded, present.Failed) = (0, 0);
        return [.. samples, present];
    }

    /// <summary>Gpus only if a node has or had some.</summary>
    private static List<Drawing> DrawAll(IReadOnlyList<HistorySample> samples, TimeRange range, DateTimeOffset now)
    {
        var last = samples[^1];
        var drawings = new List<Drawing>
        {
            Draw("Cpus", $"{Part(last.MilliCpus / 1000.0, last.MilliCpusTotal / 1000.0)} in use",
                Line("in use", s => s.MilliCpus / 1000.0, area: true), Line("of nodes", s => s.MilliCpusTotal / 1000.0)),
            Draw("Memory (GiB)", $"{Words.Size(last.MemoryBytes)} of {Words.Size(last.MemoryBytesTotal)} asked for",
                Line("asked for", s => s.MemoryBytes / Gibibyte, area: true), Line("of nodes", s => s.MemoryBytesTotal / Gibibyte)),
        };
        if (samples.Any(s => s.MilliGpusTotal > 0))
        {
            drawings.Add(Draw("Gpus", $"{Part(last.MilliGpus / 1000.0, last.MilliGpusTotal / 1000.0)} in use",
                Line("in use", s => s.MilliGpus / 1000.0, area: true), Line("of nodes", s => s.MilliGpusTotal / 1000.0)));
        }

        // What ends between the last sample and now is in none yet.
        drawings.Add(Draw("Finished tasks per second", Finished(samples),
            Line("succeeded", s => ReferenceEquals(s, last) ? null : HistoryLines.PerSecond(s.Succeeded, s), color: "succeeded", area: true),
            Line("failed", s => ReferenceEquals(s, last) ? null : HistoryLines.PerSecond(s.Failed, s), color: "failed")));
        drawings.Add(Draw("Tasks", $"{Words.Count(last.Running)} running, {Words.Count(last.Ready)} ready",
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
