using System.Globalization;
using Artel.Protocol.V1;

namespace Artel.Protocol.Maps;

/// <summary>
/// The indices of an array, as text (<c>1-10:2,20</c>) and as ranges. An index set is never written out one by one:
/// everything here costs what its ranges cost, not what its indices do.
/// </summary>
public static class IndexSets
{
    /// <summary>
    /// Reads <c>5</c>, <c>1-100</c>, <c>1-10:2,20</c>. The order is kept. Where it can not, the result is null and
    /// <paramref name="error"/> says what is wrong and what would be right.
    /// </summary>
    public static IndexSet? Parse(string text, out string error)
    {
        ArgumentNullException.ThrowIfNull(text);
        var set = new IndexSet();
        return TryAdd(set, text, out error) ? Checked(set, out error) : null;
    }

    /// <summary>How many indices. Any set that <see cref="Problem"/> finds nothing wrong with.</summary>
    public static long Count(IndexSet set)
    {
        ArgumentNullException.ThrowIfNull(set);
        var count = 0L;
        foreach (var range in set.Ranges)
            count += Count(range);

        return count;
    }

    /// <summary>The index at a position from 0. Costs a walk over the ranges; for many look-ups make an <see cref="IndexLookup"/>.</summary>
    public static long At(IndexSet set, long position)
    {
        ArgumentNullException.ThrowIfNull(set);
        ArgumentOutOfRangeException.ThrowIfNegative(position);
        var rest = position;
        foreach (var range in set.Ranges)
        {
            var count = Count(range);
            if (rest < count)
                return range.First + (rest * Step(range));

            rest -= count;
        }

        throw new ArgumentOutOfRangeException(nameof(position), position, "the set has fewer indices");
    }

    /// <summary>The text that <see cref="Parse"/> reads back as the same indices in the same order.</summary>
    public static string Format(IndexSet set)
    {
        ArgumentNullException.ThrowIfNull(set);
        return string.Join(',', set.Ranges.Select(Format));
    }

    /// <summary>What is wrong with a set, or null. Parsed sets have nothing wrong; one from the wire may.</summary>
    public static string? Problem(IndexSet set)
    {
        var comparisons = SubmissionLimits.MaxComparedRanges;
        return ProblemWithin(set, ref comparisons);
    }

    /// <summary>The same for one set of a job that has several.</summary>
    /// <param name="comparisons">How many pairs of ranges may still be compared: less by those that were.</param>
    internal static string? ProblemWithin(IndexSet set, ref int comparisons)
    {
        ArgumentNullException.ThrowIfNull(set);
        if (set.Ranges.Count == 0)
            return "an array without indices: write at least one, like '1-100'";

        if (set.Ranges.Count > JobLimits.MaxRanges)
            return $"{Plain(set.Ranges.Count)} ranges are more than an array can have ({Plain(JobLimits.MaxRanges)}): make several tasks of it";

        var count = 0L;
        foreach (var range in set.Ranges)
        {
            if (range.First < 0 || range.Last < 0)
                return "indices are 0 or more";

            if (range.Step < 0)
                return $"the step of '{Format(range)}' is negative: write how far apart the indices are, from 1";

            if (range.Last < range.First)
                return $"'{Format(range)}' goes down: write '{Format(new IndexRange { First = range.Last, Last = range.First, Step = range.Step })}'";

            if (range.Last > JobLimits.MaxIndex)
                return $"index {Plain(range.Last)} is too large: at most {Plain(JobLimits.MaxIndex)}";

            count += Count(range);
            if (count > JobLimits.MaxTasks * 1000L)
                break;
        }

        if (count > JobLimits.MaxTasks)
        {
            var total = set.Ranges.Count == 1 || count <= JobLimits.MaxTasks * 1000L ? Plain(count) : $"over {Plain(JobLimits.MaxTasks)}";
            return $"{total} indices are more than a job can have ({Plain(JobLimits.MaxTasks)})";
        }

        return IndexOverlap.Find(set, ref comparisons);
    }

    /// <summary>Reads one item of text into a set and joins it to the last range where it goes on from there.</summary>
    internal static bool TryAdd(IndexSet set, string text, out string error)
    {
        error = "";
        foreach (var piece in text.AsSpan().Split(','))
        {
            var part = text.AsSpan(piece).Trim(' ');
            if (!TryRange(part, out var range))
            {
                error = part.IsEmpty
                    ? "an index is missing: write indices like '5', '1-100' or '1-10:2,20'"
                    : $"'{Quote.Shorten(part.ToString())}' is no index or range: write indices like '5', '1-100' or '1-10:2,20'";
                return false;
            }

            if (set.Ranges.Count > 0 && Follows(set.Ranges[^1], range))
                set.Ranges[^1].Last = range.Last;
            else
                set.Ranges.Add(range);
        }

        return true;
    }

    internal static long Count(IndexRange range) => ((range.Last - range.First) / Step(range)) + 1;

    internal static long Step(IndexRange range) => range.Step == 0 ? 1 : range.Step;

    internal static string Plain(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    private static IndexSet? Checked(IndexSet set, out string error)
    {
        error = Problem(set) ?? "";
        return error.Length == 0 ? set : null;
    }

    // '1,2,3' is kept as '1-3': a long list of single indices from a script stays small.
    private static bool Follows(IndexRange before, IndexRange next) =>
        Step(before) == 1 && Step(next) == 1 && before.First <= before.Last && next.First <= next.Last && next.First == before.Last + 1;

    private static bool TryRange(ReadOnlySpan<char> text, out IndexRange range)
    {
        range = new IndexRange();
        var colon = text.IndexOf(':');
        var dash = text.IndexOf('-');
        if (colon >= 0 && (dash < 0 || colon < dash))
            return false;

        var ends = colon < 0 ? text : text[..colon];
        var step = 0L;
        if (colon >= 0 && (!TryNumber(text[(colon + 1)..], out step) || step == 0))
            return false;

        if (!TryNumber(dash < 0 ? ends : ends[..dash], out var first))
            return false;

        var last = first;
        if (dash >= 0 && !TryNumber(ends[(dash + 1)..], out last))
            return false;

        range = new IndexRange { First = first, Last = last, Step = step == 1 ? 0 : step };
        return true;
    }

    private static bool TryNumber(ReadOnlySpan<char> text, out long number) =>
        long.TryParse(text.Trim(' '), NumberStyles.None, CultureInfo.InvariantCulture, out number);

    private static string Format(IndexRange range)
    {
        var step = Step(range);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{range.First}{(range.Last == range.First ? "" : $"-{range.Last}")}{(step == 1 || range.Last == range.First ? "" : $":{step}")}");
    }
}
