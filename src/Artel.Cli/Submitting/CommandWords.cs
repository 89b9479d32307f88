using System.Text;

namespace Artel.Cli.Submitting;

/// <summary>
/// A command that is given as one text, split into words as a POSIX shell would, and nothing else of a shell: spaces separate, '…' keeps all
/// as it is, "…" too but for \" and \\, and \ outside of quotes keeps the next character. No variables, no *, no pipes.
/// </summary>
internal static class CommandWords
{
    /// <summary>Null, with what would be right, where a quote is open at the end or there is no word.</summary>
    public static List<string>? Split(string text, out string problem)
    {
        var words = new List<string>();
        StringBuilder? word = null;
        char? quote = null;
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (c == '\\' && quote != '\'' && i + 1 < text.Length && (quote is null || text[i + 1] is '"' or '\\'))
                (word ??= new StringBuilder()).Append(text[++i]);
            else if (c == quote)
                quote = null;
            else if (quote is null && c is ('\'' or '"'))
            {
                quote = c;
                word ??= new StringBuilder();
            }
            else if (quote is null && c is (' ' or '\t' or '\n'))
            {
                if (word is not null)
                    words.Add(word.ToString());

                word = null;
            }
            else
                (word ??= new StringBuilder()).Append(c);
        }

        if (word is not null)
            words.Add(word.ToString());

        problem = quote is not null ? $"a {quote} is not closed in: {text}" : words.Count == 0 ? "there is no command: write one, such as './notify.sh {job} {state}'" : "";
        return problem.Length == 0 ? words : null;
    }
}
