namespace Artel.Dashboard.Pages.Jobs;

/// <summary>The views of a job, as addresses name them.</summary>
internal static class JobTab
{
    public const string First = "overview";

    public static IReadOnlyList<(string Name, string Title)> All { get; } =
    [
        (First, "Overview"), ("map", "Task map"), ("timeline", "Timeline"), ("graph", "Graph"), ("tasks", "Tasks"), ("stats", "Stats"), ("source", "Source"),
    ];

    /// <summary>What an address asks for; the first view where it asks for none that there is.</summary>
    public static string Of(string? asked) => All.FirstOrDefault(t => t.Name == asked).Name ?? First;
}
