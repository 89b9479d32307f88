using System.Text;
using Artel.Cli.Output;
using Spectre.Console;

namespace Artel.Cli.Tests;

/// <summary>What others wrote, on its way to a terminal.</summary>
public sealed class ShownTextTests
{
    public static TheoryData<string, string> Streams() => new()
    {
        { "plain\ttext\r\nжук 🦀\n", "plain\ttext\r\nжук 🦀\n" },
        { "\e[1;31mred\e[0m \e[38:2:1:2:3mtrue\e[m", "\e[1;31mred\e[0m \e[38:2:1:2:3mtrue\e[m" },
        { "\e]52;c;ZXZpbA==\a", "␛]52;c;ZXZpbA==␇" },
        { "\e[2J\e[H\e[?1049h\e[>4;1m", "␛[2J␛[H␛[?1049h␛[>4;1m" },
        { "\ePdcs\e\\\ec\e(0", "␛Pdcs␛\\␛c␛(0" },
        { "a\bb\0\x7f", "a␈b␀␡" },
        { "\u009b2J\u0085", "<U+009B>2J<U+0085>" },
        { "admin\u202etxt.exe\u2066\u200f", "admin<U+202E>txt.exe<U+2066><U+200F>" },
        { "\e\e[31mred", "␛\e[31mred" },
        { "\e[3" + new string('1', 100) + "m", "␛[3" + new string('1', 100) + "m" },
        { "cut \e[3", "cut ␛[3" },
    };

    [Theory]
    [MemberData(nameof(Streams))]
    public void A_stream_passes_text_and_colours_and_shows_the_rest_however_it_is_split(string written, string shown)
    {
        var bytes = Encoding.UTF8.GetBytes(written);

        for (var size = 1; size <= bytes.Length; size++)
        {
            using var terminal = new MemoryStream();
            using (var stream = new ShownStream(terminal))
            {
                foreach (var part in bytes.Chunk(size))
                {
                    stream.Write(part);
                    stream.Flush();
                }
            }

            Assert.Equal(shown, Encoding.UTF8.GetString(terminal.ToArray()));
        }
    }

    [Fact]
    public void Bytes_that_are_no_text_are_shown_as_such()
    {
        using var terminal = new MemoryStream();
        using (var stream = new ShownStream(terminal))
            stream.Write([0x9b, (byte)'2', (byte)'J', 0xc3, (byte)'x', 0xff]);

        Assert.Equal("\ufffd2J\ufffdx\ufffd", Encoding.UTF8.GetString(terminal.ToArray()));
    }

    [Fact]
    public void What_is_whole_is_passed_on_at_once()
    {
        using var terminal = new MemoryStream();
        using var stream = new ShownStream(terminal);

        stream.Write("half \e["u8);

        Assert.Equal("half ", Encoding.UTF8.GetString(terminal.ToArray()));
    }

    [Fact]
    public void A_page_cannot_forget_to_make_a_text_safe()
    {
        using var output = new StringWriter();
        var terminal = new Terminal(output, TextWriter.Null, outputIsTerminal: true, errorIsTerminal: true);

        terminal.Out.Write(new Text("name \e]0;title\a\u202e"));
        terminal.Print("line \e[2J\nnext");

        Assert.DoesNotContain("\e]0", output.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("\e[2J", output.ToString(), StringComparison.Ordinal);
        Assert.Contains("name ␛]0;title␇<U+202E>", output.ToString(), StringComparison.Ordinal);
        Assert.Contains("line ␛[2J\nnext", output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_not_a_terminal_gets_everything_as_it_is()
    {
        using var output = new StringWriter();
        var terminal = new Terminal(output, TextWriter.Null, outputIsTerminal: false, errorIsTerminal: false);

        terminal.Print("line \e[2J");

        Assert.Equal("line \e[2J" + Environment.NewLine, output.ToString());
    }
}
