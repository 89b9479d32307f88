namespace Artel.Core;

/// <summary>How much there is of what, now.</summary>
/// <param name="Tasks">Of all unfinished jobs together.</param>
/// <param name="JobsWaiting">Unfinished jobs of which nothing has started, and that are not held.</param>
/// <param name="JobsRunning">Unfinished jobs that have started and are not held.</param>
/// <param name="JobsHeld">Unfinished jobs that are held.</param>
/// <param name="Nodes">In order of id.</param>
public sealed record ClusterFigures(TaskCounts Tasks, int JobsWaiting, int JobsRunning, int JobsHeld, IReadOnlyList<NodeFigures> Nodes)
{
    public static ClusterFigures None { get; } = new(default, 0, 0, 0, []);
}

/// <param name="Backlog">Leased, not started.</param>
/// <param name="Capacity">What it has to give.</param>
public sealed record NodeFigures(
    NodeId Node, NodeCondition Condition, bool Draining, int Running, int Backlog, long MilliCpus, long MemoryBytes, long MilliGpus, Resources Capacity);
