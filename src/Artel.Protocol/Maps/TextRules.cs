using System.Text;

namespace Artel.Protocol.Maps;

/// <summary>What text may be: said in words that follow a subject, as in "the job's name …".</summary>
internal static class TextRules
{
    /// <summary>Names of jobs and tasks: any script, on one line. Empty means no name.</summary>
    public static string? NameProblem(string name)
    {
        if (name.Length == 0)
            return null;

        if (string.IsNullOrWhiteSpace(name))
            return "is blank: write a word, or leave it out";

        if (name.Length > JobLimits.MaxNameLength)
            return $"is {name.Length} characters long: at most {JobLimits.MaxNameLength}";

        return name.Any(char.IsControl) ? "holds a control character: write it on one line" : EncodingProblem(name);
    }

    /// <summary>What an operating system can not take as an argument, a variable or a path.</summary>
    public static string? ArgumentProblem(string text) => text.Contains('\0', StringComparison.Ordinal)
        ? "holds a NUL character, which no argument, variable or path can: take it out, or pass it in stdin or a file"
        : EncodingProblem(text);

    private static string? EncodingProblem(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (!char.IsSurrogate(text[i]))
                continue;

            if (!Rune.TryGetRuneAt(text, i, out _))
                return "holds half of a character (a lone surrogate): write the whole character";

            i++;
        }

        return null;
    }
}
