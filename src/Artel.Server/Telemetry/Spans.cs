using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Artel.Server.Telemetry;

/// <summary>Makes spans of what has happened, with ids that are known beforehand.</summary>
internal sealed class Spans : IDisposable
{
    public const string Source = "Artel";

    private readonly ActivitySource _source = new(Source, ServerVersion.Text);

    /// <summary>One span. Disposing of what is returned hands it on to be exported; null: nobody wants it.</summary>
    /// <param name="parent">Its span id is all zero where the span is the first of its trace.</param>
    /// <param name="id">Null: any.</param>
    public Activity? Begin(string name, ActivityKind kind, ActivityContext parent, ActivitySpanId? id, DateTimeOffset start, DateTimeOffset end, ActivityLink[]? links = null)
    {
        // What the caller does by itself is no part of this.
        Activity.Current = null;
        var isRoot = parent.SpanId == default;
        var span = _source.StartActivity(kind, isRoot ? default : parent, null, links, start, name);
        if (span is null)
        {
            return null;
        }

        if (isRoot)
        {
            TraceIdOf(span) = parent.TraceId.ToHexString();
        }

        if (id is { } given)
        {
            SpanIdOf(span) = given.ToHexString();
        }

        span.SetEndTime(end < start ? start.UtcDateTime : end.UtcDateTime);
        return span;
    }

    public void Dispose() => _source.Dispose();

    // .NET gives a span an id by chance and has no way to give it one. These are the fields that its getters read; a test sees that they do.
    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_spanId")]
    private static extern ref string? SpanIdOf(Activity activity);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_traceId")]
    private static extern ref string? TraceIdOf(Activity activity);
}
