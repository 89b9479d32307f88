using Artel.Protocol.Maps;
using Artel.Protocol.V1;
using CsCheck;

namespace Artel.Protocol.Tests.Maps;

/// <summary>A job that is written as a map and read again is the same job.</summary>
public sealed class MapWriterTests
{
    public static TheoryData<string> Maps =>
    [
        "tasks: [[a]]",
        "name: 'null'\npriority: -3\nhold: true\ntasks: [[a, '', ' ', 'a\"b\\c', '#x', '- y', \"l1\\nl2\\r\\t\\u0001\\u2028\", '😀', '{index}'], [b]]".Replace(", '{index}'", "", StringComparison.Ordinal),
        "start_at: 2099-01-01T00:00:00.123Z\ndeadline: 2199-01-01T00:00:00+02:00\nmax_fails: 0\ntags: [a, 'null']\nlimits: {db: 4, 'y': 0}\nafter: [12, '12.10', {job: 3, outcome: any}]\ntasks: [[a]]",
        "nodes: {1: [[a]], узел: {at_once: 2, tasks: [[b], {run: [c], retries: 1}]}, '007': {at_once: 1, tasks: []}}",
        "nodes: {1: [[a]]}\ntasks: [{name: 'true', run: [a], after: [b, {task: c, outcome: any}], after_each: {task: d, outcome: any}}, {name: b, run: [x]}, {name: c, run: [x]}, {name: d, run: [x]}]",
        "tasks: [{run: [a], array: '1-10:3,20%4', env: {A: '1', 'B C': \"x\\ty\"}, cwd: /x, stdin: \"a\\nb\\n\", labels: {os: linux}, prefer: {'1': '2'}, tags: [x], pin: true}]",
        "tasks: [{run: [a], cwd: scratch, stdin_base64: AP8=, needs: {cpus: 0.125, memory: 4GiB, gpus: 2, counters: {'a b': 3}}, exclusive: true, output_limit: 7}]",
        "tasks: [{run: [a], stdin: '', needs: {}, retry: {}, timeout: 1d2h, grace: 0.1ms, on_node_lost: wait}]",
        "tasks: [{run: [a], retry: {retries: 3, backoff: 1.5s, factor: 1.25, max_backoff: 1h, jitter: 0, retry_on: [7, 100-120, signal], no_retry_on: [timeout, 9], avoid_same_node: true}}]",
        "tasks: [{run: [a], matrix: {lr: [0.10, x, true, ~], 'no': ['1', y], s: 1-10:2, t: {values: '1-5', linked: true}}}]",
        "tasks: [{run: [a], entries: [a, {x: [1.0, \"😀\\n\"], y: null}, ~]}, {run: [a], entries: ['1', 'null', \"q\\\"\"]}]",
        "tasks: [{run: [/bin/sh, /x/j.sh], script: {path: /x/j.sh, text: \"echo\\n\"}}, {run: [a, /b], script: {path: /b, base64: AP8=}}]",
    ];

    [Theory]
    [MemberData(nameof(Maps))]
    public void What_is_written_is_read_as_the_same_job(string map)
    {
        var job = MapParser.Parse(map, "m", MapContext.Detached with { SubmissionDirectory = "/here" }).Job;
        Assert.NotNull(job);

        Assert.Equal(job, Again(job));
    }

    [Fact]
    public void What_follows_the_end_comes_back_but_for_where_its_command_runs()
    {
        var job = MapParser.Parse("on_end: {run: [./tell, '{job}'], webhook: 'https://h.example.org/x', when: failure}\ntasks: [[a]]", "m", MapContext.Detached).Job!;

        Assert.Equal(job.OnEnd, Again(job).OnEnd);
        Assert.Equal(OnEnd.Types.When.Failure, Again(job).OnEnd.When);
    }

    [Fact]
    public void Any_text_comes_back() => Gen.String.Sample(text =>
    {
        var job = new JobSpec { Name = "x", Tasks = { new TaskTemplate { Run = { "a" }, Cwd = "/x", Stdin = Google.Protobuf.ByteString.CopyFromUtf8(text) } } };

        return job.Equals(Again(job));
    });

    private static JobSpec Again(JobSpec job)
    {
        var text = MapWriter.Write(job);
        var result = MapParser.Parse(text, "again", MapContext.Detached);
        Assert.True(result.Job is not null, string.Join('\n', result.Mistakes) + "\n" + text);
        return result.Job;
    }
}
