using System.Globalization;
using System.Text;

namespace Artel.Protocol.Maps;

/// <summary>
/// The marks in the texts of a template: <c>{index}</c>, <c>{entry}</c>, <c>{entry.key}</c>, and with a cut as in
/// <c>{entry:.}</c>. Exactly these are replaced, once: what an entry holds is not looked at again.
/// </summary>
public static class TaskMarks
{
    public const string Index = "{index}";
    public const string Entry = "{entry}";

    /// <summary>The text for one task.</summary>
    /// <param name="text">Of the template.</param>
    /// <param name="index">The array index; null for a task that is no array, whose marks stay as they are.</param>
    /// <param name="entry">Null for a task that has none.</param>
    public static string Fill(string text, long? index, TaskEntry? entry)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (index is null && entry is null)
            return text;

        StringBuilder? filled = null;
        var copied = 0;
        foreach (var (start, length, mark) in In(text))
        {
            var value = mark is { } ofEntry ? entry?.Read(ofEntry) : index?.ToString(CultureInfo.InvariantCulture);
            if (value is null)
                continue;

            filled ??= new StringBuilder();
            filled.Append(text, copied, start - copied).Append(value);
            copied = start + length;
        }

        return filled is null ? text : filled.Append(text, copied, text.Length - copied).ToString();
    }

    internal static bool HasIndex(string text) => text.Contains(Index, StringComparison.Ordinal);

    /// <summary>The marks of entries in a text.</summary>
    internal static IEnumerable<EntryMark> OfEntries(string text) => In(text).Where(m => m.Mark is not null).Select(m => m.Mark!.Value);

    /// <summary>Every mark with its place; one of an index has no <see cref="EntryMark"/>.</summary>
    private static IEnumerable<(int Start, int Length, EntryMark? Mark)> In(string text)
    {
        for (var open = text.IndexOf('{', StringComparison.Ordinal); open >= 0; open = text.IndexOf('{', open + 1))
        {
            var close = text.IndexOf('}', open);
            if (close < 0)
                yield break;

            var inner = text[(open + 1)..close];
            if (inner == "index")
                yield return (open, close - open + 1, null);
            else if (EntryMark.Parse(inner) is { } mark)
                yield return (open, close - open + 1, mark);
        }
    }
}
