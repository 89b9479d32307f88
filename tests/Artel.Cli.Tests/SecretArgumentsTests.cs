using Artel.Cli.Processes;

namespace Artel.Cli.Tests;

/// <summary>Which arguments are not for the eyes of others.</summary>
public sealed class SecretArgumentsTests
{
    [Theory]
    [InlineData("--join T", "1:0")]
    [InlineData("--join=T", "0:7")]
    [InlineData("node start --join T --token=U", "3:0 4:8")]
    [InlineData("node start --join - --data D", "")]
    [InlineData("node start --join @file", "")]
    [InlineData("node start --join", "")]
    [InlineData("run -- prog --token T", "")]
    [InlineData("--join (hidden)x", "1:0")]
    public void Tokens_are_found_before_the_command_of_the_user(string arguments, string expected) =>
        Assert.Equal(expected, string.Join(' ', SecretArguments.Secrets(arguments.Split(' ')).Select(s => $"{s.Index}:{s.Start}")));
}
