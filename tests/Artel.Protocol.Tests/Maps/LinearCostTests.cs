using Artel.Protocol.Maps;
using Artel.Protocol.V1;

namespace Artel.Protocol.Tests.Maps;

/// <summary>Twice as much of anything costs about twice as much, measured in what is allocated; where nothing is, a bound that only a linear way meets.</summary>
public sealed class LinearCostTests
{
    [Theory]
    [InlineData("{entry", "}")]
    [InlineData("{entry}", "")]
    [InlineData("{index}", "")]
    [InlineData("{", "")]
    [InlineData("{entry.a", "}")]
    public void Marks(string repeated, string end) => IsLinear(
        20_000,
        n => new JobSpec { Tasks = { new TaskTemplate { Run = { string.Concat(Enumerable.Repeat(repeated, n)) + end }, Axes = { new Axis { Values = { "1", "2" } } } } } });

    [Fact]
    public void An_opened_mark_a_hundred_thousand_times_is_one_text()
    {
        var text = string.Concat(Enumerable.Repeat("{entry", 100_000)) + "}";

        var marked = MarkedText.Parse(text);

        using var values = new MarkValues(1, new TaskEntry("x", IsJson: false));
        Assert.Equal(1, marked.MarkCount);
        Assert.Equal(text[..^"{entry}".Length] + "x", marked.Fill(values));
    }

    [Fact]
    public void Different_tags() => IsLinear(500, n =>
    {
        var job = new JobSpec();
        for (var i = 0; i < n; i++)
            job.Tasks.Add(new TaskTemplate { Run = { "a" }, Tags = { $"t{i}" } });

        return job;
    });

    [Fact]
    public void Tags_of_one_task_beyond_their_number_are_not_compared()
    {
        var task = new TaskTemplate { Run = { "a" } };
        task.Tags.AddRange(Enumerable.Range(0, 900).Select(i => $"t{i}"));

        Assert.Contains("900 tags are too many", Assert.Single(JobSpecs.ValidateSpec(new JobSpec { Tasks = { task } })).ToString(), StringComparison.Ordinal);
    }

    /// <summary>Half of it edges, half of it ranges: the product of both is what it must not cost.</summary>
    [Fact]
    public void Edges_times_ranges() => IsLinear(1000, n =>
    {
        var array = new TaskTemplate { Name = "array", Run = { "a" }, Array = new IndexSet() };
        for (var i = 0; i < n; i++)
            array.Array.Ranges.Add(new IndexRange { First = i * 10, Last = (i * 10) + 1 });

        var other = new TaskTemplate(array) { Name = "other" };
        for (var i = 0; i < n; i++)
            other.After.Add(new Dependency { Name = "array", Each = true });

        return new JobSpec { Tasks = { array, other } };
    });

    [Fact]
    public void Marks_times_entries() => IsLinear(500, n =>
    {
        var axis = new Axis { Json = true };
        for (var i = 0; i < n; i++)
            axis.Values.Add("""{"a":1,"b":{"c":[1,2]}}""");

        var task = new TaskTemplate { Run = { "x" }, Axes = { axis } };
        for (var i = 0; i < n; i++)
            task.Run.Add("{entry.a} {entry.b.c.1} {entry.b}");

        return new JobSpec { Tasks = { task } };
    });

    [Fact]
    public void Names_that_are_no_task() => IsLinear(2000, n =>
    {
        var job = new JobSpec();
        for (var i = 0; i < n; i++)
            job.Tasks.Add(new TaskTemplate { Name = $"a-name-of-some-length-{i}", Run = { "a" }, After = { new Dependency { Name = $"a-name-of-any-length-{i}" } } });

        return job;
    });

    [Fact]
    public void Circles() => IsLinear(1000, n =>
    {
        var section = new NodeSection { Node = "1" };
        for (var i = 0; i < n; i++)
            section.Tasks.Add(new TaskTemplate { Name = $"t{i}", Run = { "a" }, After = { new Dependency { Name = $"t{n - 1}" } } });

        return new JobSpec { Sections = { section } };
    });

