using System.Diagnostics.CodeAnalysis;

namespace Artel.Core;

/// <summary>
/// Nodes that are kept for tasks that need more room than one ended task leaves, so that a stream of smaller ones
/// cannot hold them off for ever. A class keeps one node at a time, and at most half of the nodes are kept. What comes
/// behind it gets of that node only what does not delay it ("EASY backfill", Lifka, JSSPP 1995): tasks that fit beside
/// it, and those that will have ended when it could start at the earliest. That moment is settled when the node is
/// chosen and does not move: tasks that take longer than was thought delay it once, not again and again. Users who have
/// less than its user still go first, <see cref="Reservation.MostPassed"/> times.
/// </summary>
internal sealed class Reservations
{
    /// <summary>Of so many nodes that are least busy it is worked out when they have room.</summary>
    private const int Compared = 8;

    /// <summary>
    /// A node with more in its hands works on short tasks, of which nobody knows when which one ends.
    /// </summary>
    private const int MostToWorkOut = 256;

    /// <summary>
    /// For so many classes a node is looked for in one round of placing, since that goes over many nodes.
    /// </summary>
    private const int LooksInRound = 16;

    private readonly Dictionary<NodeId, Reservation> _byNode = [];
    private readonly Dictionary<ClassKey, NodeId> _byClass = [];
    private readonly List<NodeId> _freed = [];
    private long _turn;
    private long _nodesAt;
    private int _looksLeft;
    private bool _isAnyoneLeft;

    /// <summary>Begins a round of placing.</summary>
    public void BeginRound()
    {
        // While some had no look in the last round, those that had one wait.
        _turn += _isAnyoneLeft ? 0 : 1;
        _isAnyoneLeft = false;
        _looksLeft = LooksInRound;
    }

    /// <summary>A node came, went or changed: it may serve other classes than before.</summary>
    public void NodesChanged() => _nodesAt++;

    /// <summary>How many tasks of a template a node takes now, at most <paramref name="most"/>.</summary>
    public int Room(NodeRecord node, Template template, int most, DateTimeOffset now)
    {
        if (!IsKept(node.Id, out var kept) || !kept.GoesBefore(template))
        {
            return WorkAhead.Room(node, template, most);
        }

        return kept.At is { } at && LongestTime(template, template.Spec) is { } time && now + time <= at
            ? WorkAhead.RoomBeside(node, template, Needs.None, most)
            : WorkAhead.RoomBeside(node, template, kept.Needs, most);
    }

    /// <summary>For which job a node is kept, and when its task could start; null if it is not kept.</summary>
    public (JobId Job, DateTimeOffset? At)? OfNode(NodeId node) =>
        IsKept(node, out var kept) ? (kept.Job, kept.At) : null;

    /// <summary>The node that is kept for a class, and when its task could start; null if there is none.</summary>
    public (NodeId Node, DateTimeOffset? At)? OfClass(ClassKey key) =>
        _byClass.TryGetValue(key, out var node) ? (node, _byNode[node].At) : null;

    /// <summary>True if the node is kept for another class.</summary>
    public bool IsKeptFrom(NodeId node, ClassKey key) => IsKept(node, out var kept) && kept.Class != key;

    /// <summary>Call before tasks of the template go to the node.</summary>
    public void Pass(NodeId node, Template template, int count)
    {
        if (IsKept(node, out var kept) && !kept.GoesBefore(template) && kept.Class != ClassKey.Of(template) && kept.Class.Priority == template.Job.Priority)
        {
            kept.Passed += count;
        }
    }

    /// <summary>Keeps a node for a class that waits for room, unless it has one, or gets its room without.</summary>
    /// <param name="candidates">Nodes on which something has just changed.</param>
    public void Make(TaskClass taskClass, NodeOrder nodes, IEnumerable<NodeRecord> candidates, DateTimeOffset now)
    {
        var first = taskClass.First!;
        if (_byClass.ContainsKey(taskClass.Key) || !MayLook(taskClass.Look)
            || WorkAhead.ComesToItsTurn(nodes.Working, first)
            || candidates.Where(n => n.CouldRun(first)).Take(Compared).Any(n => AnyEndMakesRoom(n, first.Spec.Needs)))
        {
            return;
        }

        var reservation = new Reservation(first);
        NodeId? given = null;
        if (_byNode.Count >= Math.Max(1, nodes.Count / 2))
        {
            var last = _byNode.MinBy(r => (r.Value.Class.Priority, -r.Value.User.Millionths, r.Key));
            if (!reservation.Replaces(last.Value))
            {
                return;
            }

            given = last.Key;
        }

        var best = nodes.Working.Where(n => n.Takes(first) && (n.Id == given || !_byNode.ContainsKey(n.Id)))
            .Take(Compared).Select(n => (Node: n, At: EarliestRoom(n, first.Spec.Needs, now)))
            .OrderBy(c => c.At ?? DateTimeOffset.MaxValue).FirstOrDefault();
        if (best.Node is null)
        {
            taskClass.Look.NowhereAt = _nodesAt;
            return;
        }

        if (AnyEndMakesRoom(best.Node, first.Spec.Needs))
        {
            return;
        }

        if (given is { } taken)
        {
            Free(taken);
        }

        reservation.At = best.At;
        _byNode[best.Node.Id] = reservation;
        _byClass[reservation.Class] = best.Node.Id;
    }

