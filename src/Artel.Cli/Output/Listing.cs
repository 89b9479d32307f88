using System.Text;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Artel.Cli.Output;

/// <summary>
/// A plain table: a dim head, columns two spaces apart, no borders, no empty columns. In a pipe each row is one whole
/// line, with no padding at its end. On a terminal that is too narrow for all columns, minor ones are left out; nothing
/// is cut.
/// </summary>
internal sealed class Listing
{
    private const string Gap = "  ";

    /// <summary>Columns that wrap become no narrower than this, unless nothing else can.</summary>
    private const int LeastWrapped = 10;

    private readonly List<(string Name, bool Right, bool Wrap, int Minor)> _columns = [];
    private readonly List<Cell[]> _rows = [];
    private int[]? _widths;

    /// <summary>A column. On a narrow terminal those that wrap give way first.</summary>
    /// <param name="minor">
    /// On a terminal that is still too narrow, columns with the largest number are left out first; those with 0 never
    /// are.
    /// </param>
    public Listing Column(string name, bool right = false, bool wrap = false, int minor = 0)
    {
        _columns.Add((name, right, wrap, minor));
        return this;
    }

    public Listing Row(params Cell[] cells)
    {
        _rows.Add([.. cells.Select(c => c with { Text = Terminal.Plain(c.Text) })]);
        return this;
    }

    public void Print(IAnsiConsole console, bool withHead = true)
    {
        var shown = Enumerable.Range(0, _columns.Count).Where(c => _rows.Any(r => r[c].Text.Length > 0)).ToArray();
        if (console.Profile.Out.IsTerminal)
            PrintTable(console, Fitting(shown, console.Profile.Width), withHead);
        else
            PrintLines(console, shown, withHead, new int[_columns.Count]);
    }

    /// <summary>
    /// Prints the rows since the last call as lines, with the head before the first ones: for a list that is too long to wait for its
    /// end. Columns are as wide as anything that came so far.
    /// </summary>
    public void PrintMore(IAnsiConsole console)
    {
        if (_rows.Count == 0)
            return;

        PrintLines(console, [.. Enumerable.Range(0, _columns.Count)], withHead: _widths is null, _widths ?? new int[_columns.Count]);
        _rows.Clear();
    }

    /// <summary>The columns that there is room for.</summary>
    private int[] Fitting(int[] shown, int width)
    {
        while (Needed(shown) > width && shown.Any(c => _columns[c].Minor > 0))
        {
            var most = shown.Max(c => _columns[c].Minor);
            shown = [.. shown.Where(c => _columns[c].Minor != most)];
        }

        return shown;
    }

    private int Needed(int[] shown) =>
        shown.Sum(c => _columns[c].Wrap ? Math.Min(LeastWrapped, Natural(c)) : Natural(c))
        + (Gap.Length * Math.Max(0, shown.Length - 1));

    private int Natural(int column) =>
        Math.Max(Width(_columns[column].Name), _rows.Count == 0 ? 0 : _rows.Max(r => Width(r[column].Text)));

    private void PrintTable(IAnsiConsole console, int[] shown, bool withHead)
    {
        // If it still does not fit, all columns but the first wrap: more lines are better than cut ones.
        var isTooWide = Needed(shown) > console.Profile.Width;
        var table = new Table().NoBorder();
        table.ShowHeaders = withHead;
        foreach (var c in shown)
        {
            var (name, right, wrap, _) = _columns[c];
            var column = new TableColumn(new Text(name, new Style(decoration: Decoration.Dim)))
            {
                Alignment = right ? Justify.Right : Justify.Left,
                NoWrap = !wrap && !(isTooWide && c != shown[0]),
            };
            table.AddColumn(column.PadLeft(0).PadRight(c == shown[^1] ? 0 : Gap.Length));
        }

        foreach (var row in _rows)
            table.AddRow(shown.Select(c => (IRenderable)new Text(row[c].Text, row[c].Style)));

        console.Write(table);
    }

    /// <param name="least">Widths by column that are not gone below.</param>
    private void PrintLines(IAnsiConsole console, int[] shown, bool withHead, int[] least)
    {
        var lines = _rows.Select(r => r.Select(c => c.Text).ToArray()).ToList();
        if (withHead)
            lines.Insert(0, [.. _columns.Select(c => c.Name)]);

        var widths = _widths = [.. least];
        foreach (var c in shown)
            widths[c] = Math.Max(widths[c], lines.Max(l => Width(l[c])));

        foreach (var line in lines)
        {
            var cells = shown.Select(c =>
            {
                var padding = new string(' ', widths[c] - Width(line[c]));
                return _columns[c].Right ? padding + line[c] : line[c] + padding;
            });
            console.Profile.Out.Writer.WriteLine(string.Join(Gap, cells).TrimEnd());
        }
    }

    // In cells of a terminal: a Chinese character takes two.
    private static int Width(string text) => Ascii.IsValid(text) ? text.Length : text.GetCellWidth();
}

/// <summary>One value of a <see cref="Listing"/>.</summary>
internal readonly record struct Cell(string Text, Style? Style = null)
{
    public static implicit operator Cell(string text) => new(text);
}
