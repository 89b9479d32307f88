using System.Globalization;
using System.Text.RegularExpressions;
using Artel.Protocol.Maps;
using Artel.Protocol.V1;

namespace Artel.Cli.Submitting;

/// <summary>
/// A command as GNU parallel takes it: <c>convert {} {.}.png ::: *.jpg</c>. The lists become axes, the replacement strings become
/// marks of entries, which the node fills in: what is sent grows with the lists, not with their combinations.
/// </summary>
internal static partial class ParallelWords
{
    public static bool IsUsed(IEnumerable<string> words) => words.Any(IsSource);

    /// <summary>Puts command and axes into a template.</summary>
    public static void Fill(TaskTemplate template, IReadOnlyList<string> words, Func<string, string, Axis> readLines)
    {
        var command = words.TakeWhile(w => !IsSource(w)).ToList();
        if (command.Count + template.Run.Count == 0)
            throw CommandFailure.WrongUsage($"no command before '{words[0]}': write the program and its arguments first");

        var axes = Sources([.. words.Skip(command.Count)], readLines);
        for (var i = 0; axes.Count > 1 && i < axes.Count; i++)
            axes[i].Name = (i + 1).ToString(CultureInfo.InvariantCulture);

        ShortenLinked(axes);
        template.Run.AddRange(Translate(command, template.Run.Count, axes.Count, out var isTemplate));
        if (!isTemplate)
            template.Run.AddRange(axes.Select((_, i) => $"{{{Entry(i, axes.Count, "")}}}"));

        template.Axes.AddRange(axes);
    }

    private static bool IsSource(string word) => word is ":::" or ":::+" or "::::" or "::::+";

    private static List<Axis> Sources(List<string> words, Func<string, string, Axis> readLines)
    {
        var axes = new List<Axis>();
        for (var at = 0; at < words.Count;)
        {
            var source = words[at];
            var values = words.Skip(at + 1).TakeWhile(w => !IsSource(w)).ToList();
            at += values.Count + 1;
            if (values.Count == 0 && source.StartsWith("::::", StringComparison.Ordinal))
                throw CommandFailure.WrongUsage($"nothing follows '{source}': write a file there");

            List<Axis> read = source is ":::" or ":::+" ? [new Axis { Values = { values } }] : [.. values.Select(file => readLines("::::", file))];
            read[0].Linked = source.EndsWith('+');
            if (read[0].Linked && axes.Count == 0)
                throw CommandFailure.WrongUsage($"'{source}' links to the list before it, and there is none: write '{source[..^1]}'");

            axes.AddRange(read);
        }

        return axes;
    }

    /// <summary>As GNU parallel has it, the shortest of linked lists says how many there are.</summary>
    private static void ShortenLinked(List<Axis> axes)
    {
        for (var first = 0; first < axes.Count;)
        {
            var group = axes.Skip(first).Take(1).Concat(axes.Skip(first + 1).TakeWhile(a => a.Linked)).ToList();
            var length = group.Min(a => a.Values.Count);
            foreach (var axis in group)
            {
                while (axis.Values.Count > length)
                    axis.Values.RemoveAt(axis.Values.Count - 1);
            }

            first += group.Count;
        }
    }

    /// <param name="first">Number of the first argument.</param>
    private static List<string> Translate(List<string> command, int first, int lists, out bool isTemplate)
    {
        isTemplate = false;
        var run = new List<string>();
        for (var i = 0; i < command.Count; i++)
            run.Add(Translate(command[i], first + i, lists, ref isTemplate));

        return run;
    }

    /// <summary>An argument as a template of the task.</summary>
    private static string Translate(string word, int number, int lists, ref bool isTemplate)
    {
        var pieces = new List<BraceText.Piece>();
        foreach (var piece in BraceText.Split(word, IsMark))
        {
            if (!piece.IsMark || TaskMarks.IsMark(piece.Text))
            {
                pieces.Add(piece);
                continue;
            }

            var before = pieces is [.., { IsMark: false } text] ? text.Text[^1] : '\0';
            pieces.AddRange(Replacement(piece.Text, before, number, word, lists));
        }

        isTemplate |= pieces.Exists(p => p.IsMark);
        return BraceText.Write(pieces, TaskMarks.IsMark);
    }

    /// <param name="inner">The text between the braces of the mark.</param>
    /// <param name="before">The character before it; 0 if it is the first or another mark is before it.</param>
    private static IEnumerable<BraceText.Piece> Replacement(
        string inner, char before, int argument, string word, int lists)
    {
        var mark = Inner().Match(inner);
        var number = mark.Groups["list"].Value;
        var cut = mark.Groups["cut"].Value;
        if (cut == "#")
            return [new BraceText.Piece("index", IsMark: true)];

        if (number.Length == 0)
        {
            var space = new BraceText.Piece(" ", IsMark: false);
            return Enumerable.Range(0, lists)
                .SelectMany(i => new[] { space, new BraceText.Piece(Entry(i, lists, cut), IsMark: true) }).Skip(1);
        }

        // Right behind what a regular expression can repeat, a number is more likely a count than a list.
        var mayBeCount = cut.Length == 0 && (char.IsLetterOrDigit(before) || before is ')' or ']' or '.');
        var isList = int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var list)
            && list >= 1 && list <= lists;
        if (isList && mayBeCount && lists == 1)
        {
            throw Refuse("may stand for the value or be a count of a regular expression: "
                + $"write {{}} for the value, or {{{{{inner}}}}} for the text {{{inner}}}");
        }

        return isList ? [new BraceText.Piece(Entry(list - 1, lists, cut), IsMark: true)]
            : mayBeCount ? [new BraceText.Piece($"{{{inner}}}", IsMark: false)]
            : throw Refuse(
                $"stands for a list that is not there, {lists} given: write {{{{{inner}}}}} for the text {{{inner}}}");

        CommandFailure Refuse(string why) =>
            CommandFailure.WrongUsage(FormattableString.Invariant(
                $"argument {argument}, '{Words.Cut(RawText.Show(word), 60)}': {{{inner}}} {why}"));
    }

    /// <summary>The inside of the mark of an entry.</summary>
    private static string Entry(int list, int lists, string cut) => string.Create(
        CultureInfo.InvariantCulture, $"entry{(lists == 1 ? "" : $".{list + 1}")}{(cut.Length == 0 ? "" : ":")}{cut}");

    /// <summary>The vocabulary: that of GNU parallel and that of tasks.</summary>
    private static bool IsMark(ReadOnlySpan<char> inner) => Inner().IsMatch(inner) || TaskMarks.IsMark(inner);

    [GeneratedRegex(@"\A(?:(?<list>[0-9]*)(?<cut>\.|//|/\.|/|)|(?<cut>#))\z")]
    private static partial Regex Inner();
}
