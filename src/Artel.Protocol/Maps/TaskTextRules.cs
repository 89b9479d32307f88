using System.Globalization;
using Artel.Protocol.Text;
using Artel.Protocol.V1;

namespace Artel.Protocol.Maps;

/// <summary>
/// What must hold for the texts of one task in which marks are replaced. Each text is taken apart once, and each entry is looked through once for all marks
/// together.
/// </summary>
internal sealed class TaskTextRules(TaskTemplate task, int? section, int number, SpecMistakes mistakes)
{
    private const string GiveAnArray =
        "give the task an array, like 'array: 1-100' or --array 1-100, or write {{index}} for the text {index}";

    private const string GiveEntries =
        "give the task entries, like 'entries: [a, b]' or --each-line FILE, or write {{entry}} for the text {entry}";

    private readonly Dictionary<string, EntryMembers> _members = new(StringComparer.Ordinal);
    private long _bytes;
    private long _marks;

    /// <param name="name">Of the variable that the text is the value of.</param>
    public void Check(string text, SpecPlace place, string name = "")
    {
        _bytes += RawText.CountBytes(text) + RawText.CountBytes(name) + 2;
        if (!text.Contains('}', StringComparison.Ordinal))
            return;

        var marked = MarkedText.Parse(text);
        _marks += marked.MarkCount;
        if (task.Array is null && task.Axes.Count == 0 && marked.HasIndex)
            mistakes.Add(place, $"{Subject(place, text)}: {TaskMarks.Index} in a task that is no array", GiveAnArray);

        foreach (var mark in marked.OfEntries)
        {
            if (mistakes.IsFull || Problem(mark, place) is not { } problem)
                continue;

            mistakes.Add(
                place, $"{Subject(place, text)}: {Quote.Shorten(mark.ToString())}{problem.Text}", problem.Remedy);
            return;
        }
    }

    /// <summary>Which text it is, for people.</summary>
    private static string Subject(SpecPlace place, string text)
    {
        var what = place.Item is { } item ? string.Create(CultureInfo.InvariantCulture, $"argument {item}")
            : place.Key is { } key ? $"the variable {Quote.Shorten(key)}"
            : "the working directory";
        return $"{what}, '{Quote.Shorten(text)}'";
    }

    /// <summary>After all texts: every entry has what their marks stand for.</summary>
    /// <param name="areRight">Whether the entries can be looked at.</param>
    public void CheckEntries(bool areRight)
    {
        foreach (var (name, members) in _members)
        {
            var axis = task.Axes.FirstOrDefault(a => a.Name == name);
            for (var i = 0; areRight && i < axis?.Values.Count && !mistakes.IsFull && !members.IsEmpty; i++)
            {
                foreach (var (mark, place, path) in members.TakeMissing(axis.Values[i]))
                    mistakes.Add(place, $"{Quote.Shorten(mark)}: entry {i + 1} has no '{Quote.Shorten(path)}': give it to every entry");
            }
        }
    }

    /// <summary>After all texts: a process can be started with them.</summary>
    /// <param name="longest">Bytes of the longest entry.</param>
    public void CheckLength(long longest)
    {
        const int LongestIndex = 20;
        var bytes = _bytes + (_marks * Math.Max(longest, LongestIndex));
        if (bytes > SubmissionLimits.MaxTaskTextBytes)
        {
            mistakes.Add(
                new SpecPlace(section, number, "run"),
                $"arguments and environment take up to {IndexSets.Plain(bytes)} bytes: at most {IndexSets.Plain(SubmissionLimits.MaxTaskTextBytes)}",
                "pass them in stdin or a file");
        }
    }

    /// <summary>What is wrong with a mark whatever the entries hold; what depends on them is noted for <see cref="CheckEntries"/>.</summary>
    private (string Text, string Remedy)? Problem(EntryMark mark, SpecPlace place)
    {
        if (task.Axes.Count == 0)
            return (" in a task that has no entries", GiveEntries);

        if (mark.Path.Count == 0)
            return null;

        if (!EntryAxes.AreJson(task))
            return (": entries of plain text have no keys: write {entry}", "");

        if (task.Axes.Count == 1 && task.Axes[0].Name.Length == 0)
        {
            Note("", mark, 0, place);
            return null;
        }

        var axis = task.Axes.FirstOrDefault(a => a.Name == mark.Path[0]);
        if (axis is null)
        {
            var names = task.Axes.Select(a => a.Name);
            return ($": no axis is named '{Quote.Shorten(mark.Path[0])}': {mistakes.Suggest(mark.Path[0], names, "one of " + string.Join(", ", names))}", "");
        }

        if (mark.Path.Count > 1 && !axis.Json)
            return ($": '{Quote.Shorten(axis.Name)}' holds single values, which have no keys", "");

        if (mark.Path.Count > 1)
            Note(axis.Name, mark, 1, place);

        return null;
    }

    private void Note(string axis, EntryMark mark, int from, SpecPlace place)
    {
        if (!_members.TryGetValue(axis, out var members))
            _members[axis] = members = new EntryMembers();

        members.Add(mark, from, place);
    }
}
