namespace Artel.Core;

/// <summary>
/// Nodes that are kept for tasks that wait for room, so that a stream of smaller ones behind them can not hold them off for ever. A class
/// keeps one node at a time. What comes behind it gets of that node only what does not delay it ("EASY backfill", Lifka, JSSPP 1995):
/// tasks that fit beside it, and those that will have ended when it could start at the earliest. That moment is settled when the node is
/// chosen and does not move: tasks that take longer than was thought delay it once, not again and again.
/// </summary>
internal sealed class Reservations
{
    /// <summary>Of so many nodes that are least busy it is worked out when they have room.</summary>
    private const int Compared = 8;

    /// <summary>A node with more in its hands works on short tasks, of which nobody knows when which one ends.</summary>
    private const int MostToWorkOut = 256;

    private readonly Dictionary<NodeId, Reservation> _byNode = [];

    public bool IsEmpty => _byNode.Count == 0;

    /// <summary>How many tasks of a template a node takes now, at most <paramref name="most"/>.</summary>
    public int Room(NodeRecord node, Template template, int most, DateTimeOffset now)
    {
        if (_byNode.Count == 0 || !_byNode.TryGetValue(node.Id, out var kept) || !kept.GoesBefore(template))
        {
            return WorkAhead.Room(node, template, most);
        }

        return kept.At is { } at && LongestTime(template) is { } time && now + time <= at
            ? WorkAhead.RoomBeside(node, template, Needs.None, most)
            : WorkAhead.RoomBeside(node, template, kept.Needs, most);
    }

    /// <summary>Keeps a node for a class that waits for room, unless it has one.</summary>
    public void Make(TaskClass taskClass, IEnumerable<NodeRecord> nodes, DateTimeOffset now)
    {
        var first = taskClass.First!;
        if (_byNode.Values.Any(r => r.Class == taskClass.Key) || WorkAhead.ComesToItsTurn(nodes, first))
        {
            return;
        }

        var best = nodes.Where(n => n.TakesWork && n.CouldRun(first) && !_byNode.ContainsKey(n.Id))
            .OrderBy(n => n.Busy).ThenBy(n => n.Id).Take(Compared)
            .Select(n => (Node: n, At: EarliestRoom(n, first.Spec.Needs, now)))
            .OrderBy(c => c.At ?? DateTimeOffset.MaxValue).FirstOrDefault();
        if (best.Node is not null)
        {
            _byNode[best.Node.Id] = new Reservation(taskClass.Key, first.Spec.Needs, first.Job.Id, best.At);
        }
    }

    /// <summary>The class got something, or waits no more.</summary>
    public void End(ClassKey key)
    {
        foreach (var node in _byNode.Where(r => r.Value.Class == key).Select(r => r.Key).ToArray())
        {
            _byNode.Remove(node);
        }
    }

    /// <summary>Frees nodes that work no more, or that are kept for what is not there any more.</summary>
    /// <returns>Those that others may have now.</returns>
    public IReadOnlyList<NodeId> Clean(Func<NodeId, bool> takesWork, Func<ClassKey, bool> waits)
    {
        var freed = _byNode.Where(r => !takesWork(r.Key) || !waits(r.Value.Class)).Select(r => r.Key).ToArray();
        foreach (var node in freed)
        {
            _byNode.Remove(node);
        }

        return freed;
    }

    /// <summary>When the node has room for such a task, by how long what it works on may take; null where that is not known.</summary>
    private static DateTimeOffset? EarliestRoom(NodeRecord node, Needs needs, DateTimeOffset now)
    {
        if (node.Attempts.Count > MostToWorkOut)
        {
            return null;
        }

        var load = new Load();
        foreach (var attempt in node.Attempts.Values)
        {
            load.Add(attempt.Template.Spec.Needs, 1);
        }

        var at = now;
        foreach (var (attempt, end) in node.Attempts.Values.Select(a => (a, End: (a.Started ?? now) + LongestTime(a.Template))).OrderBy(a => a.End ?? DateTimeOffset.MaxValue))
        {
            if (load.Room(node.Description.Resources, needs, 1) == 1)
            {
                break;
            }

            if (end is not { } known)
            {
                return null;
            }

            load.Add(attempt.Template.Spec.Needs, -1);
            at = known > at ? known : at;
        }

        return at;
    }

    /// <summary>How long a task takes at the most: what it says itself, or else twice what others like it took. Null where nobody knows.</summary>
    private static TimeSpan? LongestTime(Template template) => template.Spec.Timeout ?? template.TypicalTime * 2;
}

/// <summary>A node that is kept for a class.</summary>
/// <param name="Needs">What one of its tasks occupies.</param>
/// <param name="Job">Of the task that waits.</param>
/// <param name="At">When it could start at the earliest; null where that is not known.</param>
internal sealed record Reservation(ClassKey Class, Needs Needs, JobId Job, DateTimeOffset? At)
{
    /// <summary>Whether the node is kept from tasks of the template too. Not from those that go first anyway.</summary>
    public bool GoesBefore(Template template)
    {
        var (priority, user) = (template.Job.Priority, template.Job.Spec.User);
        return ClassKey.Of(template) != Class
            && (Class.Priority > priority || (Class.Priority == priority && (Class.User != user || Job.CompareTo(template.Job.Id) < 0)));
    }
}
