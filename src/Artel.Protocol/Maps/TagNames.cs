namespace Artel.Protocol.Maps;

/// <summary>What a tag may look like.</summary>
public static class TagNames
{
    /// <summary>What is wrong with a tag, and what would be right, to follow its name in a sentence; null where it is a tag.</summary>
    public static string? Problem(string tag)
    {
        ArgumentNullException.ThrowIfNull(tag);
        return
            tag.Length == 0 ? "is empty: write a word"
            : tag.Length > JobLimits.MaxTagLength ? $"is {tag.Length} characters long: at most {JobLimits.MaxTagLength}"
            : tag.Any(char.IsWhiteSpace) ? "is no single word: write it without spaces"
            : tag.AsSpan().ContainsAny(",=") ? "holds ',' or '=': write a word without them"
            : TextRules.NameProblem(tag);
    }
}
