using System.Globalization;
using Artel.Protocol.V1;

namespace Artel.Protocol.Maps;

/// <summary>Ways in which an attempt fails, as text: <c>7</c>, <c>100-120</c>, <c>signal</c>, <c>timeout</c>, <c>not-started</c>, <c>out-of-memory</c>, or several with commas.</summary>
public static class FailureSets
{
    private const string Rule = "write exit statuses like '7' or '100-120', or one of signal, timeout, not-started, out-of-memory";

    private static readonly string[] Words = ["signal", "timeout", "not-started", "out-of-memory"];

    /// <summary>Reads one item of text into a set. Where it can not, <paramref name="error"/> says what is wrong and what would be right.</summary>
    public static bool TryAdd(FailureSet set, string text, out string error)
    {
        ArgumentNullException.ThrowIfNull(set);
        ArgumentNullException.ThrowIfNull(text);
        error = "";
        foreach (var piece in text.Split(','))
        {
            var part = piece.Trim(' ');
            if (OutcomeOf(part) is { } outcome)
            {
                set.Outcomes.Add(outcome);
            }
            else if (TryRange(part, out var range))
            {
                error = Problem(range) ?? "";
                set.ExitStatuses.Add(range);
            }
            else
            {
                error = part.Length == 0 ? $"an item is missing: {Rule}"
                    : $"'{Quote.Shorten(part)}' is no exit status: {Nearest.Remedy(part, Words, Rule)}";
            }

            if (error.Length > 0)
                return false;
        }

        return true;
    }

    /// <summary>The text that <see cref="TryAdd"/> reads back as the same set.</summary>
    internal static string Format(FailureSet set) =>
        string.Join(',', set.ExitStatuses.Select(Format).Concat(set.Outcomes.Select(o => WordOf(o) ?? "")));

    /// <summary>What is wrong with a set, or null. Parsed sets have nothing wrong; one from the wire may.</summary>
    internal static string? Problem(FailureSet set)
    {
        if (set.ExitStatuses.Count == 0 && set.Outcomes.Count == 0)
            return $"it names nothing: {Rule}, or leave it out";

        if (set.ExitStatuses.Count > JobLimits.MaxStatusRanges)
            return $"more than {IndexSets.Plain(JobLimits.MaxStatusRanges)} ranges: write neighbours as one";

        return set.ExitStatuses.Select(Problem).FirstOrDefault(p => p is not null)
            ?? (set.Outcomes.All(o => WordOf(o) is not null) ? null : "an outcome that it can not name: one of SIGNALLED, TIMED_OUT, NOT_STARTED, OUT_OF_MEMORY");
    }

    /// <summary>Something that is in both, in words, or null.</summary>
    internal static string? Common(FailureSet a, FailureSet b)
    {
        var outcomes = b.Outcomes.ToHashSet();
        foreach (var outcome in a.Outcomes)
        {
            if (outcomes.Contains(outcome))
                return $"'{WordOf(outcome)}'";
        }

        // Side by side in order: the one that ends first cannot meet anything further on.
        var (left, right) = (a.ExitStatuses.OrderBy(r => r.First).ToArray(), b.ExitStatuses.OrderBy(r => r.First).ToArray());
        for (int i = 0, j = 0; i < left.Length && j < right.Length;)
        {
            var both = new StatusRange { First = Math.Max(left[i].First, right[j].First), Last = Math.Min(left[i].Last, right[j].Last) };
            if (both.First <= both.Last)
                return $"exit status {Format(both)}";

            _ = left[i].Last < right[j].Last ? i++ : j++;
        }

        return null;
    }

    private static string? Problem(StatusRange range) =>
        range.First == 0 || range.Last == 0 ? "exit status 0 is success, which is never tried again: write statuses from 1"
        : range.First < 0 || range.Last < 0 ? "exit statuses are 1 or more"
        : range.Last < range.First ? $"'{Format(range)}' goes down: write '{Format(new StatusRange { First = range.Last, Last = range.First })}'"
        : null;

    private static AttemptOutcome? OutcomeOf(string word) => word switch
    {
        "signal" => AttemptOutcome.Signalled,
        "timeout" => AttemptOutcome.TimedOut,
        "not-started" => AttemptOutcome.NotStarted,
        "out-of-memory" => AttemptOutcome.OutOfMemory,
        _ => null,
    };

    private static string? WordOf(AttemptOutcome outcome) => outcome switch
    {
        AttemptOutcome.Signalled => "signal",
        AttemptOutcome.TimedOut => "timeout",
        AttemptOutcome.NotStarted => "not-started",
        AttemptOutcome.OutOfMemory => "out-of-memory",
        _ => null,
    };

    private static bool TryRange(string text, out StatusRange range)
    {
        range = new StatusRange();
        var dash = text.IndexOf('-', StringComparison.Ordinal);
        if (!TryNumber(dash < 0 ? text : text.AsSpan(0, dash), out var first))
            return false;

        var last = first;
        if (dash >= 0 && !TryNumber(text.AsSpan(dash + 1), out last))
            return false;

        range = new StatusRange { First = first, Last = last };
        return true;
    }

    private static bool TryNumber(ReadOnlySpan<char> text, out int number) =>
        int.TryParse(text.Trim(' '), NumberStyles.None, CultureInfo.InvariantCulture, out number);

    private static string Format(StatusRange range) =>
        string.Create(CultureInfo.InvariantCulture, $"{range.First}{(range.Last == range.First ? "" : $"-{range.Last}")}");
}
