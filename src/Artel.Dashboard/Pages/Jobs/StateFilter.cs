using Artel.Protocol.Text;
using Artel.Protocol.V1;

namespace Artel.Dashboard.Pages.Jobs;

/// <summary>States of tasks as an address names them: <c>failed,running</c>. Words that are no state are left out.</summary>
internal static class StateFilter
{
    public static IReadOnlyList<TaskState> All { get; } =
    [
        TaskState.Failed, TaskState.Running, TaskState.Leased, TaskState.Ready, TaskState.Waiting, TaskState.Succeeded, TaskState.Cancelled, TaskState.Skipped,
    ];

    public static IReadOnlyList<TaskState> Of(string? words)
    {
        var asked = (words ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return [.. All.Where(s => asked.Contains(StateWords.Of(s)))];
    }

    public static string Write(IEnumerable<TaskState> states) => string.Join(',', states.Select(StateWords.Of));

    /// <summary>With the state where it is not in, without it where it is.</summary>
    public static string Toggle(IReadOnlyList<TaskState> states, TaskState state) =>
        Write(All.Where(s => s == state ? !states.Contains(s) : states.Contains(s)));

    public static int Count(TaskCounts? counts, TaskState state) => Parts.StateBar.Of(counts).First(p => p.State == state).Count;
}
