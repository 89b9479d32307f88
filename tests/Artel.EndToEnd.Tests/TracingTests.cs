using Artel.Protocol.Tracing;

namespace Artel.EndToEnd.Tests;

/// <summary>Traces as docs/tracing.md has them: what tasks are told, and what a real receiver gets.</summary>
public sealed class TracingTests
{
    private const string Parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    [Fact]
    public async Task A_task_is_told_a_span_of_which_the_way_to_the_submit_is_exported()
    {
        using var collector = new OtlpReceiver();
        await using var cluster = await StartAsync(collector);

        var told = TraceParent.Parse((await cluster.TryArtelWithAsync("TRACEPARENT", Parent, "run", "--", "sh", "-c", "printf %s $TRACEPARENT; exit 7")).Output);

        Assert.NotNull(told);
        Assert.True(told.IsRecorded);
        var spans = await ReceivedAsync(collector, 5);
        Assert.All(spans, s => Assert.Equal("0af7651916cd43dd8448eb211c80319c", s.Trace));
        var attempt = spans.Single(s => s.Name == "attempt");
        var task = spans.Single(s => s.Name == "task");
        var submit = spans.Single(s => s.Name == "submit");
        Assert.Equal(Convert.ToHexStringLower(told.SpanId.Span), attempt.Id);
        Assert.Equal((task.Id, submit.Id, "b7ad6b7169203331"), (attempt.Parent, task.Parent, submit.Parent));
        Assert.Equal((task.Id, attempt.Id), (spans.Single(s => s.Name == "queue").Parent, spans.Single(s => s.Name == "store").Parent));
        Assert.Equal(("1", "7", "failed", "1", "1"), (
            attempt.Attributes["artel.node.id"], attempt.Attributes["process.exit.code"], attempt.Attributes["artel.attempt.outcome"],
            attempt.Attributes["artel.attempt.number"], attempt.Attributes["artel.job.id"]));
        Assert.Equal(("failed", 2, 2), (task.Attributes["artel.task.state"], task.Status, attempt.Status));
        Assert.All(spans, s => Assert.InRange(s.End, s.Start, s.Start + 60_000_000_000));
        Assert.True(submit.Start <= task.End && task.Start <= attempt.Start && attempt.End <= task.End);
    }

    [Fact]
    public async Task Without_a_submitters_trace_each_task_has_its_own_and_keeps_it_over_a_restart_of_the_server()
    {
        using var collector = new OtlpReceiver();
        await using var cluster = await StartAsync(collector);
        var job = await cluster.SubmitAsync(
            "--array", "1-2", "--cpus", "0.1", "--", "sh", "-c", $"echo $TRACEPARENT; while [ ! -e {cluster.Folder["go"]} ]; do sleep 0.05; done");
        await cluster.JobBecomesAsync(job, "running");
        await Polling.UntilAsync(async () => (await cluster.JsonAsync("show", job)).GetProperty("job").GetProperty("counts").GetProperty("running").GetInt32(), n => n == 2, "both run");
        cluster.Server.Signal("KILL");
        await cluster.Server.EndAsync();
        await cluster.StartServerAsync();
        cluster.Folder.Write("go", "");
        await cluster.ArtelAsync("wait", job);

        var told = (await cluster.ArtelAsync("logs", job)).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => TraceParent.Parse(l.Split("| ")[^1])!).ToList();

        var spans = await Polling.UntilAsync(() => Task.FromResult(collector.Spans), s => s.Count(x => x.Name == "task") == 2, "both tasks are exported");
        Assert.Equal(2, told.Select(t => Convert.ToHexStringLower(t.TraceId.Span)).Distinct().Count());
        foreach (var one in told)
        {
            var attempt = spans.Single(s => s.Name == "attempt" && s.Id == Convert.ToHexStringLower(one.SpanId.Span));
            var task = spans.Single(s => s.Name == "task" && s.Id == attempt.Parent);
            Assert.Equal((attempt.Trace, ""), (task.Trace, task.Parent));
            Assert.Equal(Convert.ToHexStringLower(one.TraceId.Span), task.Trace);
            Assert.Single(task.Links);
        }
    }

    [Fact]
    public async Task What_is_not_recorded_is_told_so_and_not_exported()
    {
        using var collector = new OtlpReceiver();
        await using var cluster = await StartAsync(collector, ("OTEL_TRACES_SAMPLER", "parentbased_traceidratio"), ("OTEL_TRACES_SAMPLER_ARG", "0.5"));

        var told = (await cluster.ArtelAsync("run", "--array", "1-64", "--", "sh", "-c", "echo $TRACEPARENT")).Output
            .Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => TraceParent.Parse(l)!).ToList();
        await cluster.TryArtelWithAsync("TRACEPARENT", Parent, "run", "--", "true");

        // The last one is exported for certain, after the others.
        var spans = await Polling.UntilAsync(() => Task.FromResult(collector.Spans), s => s.Any(x => x.Name == "task" && x.Trace == Parent[3..35]), "the last one is exported");
        var recorded = told.Where(t => t.IsRecorded).Select(t => Convert.ToHexStringLower(t.SpanId.Span)).Order();
        Assert.InRange(recorded.Count(), 10, 54);
        Assert.Equal(recorded, spans.Where(s => s.Name == "attempt" && s.Trace != Parent[3..35]).Select(s => s.Id).Order());
    }

    [Fact]
    public async Task Without_a_collector_a_task_gets_its_submitters_span_or_one_of_its_own_and_its_own_environment_comes_first()
    {
        await using var cluster = await TestCluster.StartAsync(lostAfter: "60s", nodes: ["1"]);
        string[] print = ["sh", "-c", "printf %s $TRACEPARENT"];

        var own = TraceParent.Parse((await cluster.ArtelAsync(["run", "--", .. print])).Output);

        Assert.False(own!.IsRecorded);
        Assert.Equal(Parent, (await cluster.TryArtelWithAsync("TRACEPARENT", Parent, ["run", "--", .. print])).Output);
        Assert.NotNull(TraceParent.Parse((await cluster.TryArtelWithAsync("TRACEPARENT", "nonsense", ["run", "--", .. print])).Output));
        Assert.Equal("mine", (await cluster.ArtelAsync(["run", "--env", "TRACEPARENT=mine", "--", .. print])).Output);
    }

    private static async Task<TestCluster> StartAsync(OtlpReceiver collector, params (string Name, string Value)[] more)
    {
        var cluster = TestCluster.Prepare(lostAfter: "60s");
        foreach (var (name, value) in collector.Variables.Select(v => (v.Key, v.Value)).Concat(more.Select(m => (m.Name, (string?)m.Value))))
        {
            cluster.ServerVariables[name] = value;
        }

        await cluster.StartServerAsync();
        await cluster.StartNodeAsync("1");
        return cluster;
    }

    private static Task<IReadOnlyList<ReceivedSpan>> ReceivedAsync(OtlpReceiver collector, int count) =>
        Polling.UntilAsync(() => Task.FromResult(collector.Spans), s => s.Count >= count, $"{count} spans have come");
}
