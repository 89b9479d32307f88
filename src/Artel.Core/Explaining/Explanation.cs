using System.Collections.Immutable;

namespace Artel.Core;

/// <summary>Why the unfinished tasks of a job are where they are.</summary>
/// <param name="Unfinished">How many there are: what the reasons add up to.</param>
/// <param name="Reasons">Those that hold up most first, then what is assigned to nodes.</param>
public sealed record Explanation(int Unfinished, ImmutableArray<CountedReason> Reasons);

/// <summary>A reason, and for how many tasks it holds.</summary>
/// <param name="Tasks">0: it is told beside another reason of the same task.</param>
/// <param name="FirstTask">The smallest number among them that is known.</param>
public sealed record CountedReason(Reason Why, int Tasks, int FirstTask)
{
    /// <summary>The nodes that were looked at; null if nodes do not matter.</summary>
    public NodeSurvey? Nodes { get; init; }

    /// <summary>Tasks that are served before the first of these, as far as they were counted.</summary>
    public int Ahead { get; init; }

    /// <summary>When the first of them may start, by how long tasks took so far; null if that is not known.</summary>
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

    /// <summary>Single tasks, of those that are known one by one.</summary>
    public int Tasks { get; set; } = 20_000;

    /// <summary>Nodes, over all surveys.</summary>
    public int Nodes { get; set; } = 40_000;

    /// <summary>Classes of other tasks, to find who is ahead.</summary>
    public int Classes { get; set; } = 10_000;

    /// <summary>Distinct reasons that an answer tells.</summary>
    public int Reasons { get; init; } = 20;

    /// <summary>True: nodes that lack something, who is ahead, and estimates are told too.</summary>
    public bool InDetail { get; init; } = true;

    /// <summary>What nodes lack for a class of tasks, by class: shared by the jobs of a list.</summary>
    internal Dictionary<object, NodeFindings> Surveys { get; } = [];

    /// <summary>For a list of jobs, in which each has a word.</summary>
    public static ExplainBudget ForLists() => new() { Templates = 20_000, Tasks = 5000, Nodes = 20_000, Classes = 5000, Reasons = 1000, InDetail = false };

    /// <summary>For what somebody has to see to, and no more.</summary>
    public static ExplainBudget ForAttention() => new() { Templates = 20_000, Tasks = 5000, Nodes = 20_000, Classes = 0, Reasons = 1000, InDetail = false };
}
