using Artel.Protocol.Maps;
using Artel.Protocol.V1;

namespace Artel.Node.Work;

/// <summary>A template as the node uses it: what was sent once, with what is worked out once.</summary>
internal sealed class JobTemplate(long job, TaskTemplate spec)
{
    private static readonly TimeSpan DefaultGrace = TimeSpan.FromSeconds(5);

    private readonly IndexLookup? _indices = spec.Array is { } array ? new IndexLookup(array) : null;

    public long Job => job;

    public TaskTemplate Spec => spec;

    public LocalNeeds Needs { get; } = LocalNeeds.Of(spec);

    /// <summary>Null: it may take as long as it likes.</summary>
    public TimeSpan? Timeout { get; } = spec.Timeout?.ToTimeSpan() is { } timeout && timeout <= JobLimits.LongestTimer ? timeout : null;

    public TimeSpan Grace { get; } = spec.Grace?.ToTimeSpan() is not { } grace ? DefaultGrace
        : grace <= JobLimits.LongestTimer ? grace : JobLimits.LongestTimer;

    public long OutputLimitBytes { get; } = spec.OutputLimit > 0 ? spec.OutputLimit : JobLimits.DefaultOutputLimitBytes;

    /// <summary>The array index at a position. Null for a task that is no array.</summary>
    public long? IndexAt(int position) => _indices?.At(position);

    /// <summary>Whether its array, if it is one, reaches so far.</summary>
    public bool HasPositions(int first, int count) => _indices is null || (first >= 0 && (long)first + count <= _indices.Count);
}
