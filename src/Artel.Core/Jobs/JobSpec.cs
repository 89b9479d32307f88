using System.Collections.Immutable;

namespace Artel.Core;

/// <summary>What the rules need to know of a submitted job. Arguments, environment and the like stay in the submission's document.</summary>
/// <param name="Priority">Higher goes first.</param>
/// <param name="Sections">Lists of tasks of one node each.</param>
/// <param name="Templates">All templates in the order of their task numbers: those of the sections first.</param>
public sealed record JobSpec(
    string Name,
    string User,
    int Priority,
    ImmutableArray<SectionSpec> Sections,
    ImmutableArray<TemplateSpec> Templates)
{
    public int TaskCount => Templates.IsEmpty ? 0 : Templates[^1].FirstTask + Templates[^1].Count - 1;
}

/// <summary>The list of one node: the templates <paramref name="FirstTemplate"/> and following start in this order, at most <paramref name="AtOnce"/> tasks at the same time.</summary>
public sealed record SectionSpec(NodeId Node, int AtOnce, int FirstTemplate, int TemplateCount);

/// <summary>One task, or an array of tasks that differ only in their index.</summary>
public sealed record TemplateSpec
{
    public required string Name { get; init; }

    /// <summary>Number of its first task within the job.</summary>
    public required int FirstTask { get; init; }

    public required int Count { get; init; }

    /// <summary>Index of its section in the job, or -1 where any fitting node may take it.</summary>
    public int Section { get; init; } = -1;

    public Needs Needs { get; init; } = Needs.None;

    /// <summary>Labels that a node must have, in order of key.</summary>
    public ImmutableArray<Label> Labels { get; init; } = [];

    public RetryPolicy Retry { get; init; } = RetryPolicy.Never;

    /// <summary>Templates of this job (by index) all of whose tasks must succeed first.</summary>
    public ImmutableArray<int> After { get; init; } = [];

    public OnNodeLost OnNodeLost { get; init; }

    /// <summary>
    /// Never two processes of a task at the same time. Its node ends the process before <see cref="ClusterRules.LostAfter"/> is over
    /// since it was last heard; so the rules give no attempt of it up before that, whoever asks for it.
    /// </summary>
    public bool Exclusive { get; init; }

    public TaskRange Tasks => new(FirstTask, FirstTask + Count - 1);
}

public readonly record struct Label(string Key, string Value);

/// <summary>What becomes of a task whose node was lost.</summary>
public enum OnNodeLost
{
    /// <summary>Any fitting node may take it.</summary>
    Requeue,

    /// <summary>It waits until that node is back.</summary>
    Wait,

    Fail,
}
