using Spectre.Console;

namespace Artel.Cli.Output;

/// <summary>Names and values, one a line: the head of what <c>show</c> shows. Facts without a value are left out.</summary>
internal sealed class Facts
{
    private readonly Listing _listing = new Listing().Column("").Column("", wrap: true);

    public Facts Add(string name, string? value, Style? style = null)
    {
        if (!string.IsNullOrEmpty(value))
            _listing.Row(new Cell(name, new Style(decoration: Decoration.Dim)), new Cell(value, style));

        return this;
    }

    public void Print(IAnsiConsole console) => _listing.Print(console, withHead: false);
}
