using System.Globalization;

namespace Artel.Protocol.Maps;

/// <summary>The mark for the array index in the texts of a template.</summary>
public static class IndexMark
{
    /// <summary>Exactly this text is replaced.</summary>
    public const string Text = "{index}";

    public static bool IsIn(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.Contains(Text, StringComparison.Ordinal);
    }

    /// <summary>The text for one task.</summary>
    /// <param name="index">The array index; null for a task that is no array, whose texts stay as they are.</param>
    public static string Fill(string text, long? index)
    {
        ArgumentNullException.ThrowIfNull(text);
        return index is { } value ? text.Replace(Text, value.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal) : text;
    }
}
