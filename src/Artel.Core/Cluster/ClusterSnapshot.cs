using System.Collections.ObjectModel;

namespace Artel.Core;

/// <summary>What a store knows of everything unfinished: what <c>ClusterState</c> starts from.</summary>
/// <param name="Epoch">Of this start: larger than any before, and stored already.</param>
/// <param name="LastJob">Largest job id ever given.</param>
/// <param name="LastPosition">Largest position of an ended attempt.</param>
public sealed record ClusterSnapshot(
    long Epoch, long LastJob, long LastPosition, IReadOnlyList<JobSnapshot> Jobs, IReadOnlyList<NodeSnapshot> Nodes)
{
    /// <summary>Limits of tags.</summary>
    public IReadOnlyList<LimitSet> Limits { get; init; } = [];

    /// <summary>How many tasks of each user may be assigned to nodes.</summary>
    public UserLimits UserLimits { get; init; } = UserLimits.None;

    /// <summary>What the jobs of each user keep, ended ones too: their output and their submissions.</summary>
    public IReadOnlyDictionary<string, long> StoredBytes { get; init; } = ReadOnlyDictionary<string, long>.Empty;

    /// <summary>
    /// The longest <see cref="ClusterRules.LostAfter"/> that nodes with leases in flight may have been told. They keep to it, even where it is
    /// shorter now.
    /// </summary>
    public TimeSpan LostAfterBefore { get; init; }

    /// <summary>A cluster that has never worked.</summary>
    public static ClusterSnapshot Fresh { get; } = new(1, 0, 0, [], []);
}

/// <summary>An unfinished job as stored, or an ended one that is to be opened again.</summary>
/// <param name="Ended">Ended tasks, as ranges of one state each, in any order.</param>
/// <param name="Histories">Of tasks that failed, were lost or were retried. A task not named here and not ended has none.</param>
/// <param name="Open">Leases in flight.</param>
/// <param name="CancelRequested">Tasks in flight that are to be cancelled.</param>
public sealed record JobSnapshot(
    JobId Job,
    JobSpec Spec,
    ReadOnlyMemory<byte> Document,
    bool Held,
    DateTimeOffset Submitted,
    DateTimeOffset? Started,
    IReadOnlyList<EndedTasks> Ended,
    IReadOnlyList<TaskHistorySnapshot> Histories,
    IReadOnlyList<OpenLease> Open,
    IReadOnlyList<CancelledTask> CancelRequested)
{
    /// <summary>As it was set last.</summary>
    public int Priority { get; init; } = Spec.Priority;

    /// <summary>
    /// Earlier terms that leases in flight may have been granted with, each with the last lease that it applies to,
    /// oldest first.
    /// </summary>
    public IReadOnlyList<(Lease UpTo, JobSpec Spec)> Earlier { get; init; } = [];

    /// <summary>What nodes have done for the job so far.</summary>
    public IReadOnlyList<NodeTally> Shares { get; init; } = [];

    private Job? _prepared;

    /// <summary>
    /// Builds what depends on the snapshot alone, so that <see cref="ClusterState.Reopen"/> has little left to do
    /// for a job with many ranges. Call it at most once, from any thread, before the snapshot is handed over.
    /// </summary>
    public JobSnapshot Prepare()
    {
        _prepared ??= Build();
        return this;
    }

    /// <summary>
    /// The job with its ended tasks, which belongs to no cluster yet. Returns a new one with each call.
    /// </summary>
    internal Job Take()
    {
        var job = _prepared ?? Build();
        _prepared = null;
        return job;
    }

    private Job Build()
    {
        var job = new Job(Spec) { Started = Started, Priority = Priority, IsRevised = Earlier.Count > 0 };
        foreach (var (tasks, state) in Ended)
        {
            foreach (var (template, offsets) in job.Parts([tasks]))
            {
                template.Move(template.StateOf(offsets.First), state, offsets.Count);
                template.Withdraw(offsets);
                template.Ended(state).Add(offsets);
            }
        }

        foreach (var task in Histories)
        {
            job.Histories[task.Task] = task.History;
        }

        return job;
    }
}

/// <param name="Succeeded">Attempts that succeeded.</param>
/// <param name="FailedAttempts">Attempts that failed, those that were retried too.</param>
public readonly record struct NodeTally(NodeId Node, int Succeeded, int FailedAttempts);

public readonly record struct EndedTasks(TaskRange Tasks, TaskState State);

/// <param name="NotBefore">Of a task that waits for a retry.</param>
public sealed record TaskHistorySnapshot(int Task, TaskHistory History, DateTimeOffset? NotBefore);

/// <param name="Reason">Why, for people.</param>
public readonly record struct CancelledTask(int Task, string Reason);

public sealed record OpenLease(Lease Lease, LeaseRange Granted, int Task, int Attempt, NodeId Node, Incarnation Incarnation, DateTimeOffset At);

/// <param name="Condition">As last stored. One that was connected then is told apart by its incarnation when it comes back.</param>
public sealed record NodeSnapshot(
    NodeId Node, Incarnation Incarnation, NodeDescription Description, NodeCondition Condition, bool Draining, DateTimeOffset LastSeen)
{
    public DateTimeOffset? DrainDeadline { get; init; }

    /// <summary>Why it drains; empty if no reason was given.</summary>
    public string DrainReason { get; init; } = "";
}
