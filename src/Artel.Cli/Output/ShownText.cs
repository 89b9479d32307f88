using System.Buffers;
using System.Globalization;
using System.Text;

namespace Artel.Cli.Output;

/// <summary>
/// Text of others made safe for a terminal: what would be executed there, moves the cursor or turns the direction of writing, is shown.
/// </summary>
internal static class ShownText
{
    // Marks that change the order in which a terminal shows characters (Unicode Standard Annex #9, section 2).
    private static readonly SearchValues<char> Dangerous = SearchValues.Create(
        [.. Enumerable.Range(0, 0x20).Concat(Enumerable.Range(0x7f, 0x21)).Select(c => (char)c), .. "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"]);

    /// <summary>One line: line breaks and tabs are shown, too.</summary>
    public static string Line(string text) => Show(text, keepLines: false);

    /// <summary>Any number of lines.</summary>
    public static string Lines(string text) => Show(text, keepLines: true);

    /// <summary>What stands for a character that a terminal must not get. Null if it may have it.</summary>
    public static string? Of(int character) => character switch
    {
        < ' ' => ((char)('\u2400' + character)).ToString(),
        '\x7f' => "\u2421",
        (> '\x7f' and <= '\x9f') or '\u061c' or '\u200e' or '\u200f' or (>= '\u202a' and <= '\u202e') or (>= '\u2066' and <= '\u2069') =>
            string.Create(CultureInfo.InvariantCulture, $"<U+{character:X4}>"),
        _ => null,
    };

    private static string Show(string text, bool keepLines)
    {
        if (!text.AsSpan().ContainsAny(Dangerous))
            return text;

        var shown = new StringBuilder(text.Length + 16);
        foreach (var character in text)
        {
            if (keepLines && character is '\n' or '\r' or '\t')
                shown.Append(character);
            else if (Of(character) is { } instead)
                shown.Append(instead);
            else
                shown.Append(character);
        }

        return shown.ToString();
    }
}
