namespace Artel.Core;

/// <summary>How templates of one job wait for each other: what the end of tasks, or their new beginning, does to those that wait for them.</summary>
public sealed partial class ClusterState
{
    /// <summary>Tasks have ended: what waits for them may go on.</summary>
    private void FollowEnd(Template template, TaskRange offsets, TaskState state)
    {
        foreach (var (dependent, on) in template.Dependents)
        {
            if (!on.AnyOutcome && state != TaskState.Succeeded)
            {
                continue;
            }

            if (on.Each)
            {
                Unblock(dependent, offsets);
            }
            else if (template.Meets(on))
            {
                Release(dependent);
            }
        }
    }

    /// <summary>Tasks that had ended run again: what takes any end of them, and has not started on it, waits again.</summary>
    /// <param name="endedBefore">Whether all tasks of the template had ended.</param>
    private void FollowReopening(Template template, TaskRange offsets, bool endedBefore)
    {
        foreach (var (dependent, on) in template.Dependents)
        {
            if (on is { AnyOutcome: true, Each: true })
            {
                Block(dependent, offsets);
            }
            else if (on.AnyOutcome && endedBefore)
            {
                HoldBack(dependent);
            }
        }
    }

    /// <summary>A template has one thing less to wait for.</summary>
    private void Release(Template template)
    {
        if (--template.WaitingFor == 0)
        {
            template.Move(TaskState.Waiting, TaskState.Ready, template.OpenCount);
            _scheduler.Requeue(template);
            Reconsider(template.Job);
        }
    }

    /// <summary>A template has one thing more to wait for. What of it is in the hands of nodes goes on.</summary>
    private void HoldBack(Template template)
    {
        if (template.WaitingFor++ == 0)
        {
            template.Move(TaskState.Ready, TaskState.Waiting, template.OpenCount);
            _scheduler.Requeue(template);
        }
    }

    /// <summary>Tasks of an array whose elements have ended may start, as far as nothing else is in their way.</summary>
    private void Unblock(Template template, TaskRange offsets)
    {
        foreach (var blocked in template.BlockedWithin(offsets))
        {
            var free = new IndexRanges(blocked.First, blocked.Last);
            foreach (var unmet in template.UnmetWithin(blocked).Ranges)
            {
                free.Remove(unmet);
            }

            foreach (var range in free.Ranges)
            {
                template.Blocked.Remove(range);
                OpenFresh(template, range, TaskState.Waiting);
                foreach (var task in template.Job.Histories.Within(template.NumbersAt(range)))
                {
                    Move(template, task - template.Spec.FirstTask);
                }
            }
        }

        _scheduler.Requeue(template);
    }

    /// <summary>Tasks of an array whose elements run again wait for them, unless they are in the hands of a node, or wait for a retry.</summary>
    private void Block(Template template, TaskRange offsets)
    {
        foreach (var unmet in template.UnmetWithin(offsets).Ranges)
        {
            for (var offset = unmet.First; offset <= unmet.Last; offset++)
            {
                if (template.StateOf(offset) is TaskState.Ready or TaskState.Waiting && !template.Job.BackingOff.Contains(template.NumberAt(offset)))
                {
                    Move(template, offset);
                }
            }
        }
    }

    /// <summary>Puts tasks that are in no set where those are that were never tried.</summary>
    /// <param name="from">The state they are counted in.</param>
    private static void OpenFresh(Template template, TaskRange offsets, TaskState from)
    {
        var unmet = template.UnmetWithin(offsets);
        template.Fresh.Add(offsets);
        foreach (var range in unmet.Ranges)
        {
            template.Fresh.Remove(range);
            template.Blocked.Add(range);
        }

        var waiting = template.IsWaiting ? offsets.Count : unmet.Count;
        template.Move(from, TaskState.Waiting, waiting);
        template.Move(from, TaskState.Ready, offsets.Count - waiting);
    }

    /// <summary>Skips all that needs the success of tasks that did not succeed, and what needs that in turn.</summary>
    /// <param name="offsets">Where the tasks are that did not succeed; others may be among them.</param>
    private int SkipDependents(Template template, TaskRange offsets, DateTimeOffset now)
    {
        var skipped = 0;
        var unsuccessful = new Queue<(Template Template, TaskRange Offsets)>([(template, offsets)]);
        while (unsuccessful.TryDequeue(out var bad))
        {
            // A copy: what is skipped is applied at once.
            foreach (var (dependent, on) in bad.Template.Dependents.ToArray())
            {
                foreach (var part in on.AnyOutcome ? [] : on.Each ? bad.Template.BadWithin(bad.Offsets) : [dependent.All])
                {
                    if (Skip(dependent, part, bad.Template, now) is > 0 and var some)
                    {
                        skipped += some;
                        unsuccessful.Enqueue((dependent, part));
                    }
                }
            }
        }

        return skipped;
    }

    private int Skip(Template template, TaskRange offsets, Template needed, DateTimeOffset now) =>
        EndOpen(template, offsets, TaskState.Skipped, $"skipped: it needs {NameOf(needed)}, which did not succeed", now);

    /// <summary>Revives what was skipped, once nothing that it needs is without success any more; that may free others in turn.</summary>
    /// <param name="revived">Templates with tasks that were retried. Those that are revived are added.</param>
    private int ReviveSkipped(List<Template> revived)
    {
        var tasks = 0;
        for (var from = 0; from < revived.Count;)
        {
            var candidates = new SortedDictionary<int, Template>();
            for (var upTo = revived.Count; from < upTo; from++)
            {
                foreach (var (dependent, _) in revived[from].Dependents)
                {
                    candidates[dependent.Index] = dependent;
                }
            }

            foreach (var template in candidates.Values)
            {
                if (RetrySkipped(template, template.All) is > 0 and var some)
                {
                    tasks += some;
                    revived.Add(template);
                }
            }
        }

        return tasks;
    }

    /// <summary>Retries tasks that were skipped and that nothing in their job stands against any more.</summary>
    private int RetrySkipped(Template template, TaskRange offsets)
    {
        if (!template.HasSkipped || template.After().Any(a => a.On is { Each: false, AnyOutcome: false } && a.Template.HasUnsuccessful))
        {
            return 0;
        }

        var free = new IndexRanges();
        foreach (var range in template.EndedWithin(TaskState.Skipped, offsets))
        {
            free.Add(range);
        }

        foreach (var (needed, _) in template.After().Where(a => a.On is { Each: true, AnyOutcome: false }))
        {
            foreach (var bad in needed.BadWithin(offsets))
            {
                free.Remove(bad);
            }
        }

        foreach (var range in free.Ranges.ToArray())
        {
            Emit(new TasksRetried(template.Job.Id, template.NumbersAt(range), TaskState.Skipped));
        }

        return free.Count;
    }

    /// <summary>Skips again what was retried although something that it needs was not.</summary>
    private int SkipHopeless(Template template, DateTimeOffset now)
    {
        var skipped = 0;
        foreach (var (needed, on) in template.After().Where(a => !a.On.AnyOutcome && a.Template.HasUnsuccessful))
        {
            foreach (var part in on.Each ? needed.BadWithin(needed.All) : [template.All])
            {
                skipped += Skip(template, part, needed, now) + SkipDependents(template, part, now);
            }
        }

        return skipped;
    }
}
