using System.Text;
using Artel.Dashboard.Pages.Tasks;

namespace Artel.Dashboard.Tests.Pages;

/// <summary>What programs write for a terminal, as letters.</summary>
public sealed class AnsiTextTests
{
    [Theory]
    [InlineData("one\ntwo\n", "one|two")]
    [InlineData("10 %\r20 %\n", "20 %")]
    [InlineData("abc\rX", "Xbc")]
    [InlineData("abc\r\u001b[KX", "X")]
    [InlineData("ab\bX", "aX")]
    [InlineData("\u001b]0;title\u0007text", "text")]
    [InlineData("\u001b]8;;http://x\u001b\\link\u001b]8;;\u001b\\", "link")]
    [InlineData("\u001b[2J\u001b[10;10Hhere", "here")]
    [InlineData("a\u0000b\u0001c", "abc")]
    [InlineData("\u001b[31", "")]
    [InlineData("<script>alert(1)</script>", "<script>alert(1)</script>")]
    public void Only_letters_stay(string written, string seen) => Assert.Equal(seen, Text(Encoding.UTF8.GetBytes(written)));

    [Fact]
    public void What_is_not_UTF8_is_shown_as_such() => Assert.Equal("a\uFFFDb", Text([(byte)'a', 0xFF, (byte)'b']));

    [Fact]
    public void Half_of_a_letter_at_the_cut_is_left_for_the_next_window() =>
        Assert.Equal("a", Text([(byte)'a', 0xE2, 0x82], isCut: true));

    [Fact]
    public void Colours_last_until_they_are_taken_back()
    {
        var letters = new AnsiText(0, []).Read(Encoding.UTF8.GetBytes("a\u001b[1;31mb\u001b[0mc"), false).Single().Letters;

        Assert.True(letters[0].Style.IsPlain);
        Assert.Contains("ansi-f1", letters[1].Style.Class, StringComparison.Ordinal);
        Assert.Contains("ansi-bold", letters[1].Style.Class, StringComparison.Ordinal);
        Assert.True(letters[2].Style.IsPlain);
    }

    private static string Text(byte[] bytes, bool isCut = false) =>
        string.Join('|', new AnsiText(0, []).Read(bytes, isCut).Select(line => string.Concat(line.Letters.Select(l => l.Rune.ToString()))));
}
