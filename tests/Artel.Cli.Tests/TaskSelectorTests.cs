using Artel.Cli.Selecting;

namespace Artel.Cli.Tests;

public sealed class TaskSelectorTests
{
    [Theory]
    [InlineData("12", 12, null, null)]
    [InlineData("12.3", 12, 3, 3)]
    [InlineData("12.3-7", 12, 3, 7)]
    [InlineData("9223372036854775807.2147483647", long.MaxValue, int.MaxValue, int.MaxValue)]
    public void A_job_a_task_or_a_range_is_read_and_written_the_same(string text, long job, int? first, int? last)
    {
        var selector = TaskSelector.Parse(text);

        Assert.NotNull(selector);
        Assert.Equal(job, selector.Job);
        Assert.Equal(first, selector.Tasks?.First);
        Assert.Equal(last, selector.Tasks?.Last);
        Assert.Equal(text, selector.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("12.")]
    [InlineData("12.0")]
    [InlineData("12.7-3")]
    [InlineData("12.3-")]
    [InlineData("12.-3")]
    [InlineData("12.3.4")]
    [InlineData(" 12")]
    [InlineData("12.2147483648")]
    [InlineData("99999999999999999999")]
    public void Anything_else_is_none(string text) => Assert.Null(TaskSelector.Parse(text));

    [Fact]
    public void Tasks_of_one_job_go_into_one_action()
    {
        var actions = TaskSelector.Actions([Read("12.3"), Read("13.1"), Read("12.5-7")]);

        Assert.Equal([12, 13], actions.Select(a => a.Job));
        Assert.Equal([(3, 3), (5, 7)], actions[0].Tasks.Select(t => (t.First, t.Last)));
    }

    [Fact]
    public void A_job_that_is_also_named_whole_is_taken_whole()
    {
        var action = Assert.Single(TaskSelector.Actions([Read("12.3"), Read("12")]));

        Assert.Empty(action.Tasks);
    }

    private static TaskSelector Read(string text) => TaskSelector.Parse(text)!;
}
