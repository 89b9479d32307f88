using System.Text;

namespace Artel.Protocol.Maps;

/// <summary>
/// Tells marks from all other braces in a text: the only code that does. A mark is a word of some vocabulary in one
/// pair of braces. In two pairs it is a literal in one pair, in three a mark in one pair, and so on, as in Python's
/// format strings. Braces around anything else, and braces without a partner, are what they are: JSON, awk programs and
/// regular expressions need no change. After a <c>$</c> braces are the shell's, whatever is in them; <c>$$</c> is a
/// word of the shell by itself. Takes time in proportion to the length of the text.
/// </summary>
public static class BraceText
{
    /// <summary>True if the text between a pair of braces is a word of the vocabulary.</summary>
    public delegate bool IsMark(ReadOnlySpan<char> inner);

    /// <summary>A part of a text: a literal without its escapes, or the inside of a mark.</summary>
    public readonly record struct Piece(string Text, bool IsMark);

    /// <summary>The text in parts. Literals are not empty, and no two are side by side.</summary>
    public static List<Piece> Split(string text, IsMark isMark)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(isMark);
        var pieces = new List<Piece>();
        var literal = new StringBuilder();
        var from = 0;
        foreach (var (at, end, pairs) in Find(text, isMark))
        {
            var inner = text[at..end];
            literal.Append(text, from, at - pairs - from).Append('{', pairs / 2);
            if (pairs % 2 == 0)
            {
                literal.Append(inner);
            }
            else
            {
                Flush();
                pieces.Add(new Piece(inner, IsMark: true));
            }

            literal.Append('}', pairs / 2);
            from = end + pairs;
        }

        literal.Append(text, from, text.Length - from);
        Flush();
        return pieces;

        void Flush()
        {
            if (literal.Length > 0)
                pieces.Add(new Piece(literal.ToString(), IsMark: false));

            literal.Clear();
        }
    }

    /// <summary>The text that <see cref="Split"/> makes these parts of.</summary>
    /// <param name="pieces">No mark follows a literal that ends with a <c>$</c> of the shell: such a text cannot be
    /// written.</param>
    /// <param name="isMark">The vocabulary in which the text is read.</param>
    public static string Write(IReadOnlyList<Piece> pieces, IsMark isMark)
    {
        ArgumentNullException.ThrowIfNull(pieces);
        var text = new StringBuilder();
        for (var i = 0; i < pieces.Count; i++)
        {
            if (!pieces[i].IsMark)
            {
                text.Append(Escape(pieces[i].Text, isMark));
                continue;
            }

            var before = i == 0 || pieces[i - 1].IsMark ? "" : pieces[i - 1].Text;
            var after = i + 1 == pieces.Count || pieces[i + 1].IsMark ? "" : pieces[i + 1].Text;
            var around = Math.Min(
                before.Length - before.TrimEnd('{').Length, after.Length - after.TrimStart('}').Length);
            text.Append('{', around + 1).Append(pieces[i].Text).Append('}', around + 1);
        }

        return text.ToString();
    }

    /// <summary>The text in which a literal is written: what looks like a mark in it gets twice the braces.</summary>
    public static string Escape(string literal, IsMark isMark)
    {
        ArgumentNullException.ThrowIfNull(literal);
        ArgumentNullException.ThrowIfNull(isMark);
        StringBuilder? text = null;
        var from = 0;
        foreach (var (at, end, pairs) in Find(literal, isMark))
        {
            text ??= new StringBuilder();
            text.Append(literal, from, at - from).Append('{', pairs).Append(literal, at, end - at).Append('}', pairs);
            from = end;
        }

        return text is null ? literal : text.Append(literal, from, literal.Length - from).ToString();
    }

    /// <summary>
    /// Where the words of the vocabulary stand in braces: from, to, and the pairs of braces around them.
    /// </summary>
    private static List<(int At, int End, int Pairs)> Find(string text, IsMark isMark)
    {
        var found = new List<(int, int, int)>();
        if (!text.Contains('}', StringComparison.Ordinal))
            return found;

        for (var at = text.IndexOf('{', StringComparison.Ordinal); at >= 0; at = text.IndexOf('{', at))
        {
            var open = at;
            at = After(text, at, '{');
            var end = text.AsSpan(at).IndexOfAny('{', '}');
            if (end < 0)
                break;

            end += at;
            if (text[end] == '{')
            {
                at = end;
                continue;
            }

            var close = After(text, end, '}');
            if (!IsOfShell(text, open) && isMark(text.AsSpan(at, end - at)))
                found.Add((at, end, Math.Min(at - open, close - end)));

            at = close;
        }

        return found;
    }

    private static int After(string text, int at, char brace)
    {
        while (at < text.Length && text[at] == brace)
            at++;

        return at;
    }

    private static bool IsOfShell(string text, int open)
    {
        var dollars = open;
        while (dollars > 0 && text[dollars - 1] == '$')
            dollars--;

        return (open - dollars) % 2 == 1;
    }
}
