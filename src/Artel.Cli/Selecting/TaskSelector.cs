using System.Globalization;

namespace Artel.Cli.Selecting;

/// <summary>
/// What a user names on the command line: a job (<c>12</c>), tasks of it (<c>12.3</c>, <c>12.3-7</c>, <c>12.3,5,9-11</c>), or <c>last</c>,
/// the newest job that the user submitted, in the place of the number.
/// </summary>
/// <param name="Job">From 1; null: the last one.</param>
/// <param name="Tasks">In order, none twice. Empty: the whole job.</param>
internal sealed record TaskSelector(long? Job, IReadOnlyList<TaskSpan> Tasks)
{
    public const string Last = "last";
    public const string JobRule = "a job is a number, such as 12, or 'last'";
    public const string TaskRule = "write a job (12), a task of it (12.3) or several (12.3-7, 12.3,5), or 'last' for the job";

    public static TaskSelector? Parse(string text)
    {
        var dot = text.IndexOf('.', StringComparison.Ordinal);
        var name = dot < 0 ? text : text[..dot];
        long? job = null;
        if (name != Last)
        {
            if (!TryNumber(name, long.MaxValue, out var number))
                return null;

            job = number;
        }

        if (dot < 0)
            return new TaskSelector(job, []);

        var spans = new List<TaskSpan>();
        foreach (var part in text[(dot + 1)..].Split(','))
        {
            if (ParseSpan(part) is not { } span)
                return null;

            spans.Add(span);
        }

        return new TaskSelector(job, Merge(spans));
    }

    /// <summary>In order of number; those that touch or overlap are one.</summary>
    public static IReadOnlyList<TaskSpan> Merge(IEnumerable<TaskSpan> spans)
    {
        var merged = new List<TaskSpan>();
        foreach (var span in spans.OrderBy(s => s.First))
        {
            if (merged.Count > 0 && (long)merged[^1].Last + 1 >= span.First)
                merged[^1] = merged[^1] with { Last = Math.Max(merged[^1].Last, span.Last) };
            else
                merged.Add(span);
        }

        return merged;
    }

    public override string ToString() =>
        (Job?.ToString(CultureInfo.InvariantCulture) ?? Last) + (Tasks.Count == 0 ? "" : $".{string.Join(',', Tasks)}");

    private static TaskSpan? ParseSpan(string text)
    {
        var dash = text.IndexOf('-', StringComparison.Ordinal);
        if (!TryNumber(dash < 0 ? text : text.AsSpan(0, dash), int.MaxValue, out var first))
            return null;

        var last = first;
        if (dash >= 0 && (!TryNumber(text.AsSpan(dash + 1), int.MaxValue, out last) || last < first))
            return null;

        return new TaskSpan((int)first, (int)last);
    }

    private static bool TryNumber(ReadOnlySpan<char> text, long max, out long number) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number >= 1 && number <= max;
}
