using System.Globalization;

namespace Artel.Dashboard.Addresses;

/// <summary>
/// What one value in the address of a page may be. Pages read values by their rule; a value that does not fit is
/// ignored, and the page shows a line about it.
/// </summary>
internal abstract class AddressRule
{
    /// <summary>What a value has to be, such as <c>a whole number from 1 to 9</c>.</summary>
    public abstract string Expected { get; }

    /// <summary>
    /// True if the page can use the value. Never asked about an empty one, which is the same as no value.
    /// </summary>
    public abstract bool Fits(string value);
}

/// <summary>A whole number within bounds, in digits.</summary>
internal sealed class NumberRule(long least, long most) : AddressRule
{
    public override string Expected =>
        string.Create(CultureInfo.InvariantCulture, $"a whole number from {least} to {most}");

    public override bool Fits(string value) => Read(value) is not null;

    /// <returns>Null if the value is not such a number.</returns>
    public long? Read(string? value) =>
        long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
        && number >= least && number <= most
            ? number
            : null;
}

/// <summary>One of a few words.</summary>
internal sealed class WordRule(params IReadOnlyList<string> words) : AddressRule
{
    public override string Expected => words.Count == 1 ? $"'{words[0]}'" : $"one of {string.Join(", ", words)}";

    public override bool Fits(string value) => Read(value) is not null;

    /// <returns>Null if it is none of the words.</returns>
    public string? Read(string? value) => value is not null && words.Contains(value) ? value : null;
}

/// <summary>Some of a few words, separated by commas.</summary>
internal sealed class WordsRule(params IReadOnlyList<string> words) : AddressRule
{
    public override string Expected => $"a comma-separated list of {string.Join(", ", words)}";

    public override bool Fits(string value) => value.Split(',').All(words.Contains);
}

/// <summary>Any text of a bounded length.</summary>
internal sealed class TextRule : AddressRule
{
    private const int MostCharacters = 1000;

    public override string Expected => $"a text of at most {MostCharacters} characters";

    public override bool Fits(string value) => value.Length <= MostCharacters;

    /// <returns>The text without space around it; empty if there is none, or too much of it.</returns>
    public string Read(string? value) => value is not null && Fits(value) ? value.Trim() : "";
}
