namespace Artel.Chaos.Tests;

public class OptionsTests
{
    [Fact]
    public void All_options_are_read() => Assert.Equal(
        new Options(TimeSpan.FromMinutes(0.5), 7, 3, Exclusive: false, Json: true, Log: "/tmp/log"),
        Options.Parse(["--minutes", "0.5", "--seed", "7", "--nodes", "3", "--exclusive", "off", "--json", "--log", "/tmp/log"], out _));

    [Theory]
    [InlineData("--minutes", "-1")]
    [InlineData("--nodes", "1")]
    [InlineData("--exclusive", "maybe")]
    [InlineData("--what", "1")]
    [InlineData("--seed", null)]
    public void What_is_wrong_is_named(string option, string? value)
    {
        Assert.Null(Options.Parse(value is null ? [option] : [option, value], out var error));
        Assert.Contains(option, error, StringComparison.Ordinal);
    }
}
