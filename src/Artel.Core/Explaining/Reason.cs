using System.Collections.Immutable;

namespace Artel.Core;

/// <summary>Why tasks that have not ended are where they are. Data only; clients turn it into words.</summary>
public abstract record Reason
{
    /// <summary>
    /// True if the tasks wait for more than free resources: for an action, for another job, or for a time.
    /// </summary>
    public virtual bool IsObstacle => false;

    /// <summary>True if the tasks are assigned to nodes.</summary>
    public virtual bool IsInFlight => false;
}

/// <summary>Tasks of one template, which may have no name.</summary>
public readonly record struct TemplateName(string Name, int First, int Last);

/// <summary>The job is held.</summary>
public sealed record JobHeld : Reason
{
    public override bool IsObstacle => true;
}

/// <summary>The job is not to start before a time.</summary>
public sealed record BeforeStartTime(DateTimeOffset Start) : Reason
{
    public override bool IsObstacle => true;
}

/// <summary>The job waits for another one.</summary>
public sealed record AfterJob(JobId Job, bool AnyOutcome, int Ended, int Total) : Reason
{
    public override bool IsObstacle => true;
}

/// <summary>The job waits for a task of another one.</summary>
public sealed record AfterTaskOfJob(TaskId Task, bool AnyOutcome, TaskState State) : Reason
{
    public override bool IsObstacle => true;
}

/// <summary>Tasks wait for all tasks of another template.</summary>
/// <param name="Done">How many of those have ended with the required outcome.</param>
public sealed record AfterTemplate(TemplateName Other, bool AnyOutcome, int Done, int Total) : Reason;

/// <summary>Each task waits for the one with the same index in another template.</summary>
/// <param name="State">The state of that one if a single task is explained; otherwise null.</param>
public sealed record AfterElement(TemplateName Other, bool AnyOutcome, TaskState? State) : Reason;

/// <summary>Tasks have failed and wait for their next attempt.</summary>
/// <param name="First">When the first of them may start.</param>
/// <param name="Last">When the last of them may start.</param>
/// <param name="Failures">How often the task has failed, if a single one is explained; otherwise 0.</param>
/// <param name="Retries">How many retries it has in all, if a single one is explained; otherwise 0.</param>
public sealed record BackingOff(DateTimeOffset First, DateTimeOffset Last, int Failures, int Retries) : Reason;

/// <summary>The template has reached its limit of tasks that are assigned to nodes at the same time.</summary>
public sealed record AtOnceReached(TemplateName Of, int Used, int Most) : Reason;

/// <summary>The limit of a tag is reached.</summary>
public sealed record TagLimitReached(string Tag, int Used, int Most) : Reason
{
    public override bool IsObstacle => Most == 0;
}

/// <summary>The quota of running tasks of the job's user is used.</summary>
public sealed record QuotaReached(string User, int Used, int Most) : Reason
{
    public override bool IsObstacle => Most == 0;
}

/// <summary>
/// Only one node may run the tasks: the map assigns them to it, or they were lost with it and wait for it.
/// </summary>
/// <param name="Lack">Why the node takes none now.</param>
public sealed record OnOneNode(NodeId Node, NodeLack Lack) : Reason
{
    public override bool IsObstacle => Lack.Kind is not (LackKind.Room or LackKind.Nothing);
}

/// <summary>Tasks wait for their turn in the queue of a node.</summary>
public sealed record TurnInList(NodeId Node, int AtOnce) : Reason;

/// <summary>The queue of a node keeps its order, and the tasks before these wait.</summary>
public sealed record BehindInList(NodeId Node, TemplateName Before) : Reason;

/// <summary>No node is connected that takes tasks which no map assigns to it.</summary>
/// <param name="OnlyClassic">True if only nodes of the classic protocol are connected.</param>
public sealed record NoNode(bool OnlyClassic) : Reason
{
    public override bool IsObstacle => true;
}

/// <summary>No node could ever run the tasks.</summary>
/// <param name="Lack">What most of the nodes that come closest lack.</param>
public sealed record FitsNoNode(NodeLack Lack) : Reason
{
    public override bool IsObstacle => true;
}

/// <summary>Nodes could run the tasks, but none of them takes work now.</summary>
/// <param name="Lack">Why the first of them does not.</param>
public sealed record NoNodeTakesWork(NodeId Node, NodeLack Lack, int Nodes) : Reason
{
    public override bool IsObstacle => true;
}

/// <summary>A job with a higher priority is served first.</summary>
public sealed record HigherPriority(JobId Job, int Priority, int Own) : Reason;

/// <summary>Another user, who has less assigned to nodes, is served first.</summary>
public sealed record FairShare(string User, JobId Job) : Reason;

/// <summary>An older job of the same user is served first.</summary>
public sealed record OlderJob(JobId Job) : Reason;

/// <summary>A node has free resources, but is reserved for a larger task.</summary>
/// <param name="At">When that task could start; null if unknown.</param>
public sealed record NodeReserved(NodeId Node, JobId Job, DateTimeOffset? At) : Reason;

/// <summary>The nodes that could run the tasks are busy.</summary>
public sealed record NoRoom : Reason;

/// <summary>A node has free resources, and the tasks are about to be assigned to it.</summary>
public sealed record StartsNow : Reason;

/// <summary>Tasks avoid nodes on which they failed, or could not be started.</summary>
/// <param name="HasOther">True if another node could run them.</param>
public sealed record Avoids(ImmutableArray<NodeId> Nodes, bool CouldNotStart, bool HasOther) : Reason
{
    public bool Equals(Avoids? other) =>
        other is not null && CouldNotStart == other.CouldNotStart && HasOther == other.HasOther
        && Nodes.AsSpan().SequenceEqual(other.Nodes.AsSpan());

    public override int GetHashCode() =>
        HashCode.Combine(CouldNotStart, HasOther, Nodes.Length, Nodes.IsDefaultOrEmpty ? default : Nodes[0]);
}

/// <summary>Tasks are assigned to nodes.</summary>
/// <param name="IsRunning">True if they were reported as started.</param>
/// <param name="Trouble">What is wrong with the nodes or the tasks.</param>
/// <param name="Until">When the tasks are moved, if their nodes drain with a deadline; otherwise null.</param>
/// <param name="CanMove">True if another node may run them then.</param>
/// <param name="What">Which process has not ended and why, or why the nodes drain; otherwise empty.</param>
public sealed record InFlight(
    bool IsRunning, InFlightTrouble Trouble, DateTimeOffset? Until, bool CanMove, string What = "") : Reason
{
    public override bool IsInFlight => true;
}

/// <summary>What is wrong with tasks that are assigned to a node.</summary>
public enum InFlightTrouble
{
    None,

    /// <summary>The node is disconnected, but not yet lost.</summary>
    Disconnected,

    /// <summary>The node is lost or stopped.</summary>
    Gone,

    /// <summary>The node is draining and has a deadline.</summary>
    Draining,

    /// <summary>The node was asked to end the tasks, since they are cancelled.</summary>
    Cancelled,

    /// <summary>The node killed the tasks, and they have not ended.</summary>
    Unended,
}

/// <summary>Tasks that were not looked at, since the job is too large for one answer.</summary>
public sealed record NotExamined : Reason;

/// <summary>Tasks that wait for any of many other reasons.</summary>
public sealed record ManyReasons(int Reasons) : Reason;
