using System.Globalization;
using System.Text.Json;

namespace Artel.Protocol.Maps;

/// <summary>The entry of one task.</summary>
/// <param name="Value">A line, or JSON.</param>
/// <param name="IsJson">Which of the two.</param>
public readonly record struct TaskEntry(string Value, bool IsJson)
{
    /// <summary>What the task gets in <see cref="Variable"/> and for <c>{entry}</c>: a text as it is, whatever else as compact JSON.</summary>
    public string Shown => Read(new EntryMark([], "")) ?? "";

    /// <summary>The environment variable that holds it.</summary>
    public const string Variable = "ARTEL_ENTRY";

    /// <summary>What a mark stands for; null where the entry has no such member.</summary>
    public string? Read(EntryMark mark)
    {
        if (!IsJson)
            return mark.Path.Count == 0 ? mark.Apply(Value) : null;

        using var document = JsonDocument.Parse(Value);
        return Read(document.RootElement, mark);
    }

    /// <summary>What a mark stands for in an entry that is JSON; null where the entry has no such member.</summary>
    internal static string? Read(JsonElement entry, EntryMark mark) => Find(entry, mark.Path) is { } found ? mark.Apply(Text(found)) : null;

    /// <summary>Follows names of members, and of lists places from 0.</summary>
    internal static JsonElement? Find(JsonElement root, IEnumerable<string> path)
    {
        var at = root;
        foreach (var part in path)
        {
            if (at.ValueKind == JsonValueKind.Object && at.TryGetProperty(part, out var member))
                at = member;
            else if (at.ValueKind == JsonValueKind.Array
                && int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var place) && place < at.GetArrayLength())
                at = at[place];
            else
                return null;
        }

        return at;
    }

    private static string Text(JsonElement value) => value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();
}
