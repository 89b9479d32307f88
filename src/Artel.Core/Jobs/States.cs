namespace Artel.Core;

/// <summary>
/// States of a task: Waiting (for other tasks) → Ready → Leased → Running → Succeeded | Failed | Cancelled | Skipped. A failed
/// or lost attempt with retries left leads back to Ready.
/// </summary>
public enum TaskState
{
    Waiting = 1,
    Ready = 2,
    Leased = 3,
    Running = 4,
    Succeeded = 5,
    Failed = 6,
    Cancelled = 7,

    /// <summary>Something it needs failed.</summary>
    Skipped = 8,
}

/// <summary>States of a job, derived from its tasks.</summary>
public enum JobState
{
    /// <summary>Nothing of it was started yet.</summary>
    Waiting = 1,
    Running = 2,
    Succeeded = 3,

    /// <summary>Ended, and at least one task failed.</summary>
    Failed = 4,

    /// <summary>Ended; none failed, at least one was cancelled, or skipped because of another job.</summary>
    Cancelled = 5,
}

public static class StateRules
{
    /// <summary>Whether a task in this state is done with, unless somebody asks for a retry.</summary>
    public static bool HasEnded(this TaskState state) => state >= TaskState.Succeeded;

    public static bool HasEnded(this JobState state) => state >= JobState.Succeeded;
}
