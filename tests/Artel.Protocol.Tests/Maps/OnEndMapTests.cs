using Artel.Protocol.V1;

namespace Artel.Protocol.Tests.Maps;

/// <summary>What a map says is to follow the end of its job.</summary>
public sealed class OnEndMapTests
{
    [Fact]
    public void All_of_it_can_be_said()
    {
        var onEnd = Map.Job("tasks: [[a]]\non_end: { run: [./notify.sh, '{job}', 5], webhook: 'https://hooks.example.org/x?y=1', when: failure }").OnEnd;

        Assert.Equal(["./notify.sh", "{job}", "5"], onEnd.Command);
        Assert.Equal(("https://hooks.example.org/x?y=1", OnEnd.Types.When.Failure), (onEnd.Webhook, onEnd.When));
    }

    [Theory]
    [InlineData("on_end: {run: [echo]}", OnEnd.Types.When.Unspecified)]
    [InlineData("on_end: {webhook: 'http://a/', when: always}", OnEnd.Types.When.Always)]
    [InlineData("on_end: {webhook: 'http://a/', when: success}", OnEnd.Types.When.Success)]
    public void Either_of_both_is_enough(string text, OnEnd.Types.When when) => Assert.Equal(when, Map.Job($"tasks: [[a]]\n{text}").OnEnd.When);

    [Theory]
    [InlineData("on_end: {when: failure}", "neither a command nor a webhook")]
    [InlineData("on_end: [echo]", "on_end is a list")]
    [InlineData("on_end: {run: ./notify.sh}", "not an argument array")]
    [InlineData("on_end: {run: [echo, '{index}']}", "{index} or {entry} in a command that runs once")]
    [InlineData("on_end: {run: ['']}", "the program's name is empty")]
    [InlineData("on_end: {run: [echo], when: sometimes}", "one of always, success, failure")]
    [InlineData("on_end: {webhook: 'ftp://a/'}", "no http or https address")]
    [InlineData("on_end: {webhook: hooks.example.org}", "no http or https address")]
    [InlineData("on_end: {webhook: 'https://me:secret@a/'}", "holds a user, a password or a fragment")]
    [InlineData("on_end: {url: 'https://a/'}", "unknown key 'url' in on_end")]
    public void A_wrong_one_is_refused(string text, string said)
    {
        var mistake = Assert.Single(Map.Mistakes($"tasks: [[a]]\n{text}"));

        Assert.Contains(said, mistake, StringComparison.Ordinal);
        Assert.StartsWith("sweep.yaml:2:", mistake, StringComparison.Ordinal);
    }
}
