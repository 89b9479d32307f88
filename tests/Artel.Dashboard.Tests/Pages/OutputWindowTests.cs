using System.Text;
using Artel.Dashboard.Pages.Tasks;

namespace Artel.Dashboard.Tests.Pages;

/// <summary>However much a task writes, a page holds 64 KiB of it.</summary>
public sealed class OutputWindowTests
{
    [Fact]
    public void What_follows_pushes_the_beginning_out()
    {
        var window = new OutputWindow();
        var written = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Range(0, 40_000).Select(i => $"{i:00000}\n")));
        for (var place = 0; place < written.Length; place += 1000)
        {
            window.Roll(place, written.AsSpan(place, Math.Min(1000, written.Length - place)));
        }

        Assert.Equal(written.Length, window.End);
        Assert.InRange(window.Bytes.Length, 1, OutputWindow.Size);
        Assert.Equal(written[(int)window.Start..], window.Bytes.ToArray());
    }

    [Fact]
    public void A_gap_begins_anew()
    {
        var window = new OutputWindow();
        window.Roll(0, "before"u8);
        window.Roll(1_000_000, "behind"u8);

        Assert.Equal((1_000_000, "behind"), (window.Start, Encoding.ASCII.GetString(window.Bytes.Span)));
    }
}
