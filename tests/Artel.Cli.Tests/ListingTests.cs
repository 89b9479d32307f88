using Artel.Cli.Output;
using Artel.Protocol.V1;
using Spectre.Console;

namespace Artel.Cli.Tests;

/// <summary>Listings on a terminal of 80 columns.</summary>
public sealed class ListingTests
{
    private const int Width = 80;

    [Fact]
    public void Columns_of_minor_interest_are_left_out_and_nothing_is_cut()
    {
        var listing = new Listing().Column("node").Column("state").Column("host", minor: 1).Column("version", minor: 2);
        listing.Row("a-node-with-a-name-that-is-long", "connected", new string('h', 30), new string('v', 30));

        var lines = Print(listing);

        Assert.Equal(["node", "state", "host"], lines[0].Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains("a-node-with-a-name-that-is-long", lines[1], StringComparison.Ordinal);
    }

    [Fact]
    public void If_nothing_else_gives_way_text_wraps_and_what_identifies_the_row_stays_whole()
    {
        var id = new string('n', 40);
        var text = string.Join(' ', Enumerable.Repeat("words", 20));

        var lines = Print(new Listing().Column("node").Column("problem").Row(id, text));

        Assert.StartsWith(id, lines[1], StringComparison.Ordinal);
        Assert.Equal(20, string.Join(' ', lines).Split("words").Length - 1);
    }

    [Theory]
    [InlineData(NodeCondition.Connected)]
    [InlineData(NodeCondition.Disconnected)]
    public void A_list_of_nodes_fits(NodeCondition condition)
    {
        using var text = new StringWriter();
        var terminal = new Terminal(text, TextWriter.Null, outputIsTerminal: true, errorIsTerminal: true);
        terminal.Out.Profile.Width = Width;
        terminal.Out.Profile.Capabilities.Ansi = false;
        var node = new WireNode
        {
            Id = "render-07",
            Kind = "native",
            Condition = condition,
            Draining = true,
            Problem = "its disk is full",
            Host = "render-07.example.org",
            Version = "0.1.0+abcdef",
            Running = 12,
            Backlog = 40,
            RunAs = "submitter",
            Resources = new Resources { MilliCpus = 64000, MemoryBytes = 256L << 30 },
            State = NodeState.Running,
        };
        node.Labels.Add("os", "linux");

        NodeText.PrintList([node], terminal, DateTimeOffset.UnixEpoch);

        var lines = text.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(l => l.TrimEnd()).ToList();
        Assert.All(lines, l => Assert.True(l.Length <= Width, l));
        Assert.Contains(lines, l => l.Contains("render-07", StringComparison.Ordinal));
        Assert.Contains("draining", string.Concat(lines), StringComparison.Ordinal);
    }

    [Fact]
    public void A_terminal_that_reports_no_size_has_the_usual_one()
    {
        using var text = new StringWriter();
        var terminal = new Terminal(text, text, outputIsTerminal: true, errorIsTerminal: true);

        Assert.True(terminal.Error.Profile is { Width: > 0, Height: > 0 });
    }

    private static List<string> Print(Listing listing)
    {
        using var text = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.No,
            ColorSystem = ColorSystemSupport.NoColors,
            Out = new EightyColumns(text),
        });
        console.Profile.Width = Width;
        listing.Print(console);
        return [.. text.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.TrimEnd())];
    }

    private sealed class EightyColumns(TextWriter writer) : IAnsiConsoleOutput
    {
        public TextWriter Writer => writer;

        public bool IsTerminal => true;

        public int Width => ListingTests.Width;

        public int Height => 24;

        public void SetEncoding(System.Text.Encoding encoding)
        {
        }
    }
}
