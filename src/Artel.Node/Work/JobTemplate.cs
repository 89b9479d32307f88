using Artel.Protocol.Maps;
using Artel.Protocol.V1;

namespace Artel.Node.Work;

/// <summary>A template as the node uses it: what was sent once, with what is worked out once.</summary>
internal sealed class JobTemplate(long job, TaskTemplate spec, TraceTerms? trace = null, string user = "")
{
    private static readonly TimeSpan DefaultGrace = TimeSpan.FromSeconds(5);

    private readonly IndexLookup? _indices = spec.Array is { } array ? new IndexLookup(array) : null;

    public long Job => job;

    public TaskTemplate Spec => spec;

    /// <summary>Its texts, in which the marks of each task are replaced.</summary>
    public TemplateTexts Texts { get; } = new(spec);

    /// <summary>Who submitted the job, as the server has it.</summary>
    public string User => user;

    /// <summary>Which trace its tasks belong to; null: the server does not say.</summary>
    public TraceTerms? Trace => trace;

    /// <summary>The script that it brings, and which argument names it; null if there is none.</summary>
    public (Script File, int Argument)? Script { get; } =
        spec.Script is { } script && spec.Run.IndexOf(TaskMarks.Escape(script.Path)) is >= 0 and var argument
            ? (script, argument)
            : null;

    public LocalNeeds Needs { get; } = LocalNeeds.Of(spec);

    /// <summary>Null: it may take as long as it likes.</summary>
    public TimeSpan? Timeout { get; } = spec.Timeout?.ToTimeSpan();

    public TimeSpan Grace { get; } = spec.Grace?.ToTimeSpan() ?? DefaultGrace;

    public long OutputLimitBytes { get; } = spec.OutputLimit > 0 ? spec.OutputLimit : JobLimits.DefaultOutputLimitBytes;

    /// <summary>Its tasks have entries, and these are JSON. Null: they have none.</summary>
    private readonly bool? _entriesAreJson = spec.Axes.Count == 0 ? null : EntryAxes.AreJson(spec);

    /// <summary>The array index at a position; of a task that has an entry and no array, its place from 1. Null for a task that has neither.</summary>
    public long? IndexAt(int position) => _indices?.At(position) ?? (_entriesAreJson is null ? null : position + 1L);

    /// <summary>What came with a grant as the entry of a task, or null where its template has none.</summary>
    public TaskEntry? EntryOf(string value) => _entriesAreJson is { } areJson ? new TaskEntry(value, areJson) : null;

    /// <summary>Whether a grant brings what its tasks need to know: an entry for each where there are any.</summary>
    public bool HasEntries(Grant grant) => grant.Entries.Count == (_entriesAreJson is null ? 0 : grant.Leases.Count);

    /// <summary>Whether its array, if it is one, reaches so far.</summary>
    public bool HasPositions(int first, int count) => _indices is null || (first >= 0 && (long)first + count <= _indices.Count);
}
