using System.Text;

namespace Artel.Protocol.Maps;

/// <summary>
/// A text of a template, taken apart once, in time linear in its length: what is written as it is, and the marks <c>{index}</c>,
/// <c>{entry}</c>, <c>{entry.key}</c> and those with a cut. Exactly these are replaced, once; how they are told from
/// other braces is <see cref="BraceText"/>'s. Immutable.
/// </summary>
public sealed class MarkedText
{
    private readonly Part[] _parts;

    private MarkedText(Part[] parts)
    {
        _parts = parts;
        MarkCount = parts.Count(p => p.IsMark);
    }

    /// <summary>Marks of an index and of entries together.</summary>
    public int MarkCount { get; }

    public bool HasIndex => Array.Exists(_parts, p => p is { IsMark: true, OfEntry: null });

    /// <summary>The marks of entries, in their order.</summary>
    internal IEnumerable<EntryMark> OfEntries => _parts.Where(p => p.OfEntry is not null).Select(p => p.OfEntry!.Value);

    public static MarkedText Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (!text.Contains('}', StringComparison.Ordinal))
            return new MarkedText([new Part(text, false, null)]);

        return new MarkedText([.. BraceText.Split(text, TaskMarks.IsMark).Select(p =>
            p.IsMark ? new Part($"{{{p.Text}}}", true, TaskMarks.OfEntry(p.Text)) : new Part(p.Text, false, null))]);
    }

    /// <summary>The text for one task. Marks that the task has no value for stay as they are.</summary>
    public string Fill(MarkValues values)
    {
        ArgumentNullException.ThrowIfNull(values);
        switch (_parts)
        {
            case []:
                return "";
            case [{ IsMark: false } only]:
                return only.Text;
            case [var only]:
                return values.Of(only.OfEntry) ?? only.Text;
        }

        var filled = new StringBuilder();
        foreach (var part in _parts)
            filled.Append(part.IsMark ? values.Of(part.OfEntry) ?? part.Text : part.Text);

        return filled.ToString();
    }

    /// <param name="Text">A literal, or a mark with its braces.</param>
    /// <param name="OfEntry">Null: a literal, or the mark of an index.</param>
    private readonly record struct Part(string Text, bool IsMark, EntryMark? OfEntry);
}
