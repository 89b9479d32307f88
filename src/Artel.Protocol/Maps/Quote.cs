using Artel.Protocol.Text;

namespace Artel.Protocol.Maps;

/// <summary>Puts the user's text into messages: on one line, however long it is and whatever is in it.</summary>
internal static class Quote
{
    private const int MaxLength = 60;

    public static string Shorten(string text, int length = MaxLength)
    {
        text = RawText.Show(text);
        var shown = text;
        if (text.Length > length)
        {
            // Never between the halves of a surrogate pair.
            var cut = char.IsHighSurrogate(text[length - 1]) ? length - 1 : length;
            shown = text[..cut] + "…";
        }

        return shown.Any(char.IsControl)
            ? string.Concat(shown.Select(c => c switch
            {
                '\n' => "\\n",
                '\t' => "\\t",
                _ when char.IsControl(c) => $"\\x{(int)c:x2}",
                _ => c.ToString(),
            }))
            : shown;
    }
}
