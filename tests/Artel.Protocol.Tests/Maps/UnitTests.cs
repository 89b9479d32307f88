using Artel.Protocol.Maps;
using CsCheck;

namespace Artel.Protocol.Tests.Maps;

/// <summary>Durations, sizes, amounts and node ids, as people write them.</summary>
public sealed class UnitTests
{
    [Theory]
    [InlineData("500ms", 500)]
    [InlineData("10s", 10_000)]
    [InlineData("1.5s", 1500)]
    [InlineData("10m", 600_000)]
    [InlineData("1h30m", 5_400_000)]
    [InlineData("2d", 172_800_000)]
    [InlineData("1d2h3m4s5ms", 93_784_005)]
    [InlineData("0", 0)]
    [InlineData("0s", 0)]
    public void A_duration_is_read(string text, long milliseconds)
    {
        Assert.True(Durations.TryParse(text, out var duration, out var error));
        Assert.Equal((TimeSpan.FromMilliseconds(milliseconds), ""), (duration, error));
    }

    [Theory]
    [InlineData("10", "'10' has no unit: write '10s' for seconds, or use ms, m, h, d")]
    [InlineData("", "'' is no duration: write one like '500ms', '10s', '1h30m' or '2d'")]
    [InlineData("s", "'s' is no duration: write one like '500ms', '10s', '1h30m' or '2d'")]
    [InlineData("-5s", "'-5s' is no duration: write one like '500ms', '10s', '1h30m' or '2d'")]
    [InlineData("30m1h", "'30m1h' is no duration: write one like '500ms', '10s', '1h30m' or '2d'")]
    [InlineData("1h1h", "'1h1h' is no duration: write one like '500ms', '10s', '1h30m' or '2d'")]
    [InlineData("1h30", "'1h30' is no duration: write one like '500ms', '10s', '1h30m' or '2d'")]
    [InlineData(".5s", "'.5s' is no duration: write one like '500ms', '10s', '1h30m' or '2d'")]
    [InlineData("1 s", "'1 s' is no duration: write one like '500ms', '10s', '1h30m' or '2d'")]
    [InlineData("3651d", "'3651d' is too long: at most 3650d")]
    [InlineData("9999999999999999999999999999d", "'9999999999999999999999999999d' is too long: at most 3650d")]
    public void A_wrong_duration_is_told(string text, string told)
    {
        Assert.False(Durations.TryParse(text, out _, out var error));
        Assert.Equal(told, error);
    }

    [Fact]
    public void A_duration_is_written_so_that_it_reads_back() => Gen.Long[0, 3650L * 24 * 60 * 60 * 1000].Sample(milliseconds =>
    {
        var duration = TimeSpan.FromMilliseconds(milliseconds);
        Assert.True(Durations.TryParse(Durations.Format(duration), out var again, out _));
        Assert.Equal(duration, again);
    });

    [Theory]
    [InlineData("0", 0)]
    [InlineData("4096", 4096)]
    [InlineData("100k", 100_000)]
    [InlineData("100K", 100_000)]
    [InlineData("100kB", 100_000)]
    [InlineData("512MB", 512_000_000)]
    [InlineData("64MiB", 64L << 20)]
    [InlineData("4GiB", 4L << 30)]
    [InlineData("4 GiB", 4L << 30)]
    [InlineData("4gib", 4L << 30)]
    [InlineData("1.5Ki", 1536)]
    [InlineData("2T", 2_000_000_000_000)]
    [InlineData("7b", 7)]
    public void A_size_is_read(string text, long bytes)
    {
        Assert.True(Sizes.TryParse(text, out var read, out var error));
        Assert.Equal((bytes, ""), (read, error));
    }

    [Theory]
    [InlineData("")]
    [InlineData("MiB")]
    [InlineData("-1k")]
    [InlineData("1.k")]
    [InlineData("1kk")]
    [InlineData("1i")]
    [InlineData("1e3")]
    [InlineData("10000P")]
    [InlineData("9223372036854775808")]
    [InlineData("9999999999999999999999999999P")]
    public void A_wrong_size_is_told(string text)
    {
        Assert.False(Sizes.TryParse(text, out _, out var error));
        Assert.Contains($"'{text}' is ", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, "0")]
    [InlineData(1023, "1023")]
    [InlineData(64L << 20, "64MiB")]
    [InlineData(1000, "1kB")]
    [InlineData(1_500_000, "1500kB")]
    public void A_size_is_written_in_its_largest_whole_unit(long bytes, string text) => Assert.Equal(text, Sizes.Format(bytes));

    [Fact]
    public void A_size_is_written_so_that_it_reads_back() => Gen.Long[0, long.MaxValue].Sample(bytes =>
    {
        Assert.True(Sizes.TryParse(Sizes.Format(bytes), out var again, out _));
        Assert.Equal(bytes, again);
    });

    [Theory]
    [InlineData("2", 2000)]
    [InlineData("0.5", 500)]
    [InlineData("0.125", 125)]
    [InlineData("0", 0)]
    public void An_amount_is_read_and_written(string text, int thousandths)
    {
        Assert.True(Thousandths.TryParse(text, out var read, out _));
        Assert.Equal(thousandths, read);
        Assert.Equal(text, Thousandths.Format(thousandths));
    }

    [Theory]
    [InlineData("")]
    [InlineData("-1")]
    [InlineData("1e3")]
    [InlineData("0.0005")]
    [InlineData("3000000")]
    public void A_wrong_amount_is_told(string text)
    {
        Assert.False(Thousandths.TryParse(text, out _, out var error));
        Assert.StartsWith($"'{text}' is ", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1")]
    [InlineData("render-07")]
    [InlineData("a.b_c")]
    [InlineData("_x")]
    [InlineData("узел")]
    [InlineData("节点1")]
    public void A_node_id_is_a_plain_word_of_any_script(string id) => Assert.True(NodeIds.IsValid(id));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("-x")]
    [InlineData("a b")]
    [InlineData("a/b")]
    [InlineData(@"a\b")]
    [InlineData("a\0")]
    [InlineData("🙂")]
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    public void A_node_id_is_never_a_path_or_an_option(string? id) => Assert.False(NodeIds.IsValid(id));
}
