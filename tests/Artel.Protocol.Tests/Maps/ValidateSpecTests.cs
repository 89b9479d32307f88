using Artel.Protocol.Maps;
using Artel.Protocol.V1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace Artel.Protocol.Tests.Maps;

/// <summary>Jobs that came over the wire, where anything can be in any field.</summary>
public sealed class ValidateSpecTests
{
    [Fact]
    public void Every_job_that_a_map_gives_is_right_over_the_wire()
    {
        var job = Map.Job("nodes: {1: [[a]]}\ntasks: [{run: [b], array: 1-3, retries: 2}]");

        var again = JobSpec.Parser.ParseJson(JsonFormatter.Default.Format(job));

        Assert.Empty(JobSpecs.ValidateSpec(again));
    }

    [Fact]
    public void Mistakes_name_their_place_in_the_job()
    {
        var job = new JobSpec
        {
            Priority = 5000,
            Sections =
            {
                new NodeSection { Node = "1", Tasks = { new TaskTemplate { Run = { "a" }, Cwd = "relative" } } },
                new NodeSection { Node = "1", AtOnce = -1, Tasks = { new TaskTemplate { Run = { "a", "{index}" } } } },
            },
            Tasks =
            {
                new TaskTemplate { Name = "x", After = { new Dependency { Name = "y" } }, Needs = new Needs { MilliCpus = -1 } },
                new TaskTemplate { Name = "x", Run = { "a" }, Env = { ["A=B"] = "" }, OnNodeLost = (OnNodeLost)9 },
            },
        };

        Assert.Equal(
            [
                "priority: the priority is out of range: a whole number from -1000 to 1000; higher goes first",
                "nodes[0].tasks[0].cwd: the working directory 'relative' is relative: an absolute path",
                "nodes[1]: node '1' has two lists: write one list for each node",
                "nodes[1].at_once: at_once is out of range: a whole number from 1 to 100,000",
                "nodes[1].tasks[0].run[1]: argument 1, '{index}': {index} in a task that is no array: give the task an array, like 'array: 1-100' or --array 1-100, or write {{index}} for the text {index}",
                "tasks[0].run: run is empty: write the program and its arguments, like [./simulate, --seed, 1]",
                "tasks[0].needs.cpus: cpus is negative: a number like '2' or '0.5'",
                "tasks[1].env[A=B]: wrong variable name 'A=B': a name is not empty and has no '=' in it",
                "tasks[1].on_node_lost: unknown value of on_node_lost: one of requeue, wait, fail",
                "tasks[1].name: a second task is named 'x': a name is given once; leave it out where nothing refers to it",
                "tasks[0].after[0]: no task is named 'y': after takes names of tasks of this map",
            ],
            JobSpecs.ValidateSpec(job).Select(mistake => mistake.ToString()));
    }

    [Fact]
    public void A_job_of_nothing_has_no_tasks() => Assert.Equal(
        "there are no tasks: write at least one, under 'tasks' or under 'nodes'",
        Assert.Single(JobSpecs.ValidateSpec(new JobSpec())).ToString());

    public static TheoryData<string, TaskTemplate> WrongTasks => new()
    {
        { "timeout", new TaskTemplate { Timeout = new Duration { Seconds = -1 } } },
        { "timeout", new TaskTemplate { Timeout = new Duration() } },
        { "timeout", new TaskTemplate { Timeout = new Duration { Seconds = 1, Nanos = -5 } } },
        { "timeout", new TaskTemplate { Timeout = new Duration { Seconds = long.MaxValue } } },
        { "grace", new TaskTemplate { Grace = new Duration { Seconds = long.MaxValue, Nanos = int.MaxValue } } },
        { "retry.backoff", new TaskTemplate { Retry = new RetryPolicy { Backoff = new Duration { Seconds = long.MinValue } } } },
        { "retry.max_backoff", new TaskTemplate { Retry = new RetryPolicy { MaxBackoff = new Duration { Nanos = 1_000_000_000 } } } },
        { "retry.max_backoff", new TaskTemplate { Retry = new RetryPolicy { MaxBackoff = new Duration { Nanos = 1 } } } },
        { "retry.factor", new TaskTemplate { Retry = new RetryPolicy { Factor = double.NaN } } },
        { "retry.jitter", new TaskTemplate { Retry = new RetryPolicy { Jitter = double.NaN } } },
        { "retry.jitter", new TaskTemplate { Retry = new RetryPolicy { Jitter = -0.1 } } },
        { "retry.retry_on", new TaskTemplate { Retry = new RetryPolicy { RetryOn = new FailureSet() } } },
        { "retry.retry_on", new TaskTemplate { Retry = new RetryPolicy { RetryOn = new FailureSet { Outcomes = { AttemptOutcome.Lost } } } } },
        { "retry.no_retry_on", new TaskTemplate { Retry = new RetryPolicy { NoRetryOn = new FailureSet { ExitStatuses = { new StatusRange { First = -2, Last = 5 } } } } } },
        { "retry.no_retry_on", new TaskTemplate { Retry = new RetryPolicy { NoRetryOn = new FailureSet { ExitStatuses = { Enumerable.Range(1, 257).Select(i => new StatusRange { First = i, Last = i }) } } } } },
        { "retry.factor", new TaskTemplate { Retry = new RetryPolicy { Factor = double.PositiveInfinity } } },
        { "retry.retries", new TaskTemplate { Retry = new RetryPolicy { Retries = -1 } } },
        { "array", new TaskTemplate { Array = new IndexSet() } },
        { "array", new TaskTemplate { Array = new IndexSet { Ranges = { new IndexRange { First = 1, Last = long.MaxValue } } } } },
        { "array", new TaskTemplate { Array = new IndexSet { Ranges = { new IndexRange { First = long.MinValue, Last = long.MaxValue } } } } },
        { "array", new TaskTemplate { Array = new IndexSet { Ranges = { new IndexRange { First = 1, Last = 5, Step = -1 } } } } },
        { "needs.memory", new TaskTemplate { Needs = new Needs { MemoryBytes = -1 } } },
        { "needs.gpus", new TaskTemplate { Needs = new Needs { MilliGpus = -1 } } },
        { "needs.counters[]", new TaskTemplate { Needs = new Needs { Counters = { [""] = 1 } } } },
        { "needs.counters[gpus]", new TaskTemplate { Needs = new Needs { Counters = { ["gpus"] = 1 } } } },
        { "output_limit", new TaskTemplate { OutputLimit = -1 } },
        { "cwd", new TaskTemplate { Cwd = "/a", Scratch = true } },
        { "cwd", new TaskTemplate { Cwd = "/a\0b" } },
        { "env[A]", new TaskTemplate { Env = { ["A"] = "\0" } } },
        { "labels[os]", new TaskTemplate { Labels = { ["os"] = "a\nb" } } },
        { "name", new TaskTemplate { Name = new string('x', 257) } },
        { "name", new TaskTemplate { Name = "a\u0007" } },
    };