    /// <summary>The class got something, or waits no more.</summary>
    public void End(ClassKey key)
    {
        if (_byClass.Count > 0 && _byClass.TryGetValue(key, out var node))
        {
            Free(node);
        }
    }

    /// <summary>
    /// Frees a node that works no more, or not for the user that it is kept for, or that is kept for what is not there
    /// any more.
    /// </summary>
    /// <param name="node">Null: it is gone.</param>
    /// <param name="waits">Whether a class waits.</param>
    public void Look(NodeId id, NodeRecord? node, Func<ClassKey, bool> waits)
    {
        if (IsKept(id, out var kept)
            && (node is not { TakesWork: true } || node.StartsOf(kept.Class.User).NextTry is not null
                || !waits(kept.Class)))
        {
            Free(id);
        }
    }

    /// <summary>Nodes that were kept, and that others may have now. Each is returned once.</summary>
    public IReadOnlyList<NodeId> TakeFreed()
    {
        NodeId[] freed = [.. _freed];
        _freed.Clear();
        return freed;
    }

    /// <summary>
    /// When the node has room for such a task, by how long what it works on may take; null where that is not known.
    /// </summary>
    private static DateTimeOffset? EarliestRoom(NodeRecord node, Needs needs, DateTimeOffset now)
    {
        if (node.Attempts.Count > MostToWorkOut)
        {
            return null;
        }

        var load = new Load();
        foreach (var attempt in node.Attempts.Values)
        {
            load.Add(attempt.Spec.Needs, 1);
        }

        var at = now;
        var byEnd = node.Attempts.Values
            .Select(a => (a, End: (a.Started ?? now) + LongestTime(a.Template, a.Spec)))
            .OrderBy(a => a.End ?? DateTimeOffset.MaxValue);
        foreach (var (attempt, end) in byEnd)
        {
            if (load.Room(node.Description.Resources, needs, 1) == 1)
            {
                break;
            }

            if (end is not { } known)
            {
                return null;
            }

            load.Add(attempt.Spec.Needs, -1);
            at = known > at ? known : at;
        }

        return at;
    }

    /// <summary>
    /// True if such a task has room on the node already, or can start as soon as any task there has ended, with what
    /// that one alone leaves. Then it waits for its turn only, and a reservation would only keep others from theirs.
    /// </summary>
    private static bool AnyEndMakesRoom(NodeRecord node, Needs needs)
    {
        if (node.Load.Room(node.Description.Resources, needs, 1) == 1)
        {
            return true;
        }

        if (node.Attempts.Count > MostToWorkOut)
        {
            return false;
        }

        foreach (var other in node.Attempts.Values.Select(a => a.Spec.Needs).Distinct())
        {
            node.Load.Add(other, -1);
            var hasRoom = node.Load.Room(node.Description.Resources, needs, 1) == 1;
            node.Load.Add(other, 1);
            if (!hasRoom || !other.Covers(needs))
            {
                return false;
            }
        }

        return true;
    }

    private bool MayLook(ReservationLook look)
    {
        if (look.NowhereAt == _nodesAt || look.Turn == _turn)
        {
            return false;
        }

        if (_looksLeft == 0)
        {
            _isAnyoneLeft = true;
            return false;
        }

        _looksLeft--;
        look.Turn = _turn;
        return true;
    }

    private void Free(NodeId node)
    {
        if (_byNode.Remove(node, out var kept))
        {
            _byClass.Remove(kept.Class);
            _freed.Add(node);
            _nodesAt++;
        }
    }

    private bool IsKept(NodeId node, [NotNullWhen(true)] out Reservation? kept)
    {
        kept = null;
        return _byNode.Count > 0 && _byNode.TryGetValue(node, out kept);
    }

    /// <summary>
    /// How long a task takes at the most: what it says itself, or else twice what others like it took. Null where
    /// nobody knows.
    /// </summary>
    private static TimeSpan? LongestTime(Template template, TemplateSpec spec) =>
        spec.Timeout ?? template.TypicalTime * 2;
}