    [Fact]
    public void Ways_to_fail() => IsLinear(100, n =>
    {
        var retry = new RetryPolicy { RetryOn = new FailureSet(), NoRetryOn = new FailureSet() };
        for (var i = 1; i <= n; i++)
        {
            retry.RetryOn.ExitStatuses.Add(new StatusRange { First = 4 * i, Last = 4 * i });
            retry.NoRetryOn.ExitStatuses.Add(new StatusRange { First = (4 * i) + 2, Last = (4 * i) + 2 });
        }

        return new JobSpec { Tasks = { new TaskTemplate { Run = { "a" }, Retry = retry } } };
    });

    [Fact]
    public void Ranges_that_lie_across_each_other_are_compared_only_so_often_in_a_whole_job()
    {
        var job = new JobSpec();
        for (var t = 0; t < 100; t++)
        {
            var array = new IndexSet();
            for (var i = 0; i < 100; i++)
                array.Ranges.Add(new IndexRange { First = i, Last = 10_000 + i, Step = 100 });

            job.Tasks.Add(new TaskTemplate { Run = { "a" }, Array = array });
        }

        Assert.Contains("too many of its ranges lie across each other", JobSpecs.ValidateSpec(job)[0].Problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("tasks: [{ run: [a], matrix: { x: [", "1a, ", "1]}}]")]
    [InlineData("tasks: [{ run: [a], env: { ", "K{0}: v, ", "Z: v }}]")]
    [InlineData("tasks: [{ run: [a, ", "x, ", "y]}]")]
    [InlineData("tasks: [{ run: [a], ", "k{0}: v, ", "name: x }]")]
    [InlineData("tasks: [{ run: [a], ", "name: v, ", "name: x }]")]
    [InlineData("tasks: [", "[a], ", "[a]]")]
    [InlineData("tasks: [", "{{}}, ", "[a]]")]
    [InlineData("tasks: [", "x, ", "[a]]")]
    [InlineData("tasks: [[a, '", "many words in one ", "']]")]
    [InlineData("name: &a x\ntasks: [", "[*a], ", "[a]]")]
    public void Texts_of_maps(string begin, string repeated, string end) => IsLinear(
        4000,
        n => begin + string.Concat(Enumerable.Range(0, n).Select(i => string.Format(System.Globalization.CultureInfo.InvariantCulture, repeated, i))) + end,
        text => Map.Parse(text));

    [Fact]
    public void What_is_written_in_json_costs_no_exception_for_each_value()
    {
        var thrown = 0;
        void Count(object? sender, System.Runtime.ExceptionServices.FirstChanceExceptionEventArgs e) => thrown += e.Exception is System.Text.Json.JsonException ? 1 : 0;
        AppDomain.CurrentDomain.FirstChanceException += Count;
        Assert.NotNull(Map.Parse("tasks: [{ run: [a], matrix: { x: [1a, 01, 1., -a, 1e, 0x1, -0.5e+3, 7] } }]").Job);
        AppDomain.CurrentDomain.FirstChanceException -= Count;

        Assert.Equal(0, thrown);
    }

    /// <summary>What is allocated for twice as much is at most three times as much: it would be four times with a square in it.</summary>
    private static void IsLinear(int size, Func<int, JobSpec> make) => IsLinear(size, make, job => JobSpecs.ValidateSpec(job));

    private static void IsLinear<T>(int size, Func<int, T> make, Action<T> work)
    {
        var (small, large) = (make(size), make(2 * size));
        work(small);
        work(large);

        var (once, twice) = (Allocated(() => work(small)), Allocated(() => work(large)));

        Assert.InRange(twice, 0, (3 * once) + 100_000);
    }

    private static long Allocated(Action work)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        work();
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }
}
