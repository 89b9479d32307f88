using System.Text;

namespace Artel.Protocol.Maps;

/// <summary>
/// A text of a template, taken apart once, in time linear in its length: what is written as it is, and the marks <c>{index}</c>,
/// <c>{entry}</c>, <c>{entry.key}</c> and those with a cut. Exactly these are replaced, once. Immutable.
/// </summary>
public sealed class MarkedText
{
    private readonly Mark[] _marks;

    private MarkedText(string text, Mark[] marks) => (Text, _marks) = (text, marks);

    /// <summary>As it is written in the template.</summary>
    public string Text { get; }

    /// <summary>Marks of an index and of entries together.</summary>
    public int MarkCount => _marks.Length;

    public bool HasIndex => Array.Exists(_marks, m => m.OfEntry is null);

    /// <summary>The marks of entries, in their order.</summary>
    internal IEnumerable<EntryMark> OfEntries => _marks.Where(m => m.OfEntry is not null).Select(m => m.OfEntry!.Value);

    public static MarkedText Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        List<Mark>? marks = null;
        var from = 0;
        for (var close = text.IndexOf('}', StringComparison.Ordinal); close >= 0; close = text.IndexOf('}', from))
        {
            // Only the last brace before it can open a mark: no mark has a brace inside.
            var open = text.AsSpan(from, close - from).LastIndexOf('{');
            if (open >= 0 && TryRead(text.AsSpan(from + open + 1, close - from - open - 1), out var ofEntry))
                (marks ??= []).Add(new Mark(from + open, close - from - open + 1, ofEntry));

            from = close + 1;
        }

        return new MarkedText(text, marks is null ? [] : [.. marks]);
    }

    /// <summary>The text for one task. Marks that the task has no value for stay as they are.</summary>
    public string Fill(MarkValues values)
    {
        ArgumentNullException.ThrowIfNull(values);
        if (_marks.Length == 0)
            return Text;

        StringBuilder? filled = null;
        var copied = 0;
        foreach (var (start, length, mark) in _marks)
        {
            if (values.Of(mark) is not { } value)
                continue;

            filled ??= new StringBuilder(Text.Length + value.Length);
            filled.Append(Text, copied, start - copied).Append(value);
            copied = start + length;
        }

        return filled is null ? Text : filled.Append(Text, copied, Text.Length - copied).ToString();
    }

    private static bool TryRead(ReadOnlySpan<char> inner, out EntryMark? ofEntry)
    {
        ofEntry = null;
        if (inner.SequenceEqual("index"))
            return true;

        ofEntry = inner.StartsWith("entry", StringComparison.Ordinal) ? EntryMark.Parse(inner.ToString()) : null;
        return ofEntry is not null;
    }

    /// <param name="OfEntry">Null: the mark of an index.</param>
    private readonly record struct Mark(int Start, int Length, EntryMark? OfEntry);
}
