using System.Collections.Immutable;

namespace Artel.Core;

/// <summary>Why the unfinished tasks of a job are where they are.</summary>
/// <param name="Unfinished">How many there are. The counts of the reasons add up to this.</param>
/// <param name="Reasons">Obstacles first, then by the number of tasks; reasons of tasks in flight come last.</param>
public sealed record Explanation(int Unfinished, ImmutableArray<CountedReason> Reasons);

/// <summary>A reason, and for how many tasks it holds.</summary>
/// <param name="Tasks">How many tasks; 0 for an additional reason of a task that another reason counts.</param>
/// <param name="FirstTask">The smallest number among them that is known.</param>
public sealed record CountedReason(Reason Why, int Tasks, int FirstTask)
{
    /// <summary>The nodes that were looked at; null if nodes do not matter.</summary>
    public NodeSurvey? Nodes { get; init; }

    /// <summary>Tasks that are served before the first of these, as far as they were counted.</summary>
    public int Ahead { get; init; }

    /// <summary>When the first of them may start, estimated from how long tasks took so far; null if unknown.</summary>
    public DateTimeOffset? Start { get; init; }

    /// <summary>Where tasks in flight are: nodes with the most of them first.</summary>
    public ImmutableArray<NodeTasks> Where { get; init; } = [];

    /// <summary>Nodes that are not in <see cref="Where"/>.</summary>
    public int MoreNodes { get; init; }

    /// <summary>When the first of the running tasks started; null if that is not known.</summary>
    public DateTimeOffset? Since { get; init; }
}

/// <summary>How many tasks of a job a node has.</summary>
public readonly record struct NodeTasks(NodeId Node, int Tasks);

/// <summary>
/// How much may be looked at for one answer, so that it cannot hold up everything else. Shared by answers that belong
/// together.
/// </summary>
public sealed class ExplainBudget
{
    /// <summary>Templates that may still be looked at.</summary>
    public int Templates { get; set; } = 50_000;

    /// <summary>Tasks that may still be looked at one by one.</summary>
    public int Tasks { get; set; } = 20_000;

    /// <summary>Nodes that may still be looked at, over all surveys.</summary>
    public int Nodes { get; set; } = 40_000;

    /// <summary>Classes of other tasks that may still be looked at to find who is ahead.</summary>
    public int Classes { get; set; } = 10_000;

    /// <summary>How many distinct reasons an answer has at most, besides those of tasks in flight.</summary>
    public int Reasons { get; init; } = 20;

    /// <summary>True if the answer includes a survey of nodes, who is ahead, and estimates.</summary>
    public bool InDetail { get; init; } = true;

    /// <summary>Caches the surveys of nodes, by class of tasks. All jobs of a list use the same cache.</summary>
    internal Dictionary<object, NodeFindings> Surveys { get; } = [];

    /// <summary>For a list of jobs, which shows one short reason for each.</summary>
    public static ExplainBudget ForLists() => Brief(classes: 5000);

    /// <summary>For a search for obstacles only.</summary>
    public static ExplainBudget ForAttention() => Brief(classes: 0);

    private static ExplainBudget Brief(int classes) => new()
    {
        Templates = 20_000,
        Tasks = 5000,
        Nodes = 20_000,
        Classes = classes,
        Reasons = 1000,
        InDetail = false,
    };
}
