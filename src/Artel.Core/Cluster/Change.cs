using System.Collections.Immutable;

namespace Artel.Core;

/// <summary>
/// Something that has become true of the cluster. Every change of <c>ClusterState</c> is one of these; they are applied
/// in the order in which they were made, stored in that order, and after that told to whom they concern.
/// </summary>
public abstract record Change;

/// <param name="Document">The submission as it was received: what templates are sent to nodes from.</param>
/// <param name="RequestId">Chosen by the client, empty where it chose none.</param>
public sealed record JobSubmitted(
    JobId Job, JobSpec Spec, ReadOnlyMemory<byte> Document, string RequestId, bool Held, DateTimeOffset At) : Change
{
    /// <summary>What has not ended yet of <see cref="JobSpec.After"/>.</summary>
    public ImmutableArray<JobDependency> Awaits { get; init; } = [];
}

/// <summary>Something that the job waited for in another job has ended as it should. Not kept: a start sees it again.</summary>
public sealed record DependencyMet(JobId Job, JobDependency On) : Change;

/// <summary>The time before which nothing of the job was to start is over. Not kept: a start sees it again.</summary>
public sealed record StartTimeReached(JobId Job) : Change;

/// <summary>
/// The terms of an unfinished job were changed: its name, requests, timeout, retries, how many tasks run at once, what
/// it waits for, or what it runs.
/// </summary>
/// <param name="Spec">The same tasks with the new terms.</param>
/// <param name="Document">The submission with the new terms.</param>
/// <param name="Detail">What has changed, for people.</param>
public sealed record JobRevised(JobId Job, JobSpec Spec, ReadOnlyMemory<byte> Document, string Detail) : Change
{
    /// <summary>Leases up to this one keep the terms that they were granted with.</summary>
    public Lease UpTo { get; init; }

    /// <summary>By how many bytes the document is longer than the one before it.</summary>
    public int Grown { get; init; }

    /// <summary>As in <see cref="JobSubmitted"/>.</summary>
    public ImmutableArray<JobDependency> Awaits { get; init; } = [];
}

public sealed record JobPriorityChanged(JobId Job, int Priority) : Change;

/// <summary>At most so many tasks with a tag may be in the hands of nodes.</summary>
/// <param name="Most">Null: however many.</param>
public sealed record LimitSet(string Tag, int? Most) : Change;

/// <summary>How many tasks of each user may be assigned to nodes. Kept by who has set it, who tells it again at each start.</summary>
/// <param name="User">Whose limits were changed; empty for the default.</param>
public sealed record UserLimitsSet(UserLimits Limits, string User) : Change;

/// <summary>The job's first attempt was granted.</summary>
public sealed record JobStarted(JobId Job, DateTimeOffset At) : Change;

public sealed record JobHeldOrReleased(JobId Job, bool Held) : Change;

/// <summary>All tasks of the job have ended. It leaves memory.</summary>
/// <param name="Counts">How its tasks ended.</param>
public sealed record JobEnded(JobId Job, JobState State, TaskCounts Counts, DateTimeOffset At) : Change;

/// <summary>An ended job has unfinished tasks again, because someone asked for a retry. Its <see cref="TasksRetried"/> follow.</summary>
public sealed record JobReopened(JobId Job) : Change
{
    /// <summary>As in <see cref="JobSubmitted"/>.</summary>
    public ReadOnlyMemory<byte> Document { get; init; }
}

/// <summary>Leases of consecutive tasks of one template were granted to a node, one task each.</summary>
/// <param name="Template">Index of the template within the job.</param>
/// <param name="FirstTask">Task number of the first lease.</param>
/// <param name="FirstPosition">Place of that task in its template, from 0.</param>
/// <param name="Attempt">Number of the attempt, the same for each of the tasks.</param>
public sealed record LeasesGranted(
    LeaseRange Leases, JobId Job, int Template, int FirstTask, int FirstPosition, int Attempt,
    NodeId Node, Incarnation Incarnation, DateTimeOffset At) : Change
{
    /// <summary>When its job was submitted, or was to start where that came later. For figures; not kept.</summary>
    public DateTimeOffset Due { get; init; } = At;
}

/// <summary>A process of the lease exists. Not stored: a node says it again when it connects.</summary>
public sealed record AttemptStarted(Lease Lease, TaskId Task, NodeId Node, DateTimeOffset At) : Change;

/// <summary>An attempt has ended, by its node's report or because it was given up.</summary>
/// <param name="Granted">The grant that the lease came with.</param>
/// <param name="GrantSettled">True where no other lease of that grant is open any more.</param>
/// <param name="Position">Grows by one with each ended attempt of the cluster.</param>
/// <param name="Next">State of the task now: it has ended, or is Ready for another attempt.</param>
/// <param name="NotBefore">Of a retry: when it may start.</param>
/// <param name="History">The task's counts, this attempt included.</param>
/// <param name="Reason">Where the task has failed: why, for people.</param>
public sealed record AttemptEnded(
    Lease Lease, LeaseRange Granted, bool GrantSettled, TaskId Task, int Attempt, NodeId Node, AttemptResult Result,
    long Position, TaskState Next, DateTimeOffset? NotBefore, TaskHistory History, string Reason, DateTimeOffset At) : Change
{
    /// <summary>What it reserved, for sums of usage.</summary>
    public AttemptHolding Held { get; init; } = AttemptHolding.None;
}

