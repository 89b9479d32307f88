using System.Collections.Immutable;

namespace Artel.Core;

/// <summary>
/// Why a node does not take a task now. The closer a node comes to running the task, the larger the number.
/// </summary>
public enum LackKind
{
    /// <summary>No node has the id.</summary>
    Unknown,

    /// <summary>It takes only what a map assigns to it.</summary>
    OnlyAssigned,

    /// <summary>It does not have the labels.</summary>
    Labels,

    /// <summary>It has less of a resource than the task requests, even when it is idle.</summary>
    Resource,
    Stopped,
    Lost,
    Disconnected,
    Draining,

    /// <summary>It reports that it takes no work, or tasks do not start on it.</summary>
    Problem,

    /// <summary>The task avoids it, since it failed there or could not be started.</summary>
    Avoided,

    /// <summary>It has too few free resources now.</summary>
    Room,

    /// <summary>It has free resources, but is reserved for another task.</summary>
    Reserved,

    /// <summary>It lacks nothing and can take the task.</summary>
    Nothing,
}

/// <summary>What one node lacks to run a task.</summary>
/// <param name="What">The resource, the labels, the problem that the node reports, or why it drains.</param>
/// <param name="Asked">
/// The requested amount: cpus and gpus in thousandths, memory in bytes; 0 if the lack is not one of a resource.
/// </param>
/// <param name="Most">How much of the resource the node has, or has free.</param>
/// <param name="Until">When that may be over; null if unknown.</param>
public readonly record struct NodeLack(
    LackKind Kind, string What = "", long Asked = 0, long Most = 0, DateTimeOffset? Until = null)
{
    public const string Cpus = "cpus";
    public const string Memory = "memory";
    public const string Gpus = "gpus";

    /// <summary>Stands for the number of tasks that a node is assigned at most.</summary>
    public const string Places = "";
}

/// <summary>Nodes that lack the same.</summary>
/// <param name="Lack">The lack of the node that has the most.</param>
/// <param name="Some">The first few of them.</param>
public sealed record SurveyRow(NodeLack Lack, int Nodes, ImmutableArray<NodeId> Some);

/// <summary>The nodes that were looked at for a task, and what each lacks.</summary>
/// <param name="Looked">How many nodes.</param>
/// <param name="Rows">Nodes that come closest to running the task first.</param>
public sealed record NodeSurvey(int Looked, ImmutableArray<SurveyRow> Rows);

/// <summary>The result of a survey of nodes for tasks of one class.</summary>
/// <param name="IsWhole">True if all nodes were looked at.</param>
/// <param name="NativeConnected">Connected nodes that take any task.</param>
/// <param name="CouldRun">Nodes that could run the task if they were connected and had nothing else to do.</param>
/// <param name="Take">Nodes that take such tasks as soon as they have room.</param>
/// <param name="Candidates">Some of these.</param>
/// <param name="Reserved">One that is reserved for another task.</param>
internal sealed record NodeFindings(
    NodeSurvey Survey, bool IsWhole, int NativeConnected, int Connected, int CouldRun, int Take,
    List<NodeRecord> Candidates, NodeId? Reserved);
