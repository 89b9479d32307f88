using System.Collections.Immutable;

namespace Artel.Core;

/// <param name="Used">How many tasks with the tag are in the hands of nodes.</param>
public sealed record LimitView(string Tag, int Most, int Used);

/// <summary>What a user has now.</summary>
/// <param name="Unfinished">Tasks that have not ended.</param>
/// <param name="Running">Tasks that are leased or running.</param>
/// <param name="StoredBytes">Kept output, and submissions.</param>
public sealed record UserView(string User, long Unfinished, int Running, long StoredBytes);

/// <summary>An unfinished job as it is now.</summary>
/// <param name="Nodes">What nodes have done for it, and what the job assigns to them; in order of id.</param>
public sealed record JobView(
    JobId Job, JobSpec Spec, JobState State, bool Held, DateTimeOffset Submitted, DateTimeOffset? Started, TaskCounts Counts,
    IReadOnlyList<NodeShareView> Nodes)
{
    /// <summary>As it was set last.</summary>
    public int Priority { get; init; } = Spec.Priority;
}

/// <param name="Assigned">Tasks that the job assigns to the node.</param>
/// <param name="AssignedEnded">How many of them have ended in any way.</param>
public sealed record NodeShareView(NodeId Node, int Assigned, int AssignedEnded, int Running, int Succeeded, int FailedAttempts);

/// <summary>A task of an unfinished job as it is now.</summary>
/// <param name="NotBefore">Where it waits for a retry.</param>
/// <param name="InFlight">Its attempt, where it has one now.</param>
/// <param name="Avoided">Nodes that its next attempt avoids, while another could run it.</param>
public sealed record TaskView(
    TaskId Task, TaskState State, TaskHistory History, DateTimeOffset? NotBefore, AttemptView? InFlight, ImmutableArray<NodeId> Avoided);

public sealed record AttemptView(Lease Lease, TaskId Task, int Attempt, NodeId Node, TaskState State, DateTimeOffset? Started);

/// <param name="Since">When it connected, or was disconnected, last.</param>
/// <param name="Backlog">Leased, not started.</param>
public sealed record NodeView(
    NodeId Node, Incarnation Incarnation, NodeDescription Description, NodeCondition Condition, bool Draining, DateTimeOffset Since, int Running, int Backlog)
{
    /// <summary>Of a draining node: what still runs there then is moved.</summary>
    public DateTimeOffset? DrainDeadline { get; init; }

    /// <summary>Why it drains; empty if no reason was given.</summary>
    public string DrainReason { get; init; } = "";

    /// <summary>Why it takes no work now, as it says itself; empty where it does.</summary>
    public string Problem { get; init; } = "";

    /// <summary>Tasks that were killed there and have not ended, and why, for people.</summary>
    public IReadOnlyList<string> Unended { get; init; } = [];

    /// <summary>What its leases ask for, of each at most what it has. Counters are left out.</summary>
    public Amounts Used { get; init; }
}