/// <summary>A lease ended without an attempt: it was given back unstarted, or taken back. Its task is Ready again, or has ended by a <see cref="TasksEnded"/> that follows.</summary>
/// <param name="Revoked">True where the node must be told.</param>
public sealed record LeaseReturned(
    Lease Lease, LeaseRange Granted, bool GrantSettled, TaskId Task, NodeId Node, bool Revoked) : Change;

/// <summary>Tasks that are running are to be cancelled: they end as Cancelled once their node has reported, or is lost.</summary>
/// <param name="Reason">Why, for people.</param>
public sealed record CancelRequested(Lease Lease, TaskId Task, NodeId Node, string Reason) : Change;

/// <summary>
/// A task is to leave a draining node: it is Ready again once its node has ended it, or is lost. Not kept: a start asks again, when the
/// deadline of the draining is over.
/// </summary>
public sealed record MoveRequested(Lease Lease, TaskId Task, NodeId Node) : Change;

/// <summary>Tasks have ended without (another) attempt: cancelled, skipped or given up.</summary>
public sealed record TasksEnded(JobId Job, TaskSet Tasks, TaskState State, string Reason, DateTimeOffset At) : Change;

/// <summary>Ended tasks are Ready again, or Waiting, with their retries restored. Their numbering of attempts goes on.</summary>
/// <param name="From">The state they had.</param>
public sealed record TasksRetried(JobId Job, TaskSet Tasks, TaskState From) : Change;

/// <summary>A node connected: a new one, or one that is known with what it says of itself now.</summary>
public sealed record NodeConnected(NodeId Node, Incarnation Incarnation, NodeDescription Description, DateTimeOffset At) : Change;

/// <param name="Condition">Disconnected, Lost or Stopped.</param>
/// <param name="At">When it was last heard.</param>
public sealed record NodeDisconnected(NodeId Node, NodeCondition Condition, DateTimeOffset At) : Change;

/// <param name="Deadline">What still runs there then is moved to other nodes. Null: it may take its time.</param>
public sealed record NodeDraining(NodeId Node, bool Draining, DateTimeOffset? Deadline = null) : Change
{
    /// <summary>Why it drains, for people; empty if no reason was given.</summary>
    public string Reason { get; init; } = "";
}

/// <summary>A node says why it takes no work now, or that it does again. Not kept: it says so again on its next link.</summary>
/// <param name="Problem">For people; empty where there is none.</param>
/// <param name="Unended">Attempts that were killed there and have not ended.</param>
public sealed record NodeReported(NodeId Node, string Problem, ImmutableArray<UnendedAttempt> Unended) : Change;

/// <summary>How starting tasks of a user went on a node of late. Not kept: the server finds out anew after its start.</summary>
public sealed record NodeStartsJudged(NodeId Node, string User, StartRecord Starts) : Change;

public sealed record NodeForgotten(NodeId Node) : Change;

/// <summary>What has happened to a task so far. Kept only of tasks that did not simply succeed.</summary>
/// <param name="Attempts">Attempts made, returned leases not counted.</param>
/// <param name="Failures">Attempts that failed since the last retry by hand.</param>
/// <param name="Losses">Nodes it was lost with since then.</param>
public sealed record TaskHistory(int Attempts, int Failures, ImmutableArray<NodeId> Losses)
{
    public static TaskHistory None { get; } = new(0, 0, []);

    /// <summary>Nodes that its next attempt avoids, because it failed there, the last one last. Kept only of tasks that avoid any.</summary>
    public ImmutableArray<NodeId> FailedOn { get; init; } = [];

    /// <summary>Nodes on which it could not be started while others may, the last one last. Its next attempt avoids them.</summary>
    public ImmutableArray<NodeId> NotStartedOn { get; init; } = [];
}

/// <summary>How many tasks of a job are in each state.</summary>
public readonly record struct TaskCounts(
    int Total, int Waiting, int Ready, int Leased, int Running, int Succeeded, int Failed, int Cancelled, int Skipped)
{
    public int Of(TaskState state) => state switch
    {
        TaskState.Waiting => Waiting,
        TaskState.Ready => Ready,
        TaskState.Leased => Leased,
        TaskState.Running => Running,
        TaskState.Succeeded => Succeeded,
        TaskState.Failed => Failed,
        TaskState.Cancelled => Cancelled,
        TaskState.Skipped => Skipped,
        _ => 0,
    };
}
