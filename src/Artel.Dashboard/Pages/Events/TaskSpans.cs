using System.Globalization;

namespace Artel.Dashboard.Pages.Events;

/// <summary>The tasks of an event as links: numbers and ranges, like <c>1-64,70</c>.</summary>
internal static class TaskSpans
{
    /// <summary>More ranges than this are only hinted at.</summary>
    private const int Most = 6;

    /// <summary>Each with the number of its first task.</summary>
    public static IReadOnlyList<(string Text, int First)> Of(string tasks) =>
    [
        .. tasks.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Take(Most)
            .Select(span => (span, int.TryParse(span.Split('-')[0], NumberStyles.None, CultureInfo.InvariantCulture, out var first) ? first : 0))
            .Where(span => span.Item2 > 0),
    ];

    public static bool HasMore(string tasks) => tasks.Count(c => c == ',') >= Most;
}
