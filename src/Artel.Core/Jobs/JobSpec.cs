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

    /// <summary>Nothing of it starts before.</summary>
    public DateTimeOffset? StartAt { get; init; }

    /// <summary>What has not ended by then is cancelled.</summary>
    public DateTimeOffset? Deadline { get; init; }

    /// <summary>When more tasks than this have failed, the others are cancelled. Null: however many fail, the others go on.</summary>
    public int? MaxFails { get; init; }

    /// <summary>In order. Every task of the job has them.</summary>
    public ImmutableArray<string> Tags { get; init; } = [];

    /// <summary>What has to end in other jobs before anything of this one starts.</summary>
    public ImmutableArray<JobDependency> After { get; init; } = [];
}

/// <summary>Another job, or one task of it.</summary>
/// <param name="Task">0: the whole job.</param>
/// <param name="AnyOutcome">However it ends; else it must succeed, or what waits for it is skipped.</param>
public readonly record struct JobDependency(JobId Job, int Task, bool AnyOutcome);

/// <summary>Another template of the same job.</summary>
/// <param name="Template">Its index.</param>
/// <param name="AnyOutcome">However its tasks end; else they must succeed, or what waits for them is skipped.</param>
/// <param name="Each">The task at each place waits only for the one at the same place there. Both have equally many, and the one that waits is of no list.</param>
public readonly record struct Dependency(int Template, bool AnyOutcome = false, bool Each = false);

/// <summary>The list of one node: the templates <paramref name="FirstTemplate"/> and following start in this order, at most <paramref name="AtOnce"/> tasks at the same time.</summary>
public sealed record SectionSpec(NodeId Node, int AtOnce, int FirstTemplate, int TemplateCount);

/// <summary>One task, or an array of tasks that differ only in their index.</summary>
public sealed record TemplateSpec
{
    public required string Name { get; init; }

    /// <summary>Number of its first task within the job.</summary>
    public required int FirstTask { get; init; }

    /// <summary>How many tasks; 0 if its list of entries is empty. Nothing waits for such a template.</summary>
    public required int Count { get; init; }

    /// <summary>Index of its section in the job, or -1 where any fitting node may take it.</summary>
    public int Section { get; init; } = -1;

    public Needs Needs { get; init; } = Needs.None;

    /// <summary>Labels that a node must have, in order of key.</summary>
    public ImmutableArray<Label> Labels { get; init; } = [];

    public RetryPolicy Retry { get; init; } = RetryPolicy.Never;

    /// <summary>What it waits for, in order of template.</summary>
    public ImmutableArray<Dependency> After { get; init; } = [];

    /// <summary>Labels that a node should have, in order of key: nodes with more of them are taken first.</summary>
    public ImmutableArray<Label> Prefer { get; init; } = [];

    /// <summary>Tags of its tasks, those of the job among them, in order.</summary>
    public ImmutableArray<string> Tags { get; init; } = [];

    /// <summary>At most so many of its tasks are in the hands of nodes at the same time. 0: no limit. A list has its own.</summary>
    public int AtOnce { get; init; }

    /// <summary>Wall time after which a node ends an attempt. Null: none.</summary>
    public TimeSpan? Timeout { get; init; }

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
