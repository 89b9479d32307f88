namespace Artel.Protocol.Maps;

/// <summary>The marks in the texts of a template: see <see cref="MarkedText"/>, which is for texts that are filled more than once.</summary>
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
        using var values = new MarkValues(index, entry);
        return MarkedText.Parse(text).Fill(values);
    }

    /// <summary>
    /// The text of a template that stands for a literal: for what the user did not write as a template, such as
    /// inherited variables or the folder that they are in.
    /// </summary>
    public static string Escape(string literal)
    {
        ArgumentNullException.ThrowIfNull(literal);
        return BraceText.Escape(literal, IsMark);
    }

    /// <summary>True for what stands between the braces of a mark.</summary>
    public static bool IsMark(ReadOnlySpan<char> inner) => inner.SequenceEqual("index") || OfEntry(inner) is not null;

    /// <summary>Null if it is not the mark of an entry.</summary>
    internal static EntryMark? OfEntry(ReadOnlySpan<char> inner) =>
        inner.StartsWith("entry", StringComparison.Ordinal) ? EntryMark.Parse(inner.ToString()) : null;
}
