using System.Buffers;

namespace Artel.Server.Nodes.Messages;

/// <summary>Text of nodes, made fit to be kept and shown: without control characters, and no longer than its bound.</summary>
internal static class NodeText
{
    private const char Replacement = '\uFFFD';

    private static readonly SearchValues<char> Controls =
        SearchValues.Create([.. Enumerable.Range(0, 0xA0).Where(c => char.IsControl((char)c) && c is not ('\n' or '\t')).Select(c => (char)c)]);

    private static readonly SearchValues<char> ControlsAndBreaks = SearchValues.Create([.. Enumerable.Range(0, 0xA0).Select(c => (char)c).Where(char.IsControl)]);

    /// <summary>Cut to a length; line breaks and tabs stay.</summary>
    public static string Clean(string text, int most) => Clean(text, most, Controls);

    /// <summary>The same on one line.</summary>
    public static string CleanLine(string text, int most) => Clean(text, most, ControlsAndBreaks);

    /// <summary>True if it is one line without control characters.</summary>
    public static bool IsLine(string text) => !text.AsSpan().ContainsAny(ControlsAndBreaks);

    private static string Clean(string text, int most, SearchValues<char> forbidden)
    {
        if (text.Length <= most && !text.AsSpan().ContainsAny(forbidden))
        {
            return text;
        }

        var kept = Math.Min(text.Length, most);
        if (kept < text.Length)
        {
            // Room for the mark; not between the halves of a character.
            kept = char.IsHighSurrogate(text[kept - 2]) ? kept - 2 : kept - 1;
        }

        return string.Create(kept < text.Length ? kept + 1 : kept, (text, kept, forbidden), static (to, from) =>
        {
            from.text.AsSpan(0, from.kept).CopyTo(to);
            to[..from.kept].ReplaceAny(from.forbidden, Replacement);
            if (to.Length > from.kept)
            {
                to[^1] = '…';
            }
        });
    }
}
