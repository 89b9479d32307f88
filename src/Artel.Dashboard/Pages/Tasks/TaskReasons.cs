using Artel.Protocol.Text;
using V1 = Artel.Protocol.V1;

namespace Artel.Dashboard.Pages.Tasks;

/// <summary>Why a task waits, or why it failed: what the server says, and what its last attempt adds to that.</summary>
internal static class TaskReasons
{
    /// <param name="said">The server's sentences.</param>
    public static List<string> Of(V1.Task task, IReadOnlyList<string> said)
    {
        var lines = said.ToList();
        if (JobText.LastAttempt(task) is not { } last || last.Outcome is V1.AttemptOutcome.Unspecified or V1.AttemptOutcome.Succeeded)
            return lines;

        if (Outcomes.Meaning(last, task) is { Length: > 0 } meaning)
            lines.Add($"{Outcomes.Describe(last)}: {meaning}");
        else if (lines.Count == 0)
            lines.Add(Outcomes.Describe(last));

        if (task.State == V1.TaskState.Failed && task.Reason.Length > 0 && !lines.Any(l => l.Contains(task.Reason, StringComparison.Ordinal)))
            lines.Add($"because: {task.Reason}");

        if (DeathText.Limits(task, last) is { Length: > 0 } limits)
            lines.Add($"limits: {limits}");

        // What another sentence says as a part of it is said.
        return [.. lines.Where(line => !lines.Exists(other => other.Length > line.Length && other.EndsWith(line, StringComparison.Ordinal)))];
    }
}
