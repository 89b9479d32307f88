using Artel.Cli.Submitting;

namespace Artel.Cli.Tests;

/// <summary>How one text becomes an argument array.</summary>
public sealed class CommandWordsTests
{
    [Theory]
    [InlineData("notify.sh {job} {state}", "notify.sh|{job}|{state}")]
    [InlineData("  a \t b\nc  ", "a|b|c")]
    [InlineData("mail -s 'job {name} has ended' ada@example.org", "mail|-s|job {name} has ended|ada@example.org")]
    [InlineData("sh -c \"echo \\\"$X\\\" \\\\ \\n\"", "sh|-c|echo \"$X\" \\ \\n")]
    [InlineData(@"a\ b 'c\d' ''", @"a b|c\d|")]
    [InlineData("a'b'\"c\"d", "abcd")]
    [InlineData("echo *.txt > x ; ls $HOME", "echo|*.txt|>|x|;|ls|$HOME")]
    public void Words_and_quotes_are_those_of_a_shell_and_nothing_else_is(string text, string expected)
    {
        var words = CommandWords.Split(text, out var problem);

        Assert.Equal("", problem);
        Assert.Equal(expected.Split('|'), words);
    }

    [Theory]
    [InlineData("echo 'a", "a ' is not closed")]
    [InlineData("echo \"a", "a \" is not closed")]
    [InlineData("   ", "there is no command")]
    public void What_can_not_be_split_is_refused(string text, string said)
    {
        Assert.Null(CommandWords.Split(text, out var problem));
        Assert.Contains(said, problem, StringComparison.Ordinal);
    }
}
