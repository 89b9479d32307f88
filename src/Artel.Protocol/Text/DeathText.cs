using Artel.Protocol.V1;

namespace Artel.Protocol.Text;

/// <summary>What is worth knowing of an attempt that ended badly, beside how it ended.</summary>
public static class DeathText
{
    /// <summary>Lines, none where there is nothing to add.</summary>
    public static IEnumerable<string> Of(V1.Task task, Attempt attempt)
    {
        var how = Outcomes.Describe(attempt);
        var isSaid = how.Contains(task.Reason, StringComparison.Ordinal) || (attempt.Outcome == AttemptOutcome.Signalled && task.Reason == $"ended by signal {attempt.Signal}");
        if (task.State == TaskState.Failed && !isSaid)
            yield return $"because: {task.Reason}";

        if (Limits(task, attempt) is { Length: > 0 } limits)
            yield return $"limits: {limits}";
    }

    /// <summary><c>timeout 10.0 s, memory 512 MiB (it took 498 MiB)</c>; empty where it has none.</summary>
    public static string Limits(V1.Task task, Attempt? attempt)
    {
        var parts = new List<string>();
        if (task.Timeout is { } timeout)
            parts.Add($"timeout {Words.Duration(timeout.ToTimeSpan())}");

        if (task.Needs is { MemoryBytes: > 0 } needs)
            parts.Add($"memory {Words.Size(needs.MemoryBytes)}{(attempt?.Usage is { PeakMemoryBytes: > 0 } usage ? $" (it took {Words.Size(usage.PeakMemoryBytes)})" : "")}");

        return string.Join(", ", parts);
    }
}
