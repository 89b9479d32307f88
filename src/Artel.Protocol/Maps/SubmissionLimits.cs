using System.Globalization;

namespace Artel.Protocol.Maps;

/// <summary>
/// What one submission may cost, all of it together. <see cref="JobLimits"/> bounds each value by itself. A parsed task takes about a kilobyte
/// of the server's memory, so these numbers bound what a submission takes there: a few hundred megabytes.
/// </summary>
public static class SubmissionLimits
{
    /// <summary>Tasks that are written out, and lists of nodes. An array or a list of entries counts as one, however many tasks it makes.</summary>
    public const int MaxTemplates = 100_000;

    /// <summary>Names in <c>after</c> and <c>after_each</c>.</summary>
    public const int MaxEdges = 500_000;

    /// <summary>Arguments, tags and values of entries.</summary>
    public const int MaxValues = 4_000_000;

    /// <summary>Environment variables, labels, counters and limits.</summary>
    public const int MaxPairs = 1_000_000;

    /// <summary>Ranges of arrays and of exit statuses.</summary>
    public const int MaxRanges = 1_000_000;

    /// <summary>Different tags.</summary>
    public const int MaxTags = 1000;

    /// <summary>Arguments, environment and working directory of one task, with its longest entry in every place. Linux starts no process with more.</summary>
    public const int MaxTaskTextBytes = 6 * 1024 * 1024;

    /// <summary>Pairs of ranges that lie across each other and have to be compared.</summary>
    public const int MaxComparedRanges = 200_000;

    /// <summary>The first limit that a submission exceeds, in one line: which, how much was asked for, and the maximum. Null: none.</summary>
    public static SubmissionRefusal? Problem(in SubmissionSize size) =>
        size.Templates > MaxTemplates ? Refusal("tasks that are written out", size.Templates, MaxTemplates, "use an array or a list of entries, or split the job")
        : size.Edges > MaxEdges ? Refusal("names in 'after' and 'after_each'", size.Edges, MaxEdges, "let tasks wait for an array, or split the job")
        : size.Values > MaxValues ? Refusal("arguments, tags and entries", size.Values, MaxValues, "read them from a file in the task, or split the job")
        : size.Pairs > MaxPairs ? Refusal("variables, labels and counters", size.Pairs, MaxPairs, "read them from a file in the task, or split the job")
        : size.Ranges > MaxRanges ? Refusal("ranges", size.Ranges, MaxRanges, "use ranges with steps, or split the job")
        : size.DistinctTags > MaxTags ? Refusal("different tags", size.DistinctTags, MaxTags, "use fewer tags")
        : null;

    private static SubmissionRefusal Refusal(string what, long asked, long most, string remedy) => new(
        string.Create(CultureInfo.InvariantCulture, $"the job has {asked:N0} {what}: at most {most:N0}"), remedy);
}

/// <summary>Why a submission is refused as a whole.</summary>
/// <param name="Problem">Which limit, how much was asked for, and the maximum.</param>
/// <param name="Remedy">What to do instead.</param>
public sealed record SubmissionRefusal(string Problem, string Remedy)
{
    public override string ToString() => $"{Problem}: {Remedy}";
}
