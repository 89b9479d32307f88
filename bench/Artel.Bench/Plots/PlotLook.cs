using ScottPlot;

namespace Artel.Bench.Plots;

/// <summary>How all plots look: light, few lines, text that is read without a magnifier where a page shows them 800 wide.</summary>
internal static class PlotLook
{
    private const int Width = 800;

    // Letters are placed for this font. Where it is not installed, Verdana has the same widths.
    private const string Font = "DejaVu Sans";
    private const string Fonts = "DejaVu Sans, Verdana, sans-serif";
    private static readonly Color Ink = Color.FromHex("#1f2933");
    private static readonly Color Faint = Color.FromHex("#e4e7eb");

    public static Color Artel { get; } = Color.FromHex("#0b6e99");

    public static Color Second { get; } = Color.FromHex("#d9822b");

    public static Color Other { get; } = Color.FromHex("#9aa5b1");

    public static Plot Make(string title)
    {
        var plot = new Plot();
        plot.FigureBackground.Color = Colors.White;
        plot.DataBackground.Color = Colors.White;
        plot.Grid.MajorLineColor = Faint;
        plot.Axes.Color(Ink);
        plot.Title(title, 17);
        plot.Axes.Title.Label.Bold = false;
        foreach (var axis in new IAxis[] { plot.Axes.Left, plot.Axes.Bottom })
        {
            axis.TickLabelStyle.FontSize = 14;
            axis.Label.FontSize = 14;
            axis.Label.Bold = false;
            axis.MinorTickStyle.Length = 0;
        }

        plot.Axes.Right.FrameLineStyle.IsVisible = false;
        plot.Axes.Top.FrameLineStyle.IsVisible = false;
        plot.Legend.FontSize = 14;
        plot.Legend.OutlineColor = Faint;
        plot.Legend.ShadowColor = Colors.Transparent;
        return plot;
    }

    public static ScottPlot.Plottables.Text Note(this Plot plot, string text, double x, double y, Alignment alignment, float offsetX, float offsetY)
    {
        var note = plot.Add.Text(text, x, y);
        note.LabelFontSize = 14;
        note.LabelFontColor = Ink;
        note.LabelAlignment = alignment;
        (note.OffsetX, note.OffsetY) = (offsetX, offsetY);
        return note;
    }

    /// <summary>Writes the picture, by the ending of its name as SVG or PNG.</summary>
    public static void Save(this Plot plot, string file, int height)
    {
        plot.Font.Set(Font);
        if (file.EndsWith(".png", StringComparison.Ordinal))
        {
            plot.SavePng(file, Width, height);
        }
        else
        {
            // Skia names one font, and ends its lists of places with a comma, for which Firefox takes none of them.
            var svg = plot.GetSvgXml(Width, height)
                .Replace($"font-family=\"{Font}\"", $"font-family=\"{Fonts}\"", StringComparison.Ordinal)
                .Replace(", \"", "\"", StringComparison.Ordinal);
            File.WriteAllText(file, svg);
        }
    }
}
