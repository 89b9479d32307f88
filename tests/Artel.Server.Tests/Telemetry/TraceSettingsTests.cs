using System.Diagnostics;
using Artel.Protocol.Tracing;
using Artel.Server.Telemetry;
using V1 = Artel.Protocol.V1;

namespace Artel.Server.Tests.Telemetry;

/// <summary>What the standard variables ask for, and spans with the ids that they are to have.</summary>
public sealed class TraceSettingsTests
{
    private static readonly TraceParent Recorded = TraceParent.Parse("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")!;
    private static readonly TraceParent NotRecorded = Recorded with { IsRecorded = false };

    [Theory]
    [InlineData("", false, false)]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT=http://x", true, true)]
    [InlineData("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=http://x", true, false)]
    [InlineData("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT=http://x", false, true)]
    [InlineData("OTEL_TRACES_EXPORTER=otlp", true, false)]
    [InlineData("OTEL_TRACES_EXPORTER=none OTEL_EXPORTER_OTLP_ENDPOINT=http://x", false, true)]
    [InlineData("OTEL_METRICS_EXPORTER=otlp,prometheus", false, true)]
    [InlineData("OTEL_SDK_DISABLED=true OTEL_EXPORTER_OTLP_ENDPOINT=http://x", false, false)]
    public void An_exporter_is_there_where_it_is_asked_for(string variables, bool traces, bool metrics)
    {
        var settings = ExportSettings.Read(Of(variables));

        Assert.Equal((traces, metrics), (settings.Traces, settings.Metrics));
        Assert.Empty(settings.Problems);
    }

    [Fact]
    public void An_exporter_that_is_not_to_be_had_is_told() =>
        Assert.Contains("OTEL_TRACES_EXPORTER=zipkin", Assert.Single(ExportSettings.Read(Of("OTEL_TRACES_EXPORTER=zipkin")).Problems), StringComparison.Ordinal);

    [Theory]
    [InlineData("", 1.0, true, false)]
    [InlineData("OTEL_TRACES_SAMPLER=always_on", 1.0, true, true)]
    [InlineData("OTEL_TRACES_SAMPLER=always_off", 0.0, false, false)]
    [InlineData("OTEL_TRACES_SAMPLER=parentbased_always_off", 0.0, true, false)]
    [InlineData("OTEL_TRACES_SAMPLER=parentbased_traceidratio OTEL_TRACES_SAMPLER_ARG=0.25", 0.25, true, false)]
    [InlineData("OTEL_TRACES_SAMPLER=traceidratio OTEL_TRACES_SAMPLER_ARG=1", 1.0, true, true)]
    public void Traces_are_recorded_as_the_sampler_says(string variables, double part, bool withRecorded, bool withNotRecorded)
    {
        var sampling = TraceSampling.Read(Of(variables));
        var terms = new V1.TraceTerms { Seed = TaskTraces.SeedOf("cluster", 1), RecordedBelow = sampling.BelowFor(null) };

        var recorded = Enumerable.Range(1, 4000).Count(task => TaskTraces.IsRecorded(terms, TaskTraces.TraceOf(terms, task)));

        Assert.InRange(recorded, 4000 * part * 0.9, 4000 * part * 1.1);
        Assert.Equal("", sampling.Problem);
        Assert.Equal((withRecorded, withNotRecorded), (IsRecorded(Recorded), IsRecorded(NotRecorded)));

        bool IsRecorded(TraceParent parent)
        {
            var submission = new V1.Submission { TraceParent = parent.ToString() };
            var its = new JobTraces("cluster", sampling).TermsOf(1, submission);
            return TaskTraces.IsRecorded(its, TaskTraces.TraceOf(its, 1));
        }
    }

    [Theory]
    [InlineData("OTEL_TRACES_SAMPLER=jaeger_remote")]
    [InlineData("OTEL_TRACES_SAMPLER=traceidratio OTEL_TRACES_SAMPLER_ARG=2")]
    public void A_sampler_that_makes_no_sense_is_told(string variables) => Assert.NotEqual("", TraceSampling.Read(Of(variables)).Problem);

    [Fact]
    public void A_span_has_the_ids_that_it_is_to_have_wherever_one_looks()
    {
        using var listener = new ActivityListener
        {
            ShouldListenTo = s => s.Name == Spans.Source,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
        };
        ActivitySource.AddActivityListener(listener);
        using var spans = new Spans();
        var trace = ActivityTraceId.CreateFromString("0af7651916cd43dd8448eb211c80319c");
        var id = ActivitySpanId.CreateFromString("b7ad6b7169203331");
        var at = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

        using var root = spans.Begin("root", ActivityKind.Internal, new ActivityContext(trace, default, ActivityTraceFlags.Recorded), id, at, at.AddSeconds(2));
        using var child = spans.Begin("child", ActivityKind.Internal, root!.Context, null, at, at.AddSeconds(-1));

        Assert.Equal((trace, id, default), (root.TraceId, root.SpanId, root.ParentSpanId));
        Assert.Equal((trace, id), (root.Context.TraceId, root.Context.SpanId));
        Assert.Equal($"00-{trace}-{id}-01", root.Id);
        Assert.Equal((at.UtcDateTime, TimeSpan.FromSeconds(2)), (root.StartTimeUtc, root.Duration));
        Assert.Equal((trace, id), (child!.TraceId, child.ParentSpanId));
        Assert.NotEqual(id, child.SpanId);
    }

    [Fact]
    public void Where_nothing_is_exported_the_submitters_span_is_handed_on()
    {
        var terms = new JobTraces("cluster", sampling: null).TermsOf(1, new V1.Submission { TraceParent = Recorded.ToString() });

        Assert.Equal(Recorded.ToString(), TaskTraces.ParentOf(terms, 5, 1).ToString());
    }

    private static Func<string, string?> Of(string variables)
    {
        var all = variables.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(v => v.Split('=', 2)).ToDictionary(v => v[0], v => v[1]);
        return name => all.GetValueOrDefault(name);
    }
}
