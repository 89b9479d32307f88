namespace Artel.Core;

/// <summary>How templates of one job wait for each other: what the end of tasks, or their new beginning, does to those that wait for them.</summary>
public sealed partial class ClusterState
{
    /// <summary>Tasks have ended: what waits for them may go on.</summary>
    private void FollowEnd(Template template, ReadOnlySpan<TaskRange> ended, TaskState state)
    {
        foreach (var (dependent, on) in template.Dependents)
        {
            if (!on.AnyOutcome && state != TaskState.Succeeded)
            {
                continue;
            }

            if (on.Each)
            {
                foreach (var offsets in ended)
                {
                    Unblock(dependent, offsets);
                }
            }
            else if (template.Meets(on))
            {
                Release(dependent);
            }
        }
    }

    /// <summary>Tasks that had ended run again: what takes any end of them, and has not started on it, waits again.</summary>
    /// <param name="endedBefore">Whether all tasks of the template had ended.</param>
    private void FollowReopening(Template template, ReadOnlySpan<TaskRange> reopened, bool endedBefore)
    {
        foreach (var (dependent, on) in template.Dependents)
        {
            if (on is { AnyOutcome: true, Each: true })
            {
                foreach (var offsets in reopened)
                {
                    Block(dependent, offsets);
                }
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
        if (--template.WaitingFor == 0 && !template.Job.IsPending)
        {
            template.Move(TaskState.Waiting, TaskState.Ready, template.OpenCount);
            _scheduler.Requeue(template);
            Reconsider(template.Job);
        }
    }

    /// <summary>A template has one thing more to wait for. What of it is in the hands of nodes goes on.</summary>
    private void HoldBack(Template template)
    {
        if (template.WaitingFor++ == 0 && !template.Job.IsPending)
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
            foreach (var fresh in template.Fresh.Within(unmet))
            {
                template.Fresh.Remove(fresh);
                template.Blocked.Add(fresh);
                template.Move(template.IsWaiting ? TaskState.Waiting : TaskState.Ready, TaskState.Waiting, fresh.Count);
            }

            // The others have a history.
            foreach (var task in template.Job.Histories.Within(template.NumbersAt(unmet)))
            {
                var offset = task - template.Spec.FirstTask;
                if (template.StateOf(offset) is TaskState.Ready or TaskState.Waiting
                    && !template.Job.BackingOff.Contains(task))
                {
                    Move(template, offset);
                }
            }
        }

        _scheduler.Requeue(template);
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
    private void SkipDependents(Template template, TaskRange offsets, DateTimeOffset now)
    {
        if (!template.Dependents.IsEmpty)
        {
            FollowUp(new Skipping(template, offsets), now);
        }
    }

    /// <summary>Revives what was skipped, once nothing that it needs is without success any more; that may free others in turn.</summary>
    /// <param name="offsets">Where the tasks are that were retried; others may be among them.</param>
    private void Revive(Template template, TaskRange offsets, DateTimeOffset now)
    {
        if (!template.Dependents.IsEmpty)
        {
            template.Job.Revivals++;
            FollowUp(new Reviving(template, offsets), now);
        }
    }

    /// <summary>Retries tasks that were skipped and that nothing in their job stands against any more.</summary>
    /// <param name="budget">
    /// How many ranges may be retried at most. The ranges found are subtracted: it is below 0 if some are left.
    /// </param>
    private int RetrySkipped(Template template, TaskRange offsets, ref int budget)
    {
        if (!template.HasSkipped || template.After().Any(a => a.On is { Each: false, AnyOutcome: false } && a.Template.HasUnsuccessful))
        {
            return 0;
        }

        var free = new IndexRanges();
        foreach (var range in template.EachEnded(TaskState.Skipped, offsets))
        {
            free.Add(range);
        }

        foreach (var (needed, _) in template.After().Where(a => a.On is { Each: true, AnyOutcome: false }))
        {
            foreach (var bad in needed.EachBad(offsets))
            {
                free.Remove(bad);
            }
        }

        var tasks = TaskSet.Of(free.Ranges.Take(Math.Max(1, budget)).Select(template.NumbersAt));
        budget -= free.RangeCount;
        if (!tasks.IsEmpty)
        {
            Emit(new TasksRetried(template.Job.Id, tasks, TaskState.Skipped));
        }

        return tasks.Count;
    }

    private static string NeedsSuccessOf(Template needed) =>
        $"skipped: it needs {NameOf(needed)}, which did not succeed";

    /// <summary>
    /// Skips retried tasks again if something that they need was not retried. Does not skip their own dependents.
    /// </summary>
    private int SkipHopeless(Template template, TaskRange offsets, DateTimeOffset now)
    {
        var skipped = 0;
        foreach (var (needed, on) in template.After().Where(a => !a.On.AnyOutcome && a.Template.HasUnsuccessful))
        {
            IEnumerable<TaskRange> parts = on.Each ? needed.EachBad(offsets) : [offsets];
            var open = parts.SelectMany(part => template.OpenWithin(part, int.MaxValue)).Select(template.NumbersAt);
            skipped += End(template.Job, open, TaskState.Skipped, NeedsSuccessOf(needed), now);
        }

        return skipped;
    }
}
