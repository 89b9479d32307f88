using System.Globalization;
using System.Text.Json;

namespace Artel.Protocol.Maps;

/// <summary>What the marks of one task stand for. Reads the task's entry at most once, however many marks there are. One thread at a time.</summary>
/// <param name="index">The array index; null for a task that has none.</param>
/// <param name="entry">Null for a task that has none.</param>
public sealed class MarkValues(long? index, TaskEntry? entry) : IDisposable
{
    /// <summary>Of a text that has no marks.</summary>
    public static MarkValues None { get; } = new(null, null);

    private string? _index;
    private JsonDocument? _entry;

    /// <summary>The value; null where there is none.</summary>
    /// <param name="mark">Null: that of the index.</param>
    internal string? Of(EntryMark? mark)
    {
        if (mark is not { } ofEntry)
            return _index ??= index?.ToString(CultureInfo.InvariantCulture);

        if (entry is not { IsJson: true } json)
            return entry?.Read(ofEntry);

        _entry ??= JsonDocument.Parse(json.Value);
        return TaskEntry.Read(_entry.RootElement, ofEntry);
    }

    public void Dispose() => _entry?.Dispose();
}
