namespace Artel.Core;

/// <summary>One execution of a task, from its grant to its end.</summary>
internal sealed class Attempt(Lease lease, Grant grant, Template template, int offset, int number, NodeRecord node)
{
    public Lease Lease { get; } = lease;

    public Grant Grant { get; } = grant;

    public Template Template { get; } = template;

    /// <summary>The terms that it was granted with. Its template may have been revised since.</summary>
    public TemplateSpec Spec { get; init; } = template.Spec;

    public int Offset { get; } = offset;

    /// <summary>Of the task's attempts, from 1.</summary>
    public int Number { get; } = number;

    public NodeRecord Node { get; } = node;

    public TaskId Task => Template.TaskAt(Offset);

    /// <summary>Leased or Running.</summary>
    public TaskState State { get; set; } = TaskState.Leased;

    public DateTimeOffset? Started { get; set; }

    public bool CancelRequested => CancelReason is not null;

    /// <summary>Why its node was asked to end it for good; null where it was not.</summary>
    public string? CancelReason { get; set; }

    /// <summary>Its node was asked to end it, because the node is draining.</summary>
    public bool MoveRequested { get; set; }

    /// <summary>Which part of its node it occupies, in millionths, at least one.</summary>
    public long Share { get; set; }

    /// <summary>What it adds to <see cref="NodeRecord.PendingTime"/>.</summary>
    public TimeSpan PendingTime { get; set; }

    /// <summary>What it adds to <see cref="NodeRecord.LongShare"/>.</summary>
    public long LongShare { get; set; }
}

/// <summary>Leases that were granted together, until the last of them is settled.</summary>
internal sealed class Grant(LeaseRange leases, int open, DateTimeOffset at)
{
    public DateTimeOffset At { get; } = at;

    public LeaseRange Leases { get; } = leases;

    public int Open { get; set; } = open;

    /// <summary>What its node has done for its job; null before the node has done anything.</summary>
    public NodeShare? Share { get; set; }
}
