namespace Artel.Core;

/// <summary>
/// One round of placing: by priority, then by user, then older jobs first. A user who has less goes before one who has
/// more, and of users who have the same the one who was served least recently.
/// </summary>
/// <param name="candidates">Nodes that may have room, least busy first.</param>
internal sealed class ClassRound(
    List<TaskClass> classes, Dictionary<NodeId, NodeRecord> nodes, NodeRecord[] candidates, Reservations reservations, AvoidingRound avoiding,
    Action<Template, TaskRange, NodeRecord> grant, DateTimeOffset now)
{
    /// <summary>If several users wait, what there is is shared out in this many parts for each.</summary>
    private const int Turns = 4;

    public void Place()
    {
        var retries = avoiding.Groups.Select(g => new Contender(g.Class.Priority, () => avoiding.First(g), parts => avoiding.Place(g, parts), IsRetry: true));
        var fresh = classes.Select(c => new Contender(c.Key.Priority, () => c.First, parts => Place(c, parts), IsRetry: false));

        // A user's retries go before their fresh tasks.
        foreach (var equals in retries.Concat(fresh).GroupBy(c => c.Priority).OrderByDescending(g => g.Key).Select(g => g.ToList()).ToArray())
        {
            // A limit may have been reached by what was just placed: then there is nothing of its class to be had any
            // more.
            equals.RemoveAll(c => c.First() is null);
            var users = equals.Select(c => c.First()!.Job.User).Distinct().Count();
            if (users > 1)
            {
                TakeTurns(equals, users);
                continue;
            }

            foreach (var contender in InOrder(equals).ToArray().Where(c => c.First() is not null))
            {
                _ = contender.Place(1);
            }
        }
    }

    private static IEnumerable<Contender> InOrder(List<Contender> ofOneUser)
    {
        var retries = ofOneUser.Where(c => c.IsRetry);
        return retries.Concat(ofOneUser.Where(c => !c.IsRetry).OrderBy(c => c.First()!.Job.Id));
    }

    /// <summary>
    /// Whoever comes first in <see cref="Contender.Turn"/> gets something next, until nobody can get anything.
    /// </summary>
    private static void TakeTurns(List<Contender> open, int users)
    {
        while (open.Count > 0)
        {
            var next = open.MinBy(c => c.Turn)!;
            if (!next.Place(users * Turns))
            {
                open.Remove(next);
            }

            open.RemoveAll(c => c.First() is null);
        }
    }

    /// <summary>Gives tasks of the class to nodes. False if none could be given.</summary>
    /// <param name="parts">How many such turns what there is should last for.</param>
    private bool Place(TaskClass taskClass, int parts)
    {
        var first = taskClass.First!;
        if (first.Allowed == 0)
        {
            // It waits for a limit, not for room: no node is kept from others for it.
            reservations.End(taskClass.Key);
            return false;
        }

        var given = 0;
        var most = 0;
        var fitting = Array.FindAll(candidates, n => n.Has(taskClass.Key.Labels.AsSpan()) && reservations.Room(n, first, 1, now) > 0);

        // Preferred nodes are filled before others get any, and a node that is kept for another class comes last.
        var tiers = fitting.GroupBy(n => (IsKept: reservations.IsKeptFrom(n.Id, taskClass.Key), Preferred: n.CountOf(taskClass.Key.Prefer.AsSpan())));
        foreach (var tier in tiers.OrderByDescending(t => t.Key.Preferred).ThenBy(t => t.Key.IsKept).Select(t => t.ToArray()).ToArray())
        {
            var room = tier.Sum(n => reservations.Room(n, first, WorkAhead.MaxLeases, now));
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

        if ((given == 0 || given < most) && taskClass.First is { Allowed: > 0 })
        {
            reservations.Make(taskClass, nodes.Values, candidates, now);
        }

        return given > 0;
    }

    /// <summary>
    /// First an equal share for each node that could take some, so that few tasks spread out; then whoever has room
    /// left.
    /// </summary>
    private int Spread(TaskClass taskClass, NodeRecord[] fitting, int waiting, int most)
    {
        var given = 0;
        var share = Math.Clamp((Math.Min(waiting, most) + fitting.Length - 1) / fitting.Length, 1, WorkAhead.MaxLeases);
        foreach (var node in fitting)
        {
            given += Give(taskClass, node, Math.Min(share, most - given));
        }

        foreach (var node in fitting)
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

        return given;
    }
}
