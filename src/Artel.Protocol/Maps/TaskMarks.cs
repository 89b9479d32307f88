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
}