    [Theory]
    [MemberData(nameof(WrongTasks))]
    public void Values_that_no_map_could_hold_are_refused_and_never_throw(string place, TaskTemplate task)
    {
        task.Run.Add("a");

        var mistake = Assert.Single(JobSpecs.ValidateSpec(new JobSpec { Tasks = { task } }));

        Assert.Equal($"tasks[0].{place}", mistake.Place.ToString());
    }

    [Fact]
    public void Standard_input_has_a_bound()
    {
        var job = new JobSpec { Tasks = { new TaskTemplate { Run = { "a" }, Stdin = ByteString.CopyFrom(new byte[JobLimits.MaxStdinBytes + 1]) } } };

        Assert.Equal(
            "tasks[0].stdin: standard input is larger than 16MiB: let the task read a file",
            Assert.Single(JobSpecs.ValidateSpec(job)).ToString());
    }

    [Fact]
    public void A_job_too_large_for_one_message_is_refused()
    {
        var job = new JobSpec();
        for (var i = 0; i < 3; i++)
            job.Tasks.Add(new TaskTemplate { Run = { "a" }, Stdin = ByteString.CopyFrom(new byte[JobLimits.MaxStdinBytes]) });

        Assert.Equal(
            "the job is larger than 31MiB, the most that can be submitted at once: say the same with an array, or split it into several jobs",
            Assert.Single(JobSpecs.ValidateSpec(job)).ToString());
    }

    [Fact]
    public void A_chain_of_many_tasks_is_no_circle_until_its_ends_meet()
    {
        var job = new JobSpec();
        for (var i = 0; i < 99_999; i++)
            job.Tasks.Add(new TaskTemplate { Name = $"t{i}", Run = { "a" }, After = { new Dependency { Name = $"t{i + 1}" } } });
        job.Tasks.Add(new TaskTemplate { Name = "t99999", Run = { "a" } });

        Assert.Empty(JobSpecs.ValidateSpec(job));

        job.Tasks[^1].After.Add(new Dependency { Name = "t0" });
        Assert.Equal(
            "tasks[0].after[0]: tasks wait for each other in a circle: 't0' → 't1' → 't2' → 't3' → 't4' → 't5' → … → 't99996' → 't99997' "
            + "→ 't99998' → 't99999' → 't0': take one of these names out of 'after'",
            Assert.Single(JobSpecs.ValidateSpec(job)).ToString());
    }

    [Fact]
    public void Two_lists_may_wait_for_each_other_as_long_as_their_order_allows_it()
    {
        Map.Job("""
            nodes:
              1: [{ name: a, run: [x] }, { name: b, run: [x], after: c }]
              2: [{ name: c, run: [x], after: a }, { name: d, run: [x], after: b }]
            """);

        Assert.Equal(
            "sweep.yaml:2:35: tasks wait for each other in a circle: 'a' → 'd' → 'c' → 'b' → 'a': "
            + "take one step out of it; the tasks of a node's list start in their order",
            Assert.Single(Map.Mistakes("""
                nodes:
                  1: [{ name: a, run: [x], after: d }, { name: b, run: [x] }]
                  2: [{ name: c, run: [x], after: b }, { name: d, run: [x] }]
                """)));
    }

    [Fact]
    public void Thousands_of_mistakes_are_told_up_to_a_bound()
    {
        var job = new JobSpec();
        for (var i = 0; i < 5000; i++)
            job.Tasks.Add(new TaskTemplate());

        Assert.Equal(JobSpecs.MaxMistakes, JobSpecs.ValidateSpec(job).Count);
    }
}
