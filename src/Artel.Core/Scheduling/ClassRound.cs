namespace Artel.Core;

/// <summary>One round of placing the classes: by priority, then users who have less before those who have more, then older jobs first.</summary>
/// <param name="candidates">Nodes that may have room, least busy first.</param>
internal sealed class ClassRound(
    List<TaskClass> classes, Dictionary<NodeId, NodeRecord> nodes, NodeRecord[] candidates, Reservations reservations, AvoidingRound avoiding,
    Action<Template, TaskRange, NodeRecord> grant, DateTimeOffset now)
{
    /// <summary>Where several users wait, what there is is shared out in so many parts for each.</summary>
    private const int Turns = 4;

    public void Place()
    {
        foreach (var equals in classes.GroupBy(c => c.Key.Priority).OrderByDescending(g => g.Key).Select(g => g.ToList()).ToArray())
        {
            avoiding.Place(equals[0].Key.Priority);

            // A limit may have been reached by what was just placed: then there is nothing of its class to be had any more.
            equals.RemoveAll(c => c.IsEmpty);
            var users = equals.Select(c => c.Key.User).Distinct().Count();
            if (users > 1)
            {
                TakeTurns(equals, users);
                continue;
            }

            foreach (var taskClass in equals.OrderBy(c => c.First!.Job.Id).ToArray().Where(c => !c.IsEmpty))
            {
                _ = Place(taskClass, 1);
            }
        }

        avoiding.Place(int.MinValue);
    }

    /// <summary>The user with the least in the hands of nodes gets something next, until nobody can get anything.</summary>
    private void TakeTurns(List<TaskClass> open, int users)
    {
        while (open.Count > 0)
        {
            var next = open.OrderBy(c => c.First!.Job.User.Millionths).ThenBy(c => c.First!.Job.Id).First();
            if (!Place(next, users * Turns))
            {
                open.Remove(next);
            }

            open.RemoveAll(c => c.IsEmpty);
        }
    }

    /// <summary>Gives tasks of the class to nodes. False where none could be given.</summary>
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

        // Nodes that are preferred are filled before others get any.
        foreach (var tier in fitting.GroupBy(n => n.CountOf(taskClass.Key.Prefer.AsSpan())).OrderByDescending(t => t.Key).Select(t => t.ToArray()).ToArray())
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

        if ((given == 0 || given < most) && taskClass.First is { Allowed: > 0 } && classes.Count > 1)
        {
            reservations.Make(taskClass, nodes.Values, now);
        }

        return given > 0;
    }

    /// <summary>First an equal share for each node that could take some, so that few tasks spread out; then whoever has room left.</summary>
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
