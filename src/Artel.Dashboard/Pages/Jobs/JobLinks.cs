using System.Globalization;

namespace Artel.Dashboard.Pages.Jobs;

/// <summary>Addresses of what is shown of a job: all that a page shows is in them.</summary>
internal static class JobLinks
{
    public static string Task(long job, int number) => FormattableString.Invariant($"/jobs/{job}/tasks/{number}");

    /// <param name="tab">One of <see cref="JobTab.All"/>.</param>
    public static string Tab(long job, string tab) => tab == JobTab.First ? FormattableString.Invariant($"/jobs/{job}") : FormattableString.Invariant($"/jobs/{job}?tab={tab}");

    /// <summary>A part of the task map; without one, all of it.</summary>
    public static string Map(long job, TaskSpan? part) => Tab(job, "map") + Span(part);

    /// <summary>The list of tasks: those of some states, in a part of the numbers, behind a number.</summary>
    public static string Tasks(long job, string states = "", TaskSpan? part = null, int after = 0) =>
        Tab(job, "tasks")
        + (states.Length > 0 ? $"&state={Uri.EscapeDataString(states)}" : "")
        + Span(part)
        + (after > 0 ? FormattableString.Invariant($"&after={after}") : "");

    /// <summary>A part of the timeline, in milliseconds since 1970; without one, all of it.</summary>
    public static string Timeline(long job, (double First, double Last)? window, string node = "", int row = 0) =>
        Tab(job, "timeline")
        + (window is { } w ? string.Create(CultureInfo.InvariantCulture, $"&start={w.First:0}&end={w.Last:0}") : "")
        + (node.Length > 0 ? $"&node={Uri.EscapeDataString(node)}" : "")
        + (row > 0 ? FormattableString.Invariant($"&row={row}") : "");

    private static string Span(TaskSpan? part) => part is { } p ? FormattableString.Invariant($"&from={p.First}&count={p.Count}") : "";
}
