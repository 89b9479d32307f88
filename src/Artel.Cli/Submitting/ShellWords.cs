using System.Text;

namespace Artel.Cli.Submitting;

/// <summary>Splits a line of options into words, with the quotes of a shell; a word that begins with '#' ends the line.</summary>
internal static class ShellWords
{
    /// <summary>Null where a quote is not closed.</summary>
    public static List<string>? Split(string line)
    {
        var words = new List<string>();
        StringBuilder? word = null;
        var quote = '\0';
        for (var i = 0; i < line.Length; i++)
        {
            var c = line[i];
            if (c == '\\' && quote != '\'' && i + 1 < line.Length)
                (word ??= new StringBuilder()).Append(line[++i]);
            else if (quote != '\0' && c == quote)
                quote = '\0';
            else if (quote == '\0' && c is '\'' or '"')
                (quote, word) = (c, word ?? new StringBuilder());
            else if (quote != '\0' || !char.IsWhiteSpace(c))
            {
                if (c == '#' && quote == '\0' && word is null)
                    break;

                (word ??= new StringBuilder()).Append(c);
            }
            else if (word is not null)
            {
                words.Add(word.ToString());
                word = null;
            }
        }

        if (word is not null)
            words.Add(word.ToString());

        return quote == '\0' ? words : null;
    }
}
