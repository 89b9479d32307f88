namespace Artel.Core;

/// <summary>
/// One round of placing: by priority, then by user, then older jobs first. A user who has less goes before one who has
/// more, and of users who have the same the one who was served least recently. Looks only at what has changed: at all
/// nodes for classes that have gained something, and at nodes that have changed for all classes.
/// </summary>
/// <param name="gained">Classes that have gained something.</param>
/// <param name="changed">Nodes that have changed and take work, least busy first.</param>
/// <param name="renewed">Those of them that came, or that are not what they were.</param>
internal sealed class ClassRound(
    WaitingClasses classes, HashSet<TaskClass> gained, NodeOrder nodes, NodeRecord[] changed, NodeRecord[] renewed,
    Reservations reservations, AvoidingRound avoiding, Action<Template, TaskRange, NodeRecord> grant, DateTimeOffset now)
{
    /// <summary>If several users wait, what there is is shared out in this many parts for each.</summary>
    private const int Turns = 4;

    /// <summary>
    /// A class with more tasks than this is worth a look at all nodes; else they are looked at until there are enough.
    /// </summary>
    private const int ManyTasks = 1000;

    /// <summary>Of the nodes that have changed, those that could have room for a part of a cpu.</summary>
    private readonly List<NodeRecord> _open = [.. changed.Where(nodes.IsOpen)];

    private readonly ILookup<int, TaskClass> _gainedAt = gained.ToLookup(c => c.Key.Priority);

    public void Place()
    {
        var retries = avoiding.Groups.ToLookup(g => g.Class.Priority);
        int[] priorities = [.. classes.Priorities.Union(retries.Select(g => g.Key)).OrderDescending()];
        foreach (var priority in priorities)
        {
            var users = QueuesAt(priority, [.. retries[priority]]).Where(q => q.HasMore()).ToList();
            if (users.Count == 1)
            {
                PlaceAll(users[0]);
            }
            else if (users.Count > 1)
            {
                TakeTurns(users);
            }
        }
    }

    private IEnumerable<UserQueue> QueuesAt(int priority, AvoidingKey[] retries)
    {
        // A limit may have been reached by what was just placed: then there is nothing of its class to be had any more.
        var retriesOf = retries.Where(g => avoiding.First(g) is not null).ToLookup(g => avoiding.First(g)!.Job.User);
        var classesOf = (MayAllGetSome ? classes.At(priority) : GainedAt(priority)).ToDictionary();
        return
        [
            .. retriesOf.Select(g => g.Key).Union(classesOf.Keys).Select(
                u => new UserQueue(u, [.. retriesOf[u]], classesOf.GetValueOrDefault(u, []), avoiding.First, IsOfUse)),
        ];
    }

    private IEnumerable<(UserLoad User, TaskClass[] Classes)> GainedAt(int priority) =>
        _gainedAt[priority].Where(c => !c.IsEmpty).GroupBy(c => c.User).Select(g => (g.Key, WaitingClasses.InOrder(g)));

    /// <summary>Whether also classes that have gained nothing may get something.</summary>
    private bool MayAllGetSome =>
        _open.Count > 0 || renewed.Length > 0 || (changed.Length > 0 && classes.HaveTasksWithoutCpus);

    /// <summary>Whether the class may get something.</summary>
    private bool IsOfUse(TaskClass taskClass) => CouldTake(taskClass).Count > 0 || gained.Contains(taskClass);

    /// <summary>Of the nodes that have changed, those that could have room for the class.</summary>
    private IReadOnlyCollection<NodeRecord> CouldTake(TaskClass taskClass) =>
        taskClass.FitsNowhere ? renewed : taskClass.Key.Needs.MilliCpus > 0 ? _open : changed;

    private void PlaceAll(UserQueue user)
    {
        while (user.HasMore())
        {
            user.Serve(g => avoiding.Place(g, 1), c => Place(c, 1));
        }
    }

    /// <summary>
    /// Whoever comes first in <see cref="UserQueue.Turn"/> gets something next, until nobody can get anything.
    /// </summary>
    private void TakeTurns(List<UserQueue> users)
    {
        var parts = users.Count * Turns;
        var open = new PriorityQueue<UserQueue, (long, Lease, bool, JobId)>(users.Select(u => (u, u.Turn)));
        while (open.TryDequeue(out var user, out _))
        {
            if (!user.HasMore())
            {
                continue;
            }

            user.Serve(g => avoiding.Place(g, parts), c => Place(c, parts));
            if (user.HasMore())
            {
                open.Enqueue(user, user.Turn);
            }
        }
    }

    /// <summary>Gives tasks of the class to nodes. False if none could be given.</summary>
    /// <param name="parts">How many such turns what there is should last for.</param>
    private bool Place(TaskClass taskClass, int parts)
    {
        var first = taskClass.First!;
        taskClass.FitsNowhere = taskClass.FitsNowhere && !renewed.Any(n => n.CouldRun(first));
        if (taskClass.FitsNowhere)
        {
            return false;
        }

        if (first.Allowed == 0)
        {
            // It waits for a limit, not for room: no node is kept from others for it.
            reservations.End(taskClass.Key);
            HoldBack(taskClass, first);
            return false;
        }

        var given = 0;
        var most = 0;
        var tiers = Tiers(taskClass, first, parts);
        if (tiers.Count == 0 && gained.Contains(taskClass) && !nodes.Working.Any(n => n.CouldRun(first)))
        {
            taskClass.FitsNowhere = true;
            return false;
        }

        foreach (var tier in tiers)
        {
            var room = tier.Sum(n => n.Room);
            most = parts == 1 ? int.MaxValue : Math.Max(1, room / parts);
            given += Spread(taskClass, tier, Waiting(taskClass, room), most);
            if (given >= most || taskClass.IsEmpty)
            {
                break;
            }
        }

        if (given > 0)
        {
            reservations.End(taskClass.Key);
        }

        if (taskClass.First is { } left)
        {
            if (left.Allowed == 0)
            {
                HoldBack(taskClass, left);
            }
            else if (given == 0 || given < most)
            {
                reservations.Make(taskClass, nodes, gained.Contains(taskClass) ? nodes.Working : changed, now);
            }
        }

        return given > 0;
    }

    /// <summary>
    /// Nodes with room for the class in the order in which they are filled: preferred nodes before others, and a node
    /// that is kept for another class last.
    /// </summary>
    private IReadOnlyList<NodeRoom[]> Tiers(TaskClass taskClass, Template first, int parts)
    {
        var key = taskClass.Key;
        var all = !gained.Contains(taskClass) ? CouldTake(taskClass)
            : key.Needs.MilliCpus > 0 ? nodes.Open : nodes.Working;

        // With enough nodes for each of few tasks, and room for the turns of all users, further nodes would change
        // nothing.
        var waiting = key.Prefer.IsEmpty ? Waiting(taskClass, ManyTasks) : ManyTasks;
        var (count, sum) = (0, 0L);
        var fitting = new List<NodeRoom>();
        foreach (var node in all)
        {
            if (!node.TakesWork || !node.Has(key.Labels.AsSpan())
                || reservations.Room(node, first, WorkAhead.MaxLeases, now) is not (> 0 and var room))
            {
                continue;
            }

            var isKept = reservations.IsKeptFrom(node.Id, key);
            fitting.Add(new NodeRoom(node, room, isKept));
            if (isKept)
            {
                continue;
            }

            count++;
            sum += room;
            if (waiting < ManyTasks && count >= waiting && sum >= (long)waiting * parts)
            {
                break;
            }
        }

        return fitting.GroupBy(n => (n.IsKept, Preferred: n.Node.CountOf(key.Prefer.AsSpan())))
            .OrderByDescending(t => t.Key.Preferred).ThenBy(t => t.Key.IsKept).Select(t => t.ToArray()).ToArray();
    }

    /// <summary>The class goes on when a limit is not reached any more.</summary>
    private static void HoldBack(TaskClass taskClass, Template first)
    {
        foreach (var limit in first.ReachedLimits)
        {
            limit.HeldClasses.Add(taskClass);
        }
    }

    /// <summary>
    /// First an equal share for each node that could take some, so that few tasks spread out; then whoever has room
    /// left.
    /// </summary>
    private int Spread(TaskClass taskClass, NodeRoom[] fitting, int waiting, int most)
    {
        var given = 0;
        var share = Math.Clamp((Math.Min(waiting, most) + fitting.Length - 1) / fitting.Length, 1, WorkAhead.MaxLeases);
        foreach (var (node, _, _) in fitting)
        {
            given += Give(taskClass, node, Math.Min(share, most - given));
        }

        foreach (var (node, _, _) in fitting)
        {
            given += Give(taskClass, node, Math.Min(WorkAhead.MaxLeases, most - given));
        }

        return given;
    }

    /// <summary>How many tasks of the class wait, counted no further than <paramref name="enough"/>.</summary>
    private static int Waiting(TaskClass taskClass, int enough)
    {
        var waiting = 0;
        foreach (var template in taskClass.InOrder())
        {
            waiting = (int)Math.Min(enough, (long)waiting + template.Takeable);
            if (waiting == enough)
            {
                break;
            }
        }

        return waiting;
    }

    /// <summary>Gives a node tasks of the class, at most so many, and says how many.</summary>
    private int Give(TaskClass taskClass, NodeRecord node, int most)
    {
        var given = 0;
        while (given < most && taskClass.First is { } template
            && reservations.Room(node, template, Math.Min(most - given, template.Takeable), now) is > 0 and var room)
        {
            var offsets = template.Section is null ? Scheduler.NextOfList(template, room) : template.Stray.PeekFirst(1);
            grant(template, offsets, node);
            given += offsets.Count;
        }

        if (given > 0 && !nodes.IsOpen(node))
        {
            _open.Remove(node);
        }

        return given;
    }

    /// <param name="Room">How many tasks it takes now.</param>
    /// <param name="IsKept">For another class.</param>
    private readonly record struct NodeRoom(NodeRecord Node, int Room, bool IsKept);
}
