using System.Text.Json.Nodes;
using Artel.Protocol.Maps;

namespace Artel.Protocol.Tests.Maps;

/// <summary>The schema that gives editors their completion says what the parser says, as far as a schema can tell.</summary>
public sealed class MapSchemaTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("tasks: [[a]]")]
    [InlineData("nodes: {1: [[a]], узел: {at_once: 2, tasks: [{run: [a, 1, true]}]}}")]
    [InlineData("$schema: x\nname: 5\npriority: -1000\nhold: true\ntasks: []\nnodes: {1: [[a]]}")]
    [InlineData("defaults: {env: {A: 1}, cwd: scratch, stdin: x, needs: {cpus: 0.5, memory: 4GiB, gpus: 1, counters: {seats: 2}}, labels: {rack: 4}}\ntasks: [[a]]")]
    [InlineData("defaults: {retry: {retries: 3, backoff: 500ms, factor: 1.5, max_backoff: 1h30m}, timeout: 2d, grace: 0}\ntasks: [[a]]")]
    [InlineData("defaults: {retry_on: [7, 100-120, signal], no_retry_on: 'timeout, 2-3', avoid_same_node: true}\ntasks: [[a]]")]
    [InlineData("tasks: [{run: [a], retry: {retries: 1, jitter: 0, retry_on: 7, no_retry_on: not-started, avoid_same_node: false}}]")]
    [InlineData("defaults: {on_node_lost: wait, exclusive: true, output_limit: 100k, retries: 0}\ntasks: [[a]]")]
    [InlineData("tasks: [{name: a, run: [x], array: 5}, {run: [x], array: '1-10:2, 20', after: a}, {run: [x], array: [1, 3-4], after: [a]}]")]
    [InlineData("tasks: [{run: [a], timeout: 1d2h3m4s5ms, output_limit: 4096, cwd: ./x, needs: {memory: 1.5 GB}}]")]
    [InlineData("start_at: 2099-01-01T00:00:00Z\ndeadline: 2199-01-01T00:00:00+02:00\nmax_fails: 0\ntags: [a, 7]\nlimits: {db: 4}\nafter: [12, '12.3', {job: 3, outcome: any}]\ntasks: [[a]]")]
    [InlineData("start_at: +1h30m\nfail_fast: true\ntags: x\nafter: 3\ntasks: [{run: [a], array: '1-9%2', pin: true, prefer: {a: b}, tags: [x]}, {run: [a], at_once: 2}]")]
    [InlineData("tasks: [{name: a, run: [x], array: [1, 3-4%2]}, {run: [x], array: 1-3, after_each: {task: a, outcome: any}, after: [a, {task: a}]}]")]
    [InlineData("tasks: [{run: [x, '{entry.lr}'], matrix: {lr: [0.1, x], seed: 1-10, t: {values: 1-10, linked: true}}}, {run: [a], entries: [1, {x: [2]}]}]")]
    [InlineData("tasks: [{run: [x], stdin_base64: aGVsbG8K}]")]
    [InlineData("tasks: [{run: [sh, /a/b], script: {path: /a/b, text: x}}, {run: [sh, /a/b], script: {path: /a/b, base64: aGVsbG8K}}]")]
    [InlineData("on_end: {run: [./notify.sh, '{job}'], webhook: 'https://a.example/x', when: failure}\ntasks: [[a]]")]
    public async Task A_right_map_is_right_for_both(string map)
    {
        Assert.Empty(await MapSchema.Mistakes(map, Cancellation));
        Map.Job(map);
    }

    [Theory]
    [InlineData("name: x")]
    [InlineData("tasks: [{run: [sh, /a/b], script: {path: /a/b, text: x, base64: aGVsbG8K}}]")]
    [InlineData("tasks: [{run: [sh, /a/b], script: {paht: /a/b}}]")]
    [InlineData("tasks: [{run: [sh, /a/b], script: x}]")]
    [InlineData("- [a]")]
    [InlineData("task: [[a]]")]
    [InlineData("tasks: {run: [a]}")]
    [InlineData("tasks: [echo hello]")]
    [InlineData("tasks: [[]]")]
    [InlineData("tasks: [[a, null]]")]
    [InlineData("tasks: [[a, [b]]]")]
    [InlineData("tasks: [{name: x}]")]
    [InlineData("tasks: [{run: echo hello}]")]
    [InlineData("tasks: [{run: [a], retires: 2}]")]
    [InlineData("tasks: [{run: [a], timeout: 10}]")]
    [InlineData("tasks: [{run: [a], timeout: soon}]")]
    [InlineData("tasks: [{run: [a], timeout: 30m1h}]")]
    [InlineData("tasks: [{run: [a], timeout: 0s}]")]
    [InlineData("tasks: [{run: [a], retries: -1}]")]
    [InlineData("tasks: [{run: [a], retries: twice}]")]
    [InlineData("tasks: [{run: [a], retry: 3}]")]
    [InlineData("tasks: [{run: [a], retry: {factor: 0}}]")]
    [InlineData("tasks: [{run: [a], retry: {jitter: 1.5}}]")]
    [InlineData("tasks: [{run: [a], retry_on: 0}]")]
    [InlineData("tasks: [{run: [a], retry_on: []}]")]
    [InlineData("tasks: [{run: [a], retry_on: [7, always]}]")]
    [InlineData("tasks: [{run: [a], no_retry_on: -1}]")]
    [InlineData("tasks: [{run: [a], no_retry_on: {from: 1}}]")]
    [InlineData("tasks: [{run: [a], avoid_same_node: maybe}]")]
    [InlineData("tasks: [{run: [a], array: ''}]")]
    [InlineData("tasks: [{run: [a], array: []}]")]
    [InlineData("tasks: [{run: [a], array: 1-}]")]
    [InlineData("tasks: [{run: [a], array: '1-9:0'}]")]
    [InlineData("tasks: [{run: [a], needs: {memry: 1k}}]")]
    [InlineData("tasks: [{run: [a], needs: {memory: 4 gigs}}]")]
    [InlineData("tasks: [{run: [a], needs: {cpus: -1}}]")]
    [InlineData("tasks: [{run: [a], needs: {counters: {seats: -1}}}]")]
    [InlineData("tasks: [{run: [a], env: [A=1]}]")]
    [InlineData("tasks: [{run: [a], env: {A=B: 1}}]")]
    [InlineData("tasks: [{run: [a], env: {ARTEL_NODE: 1}}]")]
    [InlineData("tasks: [{run: [a], env: {A: }}]")]
    [InlineData("tasks: [{run: [a], cwd: ~/data}]")]
    [InlineData("tasks: [{run: [a], stdin: x, stdin_file: /dev/null}]")]
    [InlineData("tasks: [{run: [a], on_node_lost: never}]")]
    [InlineData("tasks: [{run: [a], exclusive: maybe}]")]
    [InlineData("tasks: [{run: [a], output_limit: 0}]")]
    [InlineData("nodes: [[a]]")]
    [InlineData("nodes: {a b: [[a]]}")]
    [InlineData("nodes: {../x: [[a]]}")]
    [InlineData("nodes: {1: {at_once: 0, tasks: [[a]]}}")]
    [InlineData("nodes: {1: {at_once: 2}}")]
    [InlineData("defaults: {run: [a]}\ntasks: [[a]]")]
    [InlineData("priority: 1001\ntasks: [[a]]")]
    [InlineData("hold: 'yes'\ntasks: [[a]]")]
    [InlineData("start_at: tomorrow\ntasks: [[a]]")]
    [InlineData("start_at: 2026-03-01T08:00:00\ntasks: [[a]]")]
    [InlineData("max_fails: -1\ntasks: [[a]]")]
    [InlineData("max_fails: 1\nfail_fast: true\ntasks: [[a]]")]
    [InlineData("tags: [a b]\ntasks: [[a]]")]
    [InlineData("limits: {db: -1}\ntasks: [[a]]")]
    [InlineData("after: [x]\ntasks: [[a]]")]
    [InlineData("after: {job: 3, outcome: good}\ntasks: [[a]]")]
    [InlineData("tasks: [{run: [a], at_once: 0}]")]
    [InlineData("tasks: [{run: [a], pin: maybe}]")]
    [InlineData("tasks: [{run: [a], prefer: [a]}]")]
    [InlineData("tasks: [{run: [a], entries: x}]")]
    [InlineData("tasks: [{run: [a], matrix: {}}]")]
    [InlineData("tasks: [{run: [a], matrix: {a: fast}}]")]
    [InlineData("tasks: [{run: [a], matrix: {a: [1]}, entries: [1]}]")]
    [InlineData("tasks: [{run: [a], env: {ARTEL_ENTRY: 1}}]")]
    [InlineData("tasks: [{run: [a], array: '1-9%0'}]")]
    [InlineData("on_end: {when: failure}\ntasks: [[a]]")]
    [InlineData("on_end: {run: echo}\ntasks: [[a]]")]
    [InlineData("on_end: {run: []}\ntasks: [[a]]")]
    [InlineData("on_end: {webhook: 'ftp://a'}\ntasks: [[a]]")]
    [InlineData("on_end: {run: [a], when: sometimes}\ntasks: [[a]]")]
    public async Task A_wrong_map_is_wrong_for_both(string map)
    {
        Assert.NotEmpty(await MapSchema.Mistakes(map, Cancellation));
        Map.Mistakes(map);
    }

    [Fact]
    public void The_schema_and_the_parser_know_the_same_keys()
    {
        var schema = JsonNode.Parse(MapSchema.Text)!;

        Assert.Equal(["$schema", .. MapKeys.Job], KeysOf(schema));
        Assert.Equal(MapKeys.Task, KeysOf(schema["$defs"]!["long_task"]!));
        Assert.Equal(MapKeys.Options, KeysOf(schema["$defs"]!["defaults"]!));
        Assert.Equal(MapKeys.Needs, KeysOf(schema["$defs"]!["needs"]!));
        Assert.Equal(MapKeys.Retry, KeysOf(schema["$defs"]!["retry"]!));
        Assert.Equal(OnEndReader.Keys, KeysOf(schema["$defs"]!["on_end"]!));
        Assert.Equal(MapKeys.Section, KeysOf(schema["$defs"]!["node_list"]!["anyOf"]![1]!));
    }

    [Fact]
    public void Every_key_has_words_for_the_editor_to_show()
    {
        var schema = JsonNode.Parse(MapSchema.Text)!;
        var definitions = schema["$defs"]!.AsObject();

        Assert.All(definitions, definition => Assert.False(string.IsNullOrEmpty(definition.Value!["description"]?.GetValue<string>())));
        Assert.All(
            schema["properties"]!.AsObject(),
            key => Assert.True(key.Value!["description"] is not null || key.Value["$ref"] is not null));
    }

    private static IEnumerable<string> KeysOf(JsonNode definition) => definition["properties"]!.AsObject().Select(property => property.Key);
}
