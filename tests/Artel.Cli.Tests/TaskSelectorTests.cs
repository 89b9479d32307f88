using Artel.Cli.Selecting;

namespace Artel.Cli.Tests;

public sealed class TaskSelectorTests
{
    [Theory]
    [InlineData("12", 12L, "")]
    [InlineData("12.3", 12L, "3")]
    [InlineData("12.3-7", 12L, "3-7")]
    [InlineData("12.3,5,9-11", 12L, "3,5,9-11")]
    [InlineData("last", null, "")]
    [InlineData("last.3", null, "3")]
    [InlineData("9223372036854775807.2147483647", long.MaxValue, "2147483647")]
    public void A_job_or_tasks_of_it_are_read_and_written_the_same(string text, long? job, string tasks)
    {
        var selector = TaskSelector.Parse(text);

        Assert.NotNull(selector);
        Assert.Equal(job, selector.Job);
        Assert.Equal(tasks, string.Join(',', selector.Tasks));
        Assert.Equal(text, selector.ToString());
    }

    [Theory]
    [InlineData("12.5,3", "12.3,5")]
    [InlineData("12.3,3,3", "12.3")]
    [InlineData("12.1-5,4-9,10", "12.1-10")]
    [InlineData("12.2147483647,2147483646", "12.2147483646-2147483647")]
    public void Tasks_are_put_in_order_and_none_is_named_twice(string text, string same) => Assert.Equal(same, Read(text).ToString());

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
    [InlineData("12.3,")]
    [InlineData("12.,3")]
    [InlineData("12,13")]
    [InlineData("Last")]
    [InlineData("last.")]
    [InlineData(" 12")]
    [InlineData("12.2147483648")]
    [InlineData("99999999999999999999")]
    public void Anything_else_is_none(string text) => Assert.Null(TaskSelector.Parse(text));

    [Fact]
    public void Each_job_is_meant_once_in_the_order_in_which_it_was_named()
    {
        var merged = Selected.Merge([Found("12.3"), Found("13.1"), Found("12.5-7"), Found("12.4")]);

        Assert.Equal(["12.3-7", "13.1"], merged.Select(s => s.ToString()));
        Assert.Equal(5, merged[0].Count);
        Assert.Equal(1, merged[1].Task);
    }

    [Fact]
    public void A_job_that_is_also_named_whole_is_taken_whole() => Assert.Empty(Assert.Single(Selected.Merge([Found("12.3"), Found("12")])).Tasks);

    [Fact]
    public void Numbers_become_as_few_spans_as_they_make() =>
        Assert.Equal("1-3,5,7-8", string.Join(',', TaskSpan.Of([1, 2, 3, 5, 7, 8])));

    [Fact]
    public void A_filter_says_itself_as_one_would_type_it()
    {
        var filter = new JobFilter { Name = "sweep *", States = [Protocol.V1.JobState.Failed, Protocol.V1.JobState.Cancelled] };

        Assert.Equal("--name 'sweep *' --state failed,cancelled", filter.ToString());
        Assert.Equal(["sweep *"], [filter.ToRequest().Name]);
        Assert.Null(filter.ToRequest().EndedSince);
    }

    private static TaskSelector Read(string text) => TaskSelector.Parse(text)!;

    private static Selected Found(string text) => new(Read(text).Job!.Value, Read(text).Tasks);
}
