using System.Globalization;
using System.Text;

namespace Artel.Protocol.Maps;

/// <summary>The text of a map while it is written: keys at their indentation, values on one line.</summary>
internal sealed class MapText
{
    private readonly StringBuilder _text = new();
    private readonly Stack<int> _indents = new([0]);
    private bool _startsItem;

    public override string ToString() => _text.ToString();

    /// <summary>A key whose value is as it is to be read.</summary>
    public void Raw(string key, string value) => Begin(key).Append(' ').Append(value).Append('\n');

    /// <summary>Nothing where the text is empty.</summary>
    public void Text(string key, string text)
    {
        if (text.Length > 0)
            Raw(key, Quoted(text));
    }

    /// <summary>Nothing where it is false.</summary>
    public void Truth(string key, bool value)
    {
        if (value)
            Raw(key, "true");
    }

    /// <summary>Nothing where there are no items.</summary>
    public void List(string key, IEnumerable<string> items)
    {
        var list = string.Join(", ", items);
        if (list.Length > 0)
            Raw(key, $"[{list}]");
    }

    /// <summary>Nothing where there are no entries.</summary>
    public void Table(string key, IEnumerable<(string Key, string Value)> entries)
    {
        var all = entries.ToList();
        if (all.Count == 0)
            return;

        Open(key);
        foreach (var (name, value) in all)
            Raw(name, value);
        Close();
    }

    public void Open(string key)
    {
        Begin(key).Append('\n');
        _indents.Push(_indents.Peek() + 2);
    }

    /// <summary>An item of a list, which is a table.</summary>
    public void Item()
    {
        _text.Append(' ', _indents.Peek()).Append("- ");
        _startsItem = true;
        _indents.Push(_indents.Peek() + 2);
    }

    public void Close() => _indents.Pop();

    /// <summary>Without quotes where it is a plain word to every reader of YAML.</summary>
    public static string Word(string text) => IsPlain(text) ? text : Quoted(text);

    /// <summary>In double quotes, on one line.</summary>
    public static string Quoted(string text)
    {
        var quoted = new StringBuilder("\"", text.Length + 2);
        for (var i = 0; i < text.Length; i++)
        {
            // Private characters, such as those of RawText, look like nothing.
            var c = text[i];
            if (c >= '\uDB80' && c <= '\uDBFF' && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
            {
                var rune = char.ConvertToUtf32(c, text[++i]);
                quoted.Append("\\U").Append(rune.ToString("X8", CultureInfo.InvariantCulture));
                continue;
            }

            _ = c switch
            {
                '"' => quoted.Append("\\\""),
                '\\' => quoted.Append("\\\\"),
                '\n' => quoted.Append("\\n"),
                '\t' => quoted.Append("\\t"),
                '\r' => quoted.Append("\\r"),
                _ when char.IsControl(c) || c is '\u2028' or '\u2029' or '\uFEFF' or '\uFFFE' or '\uFFFF' =>
                    quoted.Append("\\u").Append(((int)c).ToString("X4", CultureInfo.InvariantCulture)),
                _ => quoted.Append(c),
            };
        }

        return quoted.Append('"').ToString();
    }

    private StringBuilder Begin(string key)
    {
        if (!_startsItem)
            _text.Append(' ', _indents.Peek());

        _startsItem = false;
        return _text.Append(Word(key)).Append(':');
    }

    private static bool IsPlain(string text) =>
        text.Length > 0 && char.IsAsciiLetter(text[0]) && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.')
        && text.ToUpperInvariant() is not ("NULL" or "TRUE" or "FALSE" or "YES" or "NO" or "ON" or "OFF" or "Y" or "N");
}
