using System.Text;
using System.Text.Json;
using Artel.Protocol.V1;

namespace Artel.Protocol.Maps;

/// <summary>What must hold for the axes of a task, and for the marks that stand for its entries. Looks at each value once, never at combinations.</summary>
internal readonly struct EntryRules(TaskTemplate task, SpecPlace place, SpecMistakes mistakes)
{
    /// <param name="indices">Of the task's array; null where it has none, or a wrong one.</param>
    /// <param name="longest">Bytes of its longest entry; 0 where it has none.</param>
    /// <returns>How many entries it has. Null: none, or they are wrong.</returns>
    public long? Check(long? indices, out long longest)
    {
        longest = 0L;
        if (task.Axes.Count == 0)
            return null;

        if (task.Axes.Count > JobLimits.MaxAxes)
        {
            Add($"{task.Axes.Count} axes are more than a task can have ({JobLimits.MaxAxes})", "make several tasks of it");
            return null;
        }

        var names = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < task.Axes.Count; i++)
        {
            var before = mistakes.Found.Count;
            CheckAxis(i, names, ref longest);
            if (mistakes.Found.Count > before)
                return null;
        }

        var count = EntryAxes.Count(task);

        if (longest > JobLimits.MaxEntryBytes)
            Add($"its longest entry has {IndexSets.Plain(longest)} bytes: at most {IndexSets.Plain(JobLimits.MaxEntryBytes)}", "give the task the name of a file");
        else if (count > JobLimits.MaxTasks)
            Add($"its axes have more combinations than a job can have tasks ({IndexSets.Plain(JobLimits.MaxTasks)})", "take fewer values");
        else
        {
            if (indices is { } own && own != count)
            {
                mistakes.Add(
                    place with { Field = "array" },
                    $"{IndexSets.Plain(own)} indices for {IndexSets.Plain(count)} entries",
                    "as many indices as entries, or leave out 'array': the index is then the place of the entry, from 1");
            }

            return count;
        }

        return null;
    }

    private void CheckAxis(int number, HashSet<string> names, ref long longest)
    {
        var axis = task.Axes[number];
        var name = axis.Name.Length == 0 ? "its list" : $"'{Quote.Shorten(axis.Name)}'";
        if (axis.Name.Length == 0 && task.Axes.Count > 1)
            Add("an axis has no name", "a name for each, like matrix: { lr: [0.1, 0.01], seed: 1-10 }");
        else if (axis.Name.Length > 0 && (TextRules.NameProblem(axis.Name) is not null || axis.Name.AsSpan().ContainsAny("{}.:")))
            Add($"wrong axis name {name}", "a word without '.', ':', '{' and '}'");
        else if (!names.Add(axis.Name))
            Add($"two axes are named {name}", "a name is given once");
        else if (axis.Indices is not null && axis.Values.Count > 0)
            Add($"{name} has both values and indices", "give one of them");
        else if (axis.Indices is { } indices && IndexSets.ProblemWithin(indices, ref mistakes.Comparisons) is { } problem)
            Add($"{name}: {problem}");
        else if (axis.Linked && number == 0)
            Add($"{name} is linked to the axis before it, and it is the first", "link the second to the first");
        else if (axis.Linked && EntryAxes.Length(axis) != EntryAxes.Length(task.Axes[number - 1]))
            Add($"{name} has {EntryAxes.Length(axis)} values, and the axis it is linked to {EntryAxes.Length(task.Axes[number - 1])}", "as many of both");
        else
            CheckValues(axis, name, ref longest);
    }

    private void CheckValues(Axis axis, string name, ref long longest)
    {
        var most = 20L;
        for (var i = 0; i < axis.Values.Count; i++)
        {
            var value = axis.Values[i];
            most = Math.Max(most, Encoding.UTF8.GetByteCount(value));
            if (TextRules.ArgumentProblem(value) is { } problem)
            {
                Add($"value {i + 1} of {name} {problem}");
                return;
            }

            if (axis.Json && !IsJson(value))
            {
                Add($"value {i + 1} of {name} is no JSON: '{Quote.Shorten(value)}'");
                return;
            }
        }

        longest += most + axis.Name.Length;
    }

    private static bool IsJson(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private void Add(string problem, string remedy = "") => mistakes.Add(place, problem, remedy);
}
