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
        if (command.Count == 0)
            throw CommandFailure.WrongUsage($"no command before '{words[0]}': write the program and its arguments first");

        var axes = Sources([.. words.Skip(command.Count)], readLines);
        for (var i = 0; axes.Count > 1 && i < axes.Count; i++)
            axes[i].Name = (i + 1).ToString(CultureInfo.InvariantCulture);

        ShortenLinked(axes);
        if (!command.Any(a => Mark().IsMatch(a) || a.Contains("{entry", StringComparison.Ordinal) || a.Contains(TaskMarks.Index, StringComparison.Ordinal)))
            command.AddRange(axes.Select((_, i) => Entry(i, axes.Count, "")));

        template.Run.AddRange(command.Select(a => Mark().Replace(a, m => Replacement(m, axes.Count))));
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

    private static string Replacement(Match mark, int lists)
    {
        var number = mark.Groups["list"].Value;
        var cut = mark.Groups["cut"].Value;
        if (cut == "#")
            return TaskMarks.Index;

        if (number.Length == 0)
            return string.Join(' ', Enumerable.Range(0, lists).Select(i => Entry(i, lists, cut)));

        return int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var list) && list >= 1 && list <= lists
            ? Entry(list - 1, lists, cut)
            : throw CommandFailure.WrongUsage(FormattableString.Invariant($"'{mark.Value}' stands for a list that is not there: {lists} given"));
    }

    private static string Entry(int list, int lists, string cut) => string.Create(
        CultureInfo.InvariantCulture, $"{{entry{(lists == 1 ? "" : $".{list + 1}")}{(cut.Length == 0 ? "" : ":")}{cut}}}");

    [GeneratedRegex(@"\{(?:(?<list>[0-9]*)(?<cut>\.|//|/\.|/|)|(?<cut>#))\}")]
    private static partial Regex Mark();
}
