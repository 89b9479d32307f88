using Artel.Cli.Output;

namespace Artel.Cli.Tests;

public sealed class WordsTests
{
    [Theory]
    [InlineData(-1, "0.00 s")]
    [InlineData(0.004, "0.00 s")]
    [InlineData(1.234, "1.23 s")]
    [InlineData(9.994, "9.99 s")]
    [InlineData(9.996, "10.0 s")]
    [InlineData(59.94, "59.9 s")]
    [InlineData(59.96, "0m59s")]
    [InlineData(200, "3m20s")]
    [InlineData(3599.9, "59m59s")]
    [InlineData(7500, "2h05m")]
    [InlineData(273600, "3d04h")]
    public void Durations_have_three_digits_or_two_units(double seconds, string expected) =>
        Assert.Equal(expected, Words.Duration(TimeSpan.FromSeconds(seconds)));

    [Theory]
    [InlineData(0, "0 B")]
    [InlineData(1023, "1023 B")]
    [InlineData(1024, "1 KiB")]
    [InlineData(1536, "1.5 KiB")]
    [InlineData(1048575, "1 MiB")]
    [InlineData(67108864, "64 MiB")]
    [InlineData(long.MaxValue, "8 EiB")]
    public void Sizes_never_read_1024_of_a_unit(long bytes, string expected) => Assert.Equal(expected, Words.Size(bytes));

    [Fact]
    public void A_command_line_quotes_only_what_a_shell_would_split()
    {
        Assert.Equal("./simulate --seed 1", Words.CommandLine(["./simulate", "--seed", "1"]));
        Assert.Equal("sh -c 'echo it'\\''s; exit 3' ''", Words.CommandLine(["sh", "-c", "echo it's; exit 3", ""]));
        Assert.Equal("echo привет 世界 🎉", Words.CommandLine(["echo", "привет", "世界", "🎉"]));
    }

    [Theory]
    [InlineData(0.5, "now")]
    [InlineData(12, "12 s ago")]
    [InlineData(200, "3 min ago")]
    [InlineData(7300, "2 h ago")]
    public void Times_of_today_are_told_by_their_age(double seconds, string expected)
    {
        var now = new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

        Assert.Equal(expected, Words.Ago(now - TimeSpan.FromSeconds(seconds), now));
    }

    [Fact]
    public void Text_of_others_can_not_steer_the_terminal()
    {
        Assert.Equal("a␛[31mb␊c␡d<U+009B>e", Terminal.Plain("a\u001b[31mb\nc\u007fd\u009be"));
        Assert.Equal("привет 世界 🎉", Terminal.Plain("привет 世界 🎉"));
    }
}
