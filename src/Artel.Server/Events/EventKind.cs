namespace Artel.Server.Events;

/// <summary>What happened. Numbers as in the protocol.</summary>
internal enum EventKind
{
    JobSubmitted = 1,
    JobStarted = 2,
    JobHeld = 3,
    JobReleased = 4,
    JobPriorityChanged = 5,
    JobEnded = 6,
    JobReopened = 7,
    JobRevised = 8,
    TasksSucceeded = 10,
    TasksFailed = 11,
    TasksCancelled = 12,
    TasksSkipped = 13,
    TasksRetried = 14,

    /// <summary>The task goes on with another attempt.</summary>
    AttemptFailed = 20,
    AttemptLost = 21,
    AttemptMoved = 22,
    NodeConnected = 30,
    NodeDisconnected = 31,
    NodeLost = 32,
    NodeStopped = 33,
    NodeDraining = 34,
    NodeResumed = 35,
    NodeForgotten = 36,
    LimitSet = 40,
    QuotaSet = 41,
}

/// <summary>Something that happened, as it is kept.</summary>
/// <param name="Position">From 1, without gaps, in the order in which things were committed.</param>
/// <param name="At">When it was committed.</param>
/// <param name="Job">0: of no job.</param>
/// <param name="Tasks">Numbers and ranges, like <c>1-64,70</c>; empty: of no task, or of the whole job.</param>
/// <param name="Node">Empty: of no node, or of several.</param>
/// <param name="Detail">For people.</param>
internal sealed record ClusterEvent(long Position, DateTimeOffset At, EventKind Kind, long Job, string Tasks, string Node, string Detail);
