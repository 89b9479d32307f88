using Artel.Protocol.V1;

namespace Artel.Chaos.Workload;

/// <summary>What a task does each time it runs.</summary>
/// <param name="Milliseconds">How long it takes.</param>
/// <param name="Bytes">How much it writes.</param>
/// <param name="FailsBefore">Attempts with a smaller number fail; 0: none.</param>
/// <param name="Retries">How many failed attempts it may have and still go on.</param>
/// <param name="Exclusive">Whether never two processes of it may run at once.</param>
internal sealed record Work(int Milliseconds, int Bytes, int FailsBefore = 0, int Retries = 0, bool Exclusive = false)
{
    /// <summary>A number that no attempt reaches.</summary>
    public const int Always = 1_000_000;

    /// <summary>Whether its last attempt succeeds, once it may run.</summary>
    public bool Succeeds => FailsBefore <= Retries + 1;
}

/// <summary>A task as it was submitted.</summary>
/// <param name="Node">The node of its list; null for a free task.</param>
/// <param name="After">Numbers of the tasks of its job that must have succeeded before.</param>
internal sealed record PlannedTask(int Number, Work Work, string? Node, IReadOnlyList<int> After);

/// <summary>A job to be submitted.</summary>
/// <param name="Name">No other job of the run has it; it is the request id as well.</param>
internal sealed record PlannedJob(string Name, JobSpec Spec, IReadOnlyList<PlannedTask> Tasks);
