using System.CommandLine;

namespace Artel.Cli.Submitting;

/// <summary>The options in the head of a script: <c>#ARTEL</c> lines, and <c>#SBATCH</c> lines as far as they mean the same.</summary>
internal static class ScriptHead
{
    /// <summary>What the lines say, the last first, and what could not be understood. A wrong <c>#ARTEL</c> line fails.</summary>
    public static (IReadOnlyList<ParseResult> Lines, IReadOnlyList<string> Warnings) Read(ScriptFile script, JobOptions options, TimeProvider clock)
    {
        var command = new Command("ARTEL");
        foreach (var option in options.OfScripts)
            command.Add(option);

        var slurm = new SlurmOptions(script.Name, clock, options.WithHold);
        var lines = new List<ParseResult>();
        foreach (var (number, line) in Head(script.Source.Bytes))
        {
            var mark = line.Split([' ', '\t'], 2);
            if (mark.Length < 2 || mark[0] is not ("#ARTEL" or "#SBATCH"))
                continue;

            var place = FormattableString.Invariant($"{script.Name}:{number}");
            var words = ShellWords.Split(mark[1]) ?? throw CommandFailure.WrongUsage($"{place}: a quote is not closed");
            if (mark[0] == "#SBATCH")
            {
                slurm.Take(number, words);
                continue;
            }

            var parsed = command.Parse(words, new ParserConfiguration { ResponseFileTokenReplacer = null });
            if (parsed.Errors.Count > 0)
                throw CommandFailure.WrongUsage($"{place}: {parsed.Errors[0].Message.ReplaceLineEndings(" ").TrimEnd('.')}");

            lines.Add(parsed);
        }

        // What is written for Artel counts more than what is written for Slurm.
        lines.Reverse();
        foreach (var words in slurm.Lines.Reverse())
        {
            var parsed = command.Parse(words, new ParserConfiguration { ResponseFileTokenReplacer = null });
            if (parsed.Errors.Count > 0)
                throw CommandFailure.WrongUsage($"{script.Name}: {parsed.Errors[0].Message.ReplaceLineEndings(" ").TrimEnd('.')}");

            lines.Add(parsed);
        }

        return (lines, slurm.Warnings);
    }

    /// <summary>The comments and empty lines before the first command.</summary>
    private static IEnumerable<(int Number, string Line)> Head(byte[] bytes)
    {
        using var reader = new StringReader(RawText.FromBytes(bytes).TrimStart('\uFEFF'));
        for (var number = 1; reader.ReadLine() is { } line; number++)
        {
            var text = line.TrimEnd();
            if (text.Length > 0 && text[0] != '#')
                yield break;

            yield return (number, text);
        }
    }
}
