using System.Collections.Immutable;

namespace Artel.Core;

/// <summary>A node the cluster knows, with the leases in its hands and what they occupy.</summary>
internal sealed class NodeRecord(NodeId id, Incarnation incarnation, NodeDescription description)
{
    public NodeId Id { get; } = id;

    public Incarnation Incarnation { get; set; } = incarnation;

    public NodeDescription Description { get; set; } = description;

    public NodeCondition Condition { get; set; } = NodeCondition.Disconnected;

    public bool Draining { get; set; }

    /// <summary>Of a draining node: what still runs there then is moved. Null: it may take its time.</summary>
    public DateTimeOffset? DrainDeadline { get; set; }

    /// <summary>Why it drains, for people; empty if no reason was given.</summary>
    public string DrainReason { get; set; } = "";

    /// <summary>When it connected; of one that is away, when it was last heard, or might have been.</summary>
    public DateTimeOffset Since { get; set; }

    public Dictionary<Lease, Attempt> Attempts { get; } = [];

    public int Running { get; set; }

    public Load Load { get; } = new();

    /// <summary>How long the whole of the node is busy with the short tasks in its hands, by what such tasks took so far.</summary>
    public TimeSpan PendingTime { get; set; }

    /// <summary>How much of the node is taken for long by other tasks than short ones, in millionths.</summary>
    public long LongShare { get; set; }

    /// <summary>How busy the node is as far as <see cref="WorkAhead"/> looks.</summary>
    public TimeSpan Busy => PendingTime + (WorkAhead.Ahead * (LongShare / WorkAhead.Whole));

    /// <summary>Tasks whose last attempt was here, since the server started.</summary>
    public long TasksSucceeded { get; set; }

    public long TasksFailed { get; set; }

    /// <summary>When it was last asked to give leases back.</summary>
    public DateTimeOffset ReclaimAsked { get; set; }

    /// <summary>What it got ahead did not get on, and no attempt has ended since: it gets nothing more ahead.</summary>
    public bool IsStuck { get; set; }

    /// <summary>Why it takes no work now, as it says itself; empty where it does.</summary>
    public string Problem { get; set; } = "";

    /// <summary>Attempts that were killed there and have not ended, as it last reported.</summary>
    public ImmutableArray<UnendedAttempt> Unended { get; set; } = [];

    /// <summary>How starting tasks went here of late, for each user of whom the last could not be started.</summary>
    public SortedDictionary<string, StartRecord> Starts { get; } = new(StringComparer.Ordinal);

    public StartRecord StartsOf(string user) => Starts.Count > 0 && Starts.TryGetValue(user, out var starts) ? starts : StartRecord.Good;

    /// <summary>Why it gets no work, or little, for people; empty if it gets what it can take.</summary>
    /// <param name="user">Whose work; null: anybody's.</param>
    public string Obstacle(string? user = null) => Problem.Length > 0 ? Problem
        : Starts.Where(s => s.Value.IsTrouble && (user is null || s.Key == user)).Select(s => s.Value.Describe(s.Key)).FirstOrDefault("");

    public bool TakesWork => Condition == NodeCondition.Connected && !Draining && Problem.Length == 0;

    /// <summary>Whether it gets tasks that no map assigns to it.</summary>
    public bool TakesAnyTask => Description.Kind == NodeKind.Native;

    /// <summary>Leases it has in its hands at the most.</summary>
    public int MaxLeases => Description.Kind == NodeKind.Native ? WorkAhead.MaxLeases : 1;

    /// <summary>How many more leases of a user it may be given. If the user's last task could not be started here, one at a time.</summary>
    public int FreeLeases(string user) => StartsOf(user) switch
    {
        { IsGood: true } => MaxLeases - Attempts.Count,
        { NextTry: null } => Math.Min(MaxLeases - Attempts.Count, 1 - (Attempts.Count - Running)),
        _ => 0,
    };

    /// <summary>Whether it could run tasks with these needs if it had nothing else to do.</summary>
    public bool CanEverFit(Needs needs) => Description.Kind == NodeKind.Classic || Load.CanEverFit(Description.Resources, needs);

    /// <summary>Whether the node could run a task of the template, which no map assigns to it, if it had nothing else to do.</summary>
    public bool CouldRun(Template template) =>
        TakesAnyTask && Has(template.Spec.Labels.AsSpan()) && CanEverFit(template.Spec.Needs);

    /// <summary>
    /// True if the node gets tasks of the template as soon as it has free resources. Not for tasks that a map assigns
    /// to a node.
    /// </summary>
    public bool Takes(Template template) => TakesWork && StartsOf(template.Job.Spec.User).NextTry is null && CouldRun(template);

    /// <summary>How many of the labels the node has.</summary>
    public int CountOf(ReadOnlySpan<Label> labels)
    {
        var count = 0;
        foreach (var label in labels)
        {
            count += Description.Labels.Contains(label) ? 1 : 0;
        }

        return count;
    }

    /// <summary>Whether the node has all of the labels.</summary>
    public bool Has(ReadOnlySpan<Label> labels)
    {
        foreach (var label in labels)
        {
            if (!Description.Labels.Contains(label))
            {
                return false;
            }
        }

        return true;
    }
}
