using Artel.Bench.Cluster;
using Artel.Bench.Reporting;
using ScottPlot;
using ScottPlot.TickGenerators;

namespace Artel.Bench.Plots;

/// <summary>A bar for each program that was measured, the fastest first. From zero and not logarithmic: lengths are what is compared.</summary>
internal static class PeersPlot
{
    private const string Ending = "_per_s";
    private const int HeightOfRest = 120;
    private const int HeightOfBar = 46;

    private static readonly Dictionary<string, string> Names = new(StringComparer.Ordinal)
    {
        ["artel"] = "Artel",
        ["xargs"] = "xargs -P2",
        ["parallel"] = "GNU parallel -j2",
        ["dask"] = "Dask",
        ["slurm_array"] = "Slurm, array job",
        ["slurm_steps"] = "Slurm, job steps",
    };

    public static Plot Draw(IReadOnlyDictionary<string, double> peers)
    {
        var rates = Rates(peers);
        var plot = PlotLook.Make(Figure.Text($"{peers.GetValueOrDefault("tasks", 1000):N0} × /bin/true, two at a time: processes a second"));
        var bars = rates.Select((r, place) => new Bar
        {
            Position = rates.Length - 1 - place,
            Value = r.Rate,
            FillColor = r.Name == Names["artel"] ? PlotLook.Artel : PlotLook.Other,
            LineWidth = 0,
            Size = 0.62,
        }).ToArray();
        plot.Add.Bars(bars).Horizontal = true;
        foreach (var bar in bars)
        {
            plot.Note(Figure.Text(bar.Value < 100 ? (FormattableString)$"{bar.Value:0.#}" : $"{bar.Value:N0}"), bar.Value, bar.Position, Alignment.MiddleLeft, 6, 0);
        }

        plot.Axes.Left.TickGenerator = new NumericManual(bars.Select(b => b.Position).ToArray(), rates.Select(r => r.Name).ToArray());
        plot.Axes.Left.MajorTickStyle.Length = 0;
        plot.Axes.Bottom.TickGenerator = new NumericAutomatic { TargetTickCount = 6, LabelFormatter = v => Figure.Text($"{v:N0}") };
        plot.Grid.YAxisStyle.IsVisible = false;
        plot.Axes.SetLimits(0, 1.12 * rates[0].Rate, -0.6, rates.Length - 0.4);
        return plot;
    }

    public static void Save(Plot plot, IReadOnlyDictionary<string, double> peers, string file) => plot.Save(file, HeightOfRest + (HeightOfBar * Rates(peers).Length));

    private static (string Name, double Rate)[] Rates(IReadOnlyDictionary<string, double> peers)
    {
        var rates = peers.Where(f => f.Key.EndsWith(Ending, StringComparison.Ordinal))
            .Select(f => (Key: f.Key[..^Ending.Length], Rate: f.Value))
            .Select(f => (Name: Names.GetValueOrDefault(f.Key, f.Key), f.Rate))
            .OrderByDescending(f => f.Rate).ToArray();
        return rates.Length > 0 ? rates : throw new BenchException("the outcome of 'peers' has no figures <peer>_per_s");
    }
}
