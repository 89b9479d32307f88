namespace Artel.Protocol.Maps;

/// <summary>What a tag may look like.</summary>
public static class TagNames
{
    public const int MaxLength = 64;

    /// <summary>For people.</summary>
    public static string Rule { get; } = $"1 to {MaxLength} characters: letters, digits, '-', '_', '.'";

    /// <summary>What is wrong with a tag, and what would be right; null where it is a tag.</summary>
    public static string? Problem(string tag)
    {
        ArgumentNullException.ThrowIfNull(tag);
        return tag.Length is > 0 and <= MaxLength && tag.All(c => char.IsLetterOrDigit(c) || c is '-' or '_' or '.')
            ? null
            : $"'{Quote.Shorten(tag)}' is no tag: {Rule}";
    }
}
