using Artel.Protocol.Maps;

namespace Artel.Protocol.Tests.Maps;

public sealed class JobLayoutTests
{
    private const string Text = """
        nodes:
          1: [[a], { run: [b], array: 5-7 }, [c]]
          2: [[d]]
        tasks:
          - { run: [e], array: "10-30:10" }
          - [f]
        """;

    [Fact]
    public void Tasks_are_numbered_through_the_lists_and_then_the_tasks()
    {
        var layout = JobSpecs.Layout(Map.Job(Text));

        Assert.Equal(10, layout.TaskCount);
        Assert.Equal([0, 1, 2, 3, 4, 5], layout.Templates.Select(place => place.Number));
        Assert.Equal([1, 2, 5, 6, 7, 10], layout.Templates.Select(place => place.FirstTask));
        Assert.Equal([1, 4, 5, 6, 9, 10], layout.Templates.Select(place => place.LastTask));
        Assert.Equal([1, 3, 1, 1, 3, 1], layout.Templates.Select(place => place.Count));
        Assert.Equal(["1", "1", "1", "2", null, null], layout.Templates.Select(place => place.Node));
        Assert.Equal([1, 2, 5, 1, 0, 0], layout.Templates.Select(place => place.FirstInList));
    }

    [Fact]
    public void A_task_number_leads_to_its_template_its_index_and_its_output()
    {
        var layout = JobSpecs.Layout(Map.Job(Text));
        var tasks = Enumerable.Range(1, layout.TaskCount).ToArray();

        Assert.Equal("abbbcdeeef", string.Concat(tasks.Select(task => layout.TemplateOf(task).Template.Run[0])));
        Assert.Equal([null, 5, 6, 7, null, null, 10, 20, 30, null], tasks.Select(task => layout.TemplateOf(task).IndexOf(task)));
        Assert.Equal([1, 2, 3, 4, 5, 1, 7, 8, 9, 10], tasks.Select(task => layout.TemplateOf(task).OutputNumber(task)));
    }

    [Theory]
    [InlineData("nodes: { 1: [[a]] }", 3)]
    [InlineData("nodes: { 1: [{ run: [a], retry: { backoff: 5s } }] }", 3)]
    [InlineData("nodes: { 1: [{ run: [a], retries: 0 }] }", 0)]
    [InlineData("nodes: { 1: [{ run: [a], retries: 7 }] }", 7)]
    [InlineData("defaults: { retries: 0 }\nnodes: { 1: [[a]] }", 0)]
    [InlineData("tasks: [[a]]", 0)]
    [InlineData("tasks: [{ run: [a], retry: { backoff: 5s } }]", 0)]
    [InlineData("tasks: [{ run: [a], retries: 7 }]", 7)]
    public void A_task_of_a_nodes_queue_is_restarted_three_times_unless_the_map_says_otherwise(string map, int retries) =>
        Assert.Equal(retries, Assert.Single(JobSpecs.Layout(Map.Job(map)).Templates).Retries);

    [Fact]
    public void A_number_that_no_task_has_is_a_bug_of_the_caller()
    {
        var layout = JobSpecs.Layout(Map.Job(Text));

        Assert.Throws<ArgumentOutOfRangeException>(() => layout.TemplateOf(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => layout.TemplateOf(11));
        Assert.Throws<ArgumentOutOfRangeException>(() => layout.Templates[0].IndexOf(2));
    }

    [Fact]
    public void Twenty_million_tasks_cost_no_more_than_their_ranges()
    {
        // What the first map of a process builds for all that follow.
        _ = Map.Job("tasks: [{ run: [a], array: 1-2 }]");
        var before = GC.GetAllocatedBytesForCurrentThread();

        var layout = JobSpecs.Layout(Map.Job("tasks: [{ run: [a, '{index}'], array: 1-20000000 }]"));

        Assert.Equal(20_000_000, layout.TaskCount);
        Assert.Equal(19_999_999, layout.TemplateOf(19_999_999).IndexOf(19_999_999));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_000_000);
    }
}
