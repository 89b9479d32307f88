using System.Globalization;
using Artel.Bench.Cluster;
using Artel.Bench.Reporting;
using ScottPlot;
using ScottPlot.TickGenerators;

namespace Artel.Bench.Plots;

/// <summary>Rate against tasks queued ahead, a line for each number of jobs that these are in: flat is what is wanted.</summary>
internal static class DepthPlot
{
    private const int Height = 420;

    public static Plot Draw(IReadOnlyDictionary<string, double> queue)
    {
        var points = queue.Select(f => Point.Of(f.Key, f.Value)).OfType<Point>().ToArray();
        if (points.Length == 0)
        {
            throw new BenchException("the outcome of 'queue' has no figures depth_<tasks>_jobs_<jobs>");
        }

        // Zero has no place on a logarithmic axis, and these are few: one step each.
        var depths = points.Select(p => p.Tasks).Distinct().Order().ToArray();
        var plot = PlotLook.Make("Tasks a second against tasks queued ahead");
        var colors = new[] { PlotLook.Artel, PlotLook.Second, PlotLook.Other };
        foreach (var (line, place) in points.Where(p => p.Tasks > 0).GroupBy(p => p.Jobs).OrderBy(g => g.Key).Select((g, i) => (g, i)))
        {
            // With nothing queued there is one figure for all lines.
            var all = points.Where(p => p.Tasks == 0 && (p.Jobs == line.Key || p.Jobs <= 1)).OrderByDescending(p => p.Jobs).Take(1).Concat(line.OrderBy(p => p.Tasks)).ToArray();
            var scatter = plot.Add.Scatter(all.Select(p => (double)Array.IndexOf(depths, p.Tasks)).ToArray(), all.Select(p => p.Rate).ToArray());
            scatter.Color = colors[place % colors.Length];
            scatter.LineWidth = 2.5f;
            scatter.MarkerSize = 9;
            scatter.LegendText = line.Key == 1 ? "in 1 job" : Figure.Text($"in {line.Key:N0} jobs");
        }

        plot.Axes.Bottom.TickGenerator = new NumericManual(depths.Select((_, i) => (double)i).ToArray(), depths.Select(Words).ToArray());
        plot.Axes.Left.TickGenerator = new NumericAutomatic { TargetTickCount = 5, LabelFormatter = v => Figure.Text($"{v:N0}") };
        plot.Axes.Bottom.Label.Text = "tasks queued ahead";
        plot.Axes.SetLimits(-0.3, depths.Length - 0.7, 0, 1.2 * points.Max(p => p.Rate));
        plot.ShowLegend(Alignment.LowerLeft);
        return plot;
    }

    public static void Save(Plot plot, string file) => plot.Save(file, Height);

    private static string Words(long tasks) => tasks switch
    {
        0 => "none",
        >= 1_000_000 when tasks % 1_000_000 == 0 => Figure.Text($"{tasks / 1_000_000} million"),
        _ => Figure.Text($"{tasks:N0}"),
    };

    private sealed record Point(long Tasks, long Jobs, double Rate)
    {
        /// <param name="name"><c>depth_TASKS_jobs_JOBS</c>; null for others.</param>
        public static Point? Of(string name, double rate) =>
            name.Split('_') is ["depth", var tasks, "jobs", var jobs]
            && long.TryParse(tasks, NumberStyles.None, CultureInfo.InvariantCulture, out var t) && long.TryParse(jobs, NumberStyles.None, CultureInfo.InvariantCulture, out var j)
                ? new Point(t, j, rate)
                : null;
    }
}
