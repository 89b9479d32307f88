namespace Artel.Core;

/// <summary>What a slice of a command on many tasks has done.</summary>
/// <param name="Changed">How many tasks it changed.</param>
/// <param name="Rest">Tasks that are left to look at; null if there are none.</param>
/// <param name="IsDone">False if the command must be called again, even if no tasks are left.</param>
public readonly record struct TaskSlice(int Changed, TaskRange? Rest, bool IsDone)
{
    /// <summary>The argument of the next call if no tasks are left and the command is not done.</summary>
    public static TaskRange Nothing { get; } = new(1, 0);
}

/// <summary>
/// Commands on many tasks, and what follows from the end of many tasks, are done in slices. Other commands run between
/// two slices. Each slice leaves a sound state, and is stored and answered like any command. The caller of a command
/// continues it. <see cref="Continue"/> continues what follows by itself (see <see cref="Followup"/>), and a server
/// that starts again finds it again, except tasks that are still to be revived.
/// </summary>
public sealed partial class ClusterState
{
    private readonly Queue<Followup> _followups = new();

    /// <summary>How much of this turn is left for followups, in ranges of tasks.</summary>
    private int _budget;

    private bool _isWorkingOff;

    /// <summary>True if followups are left: take another turn soon.</summary>
    public bool HasFollowups => _followups.Count > 0;

    /// <summary>A slice handles at least this many tasks, if that many are left.</summary>
    private int SmallestSlice => Math.Max(1, _rules.SliceWeight / 2);

    /// <summary>Begins a turn and does a slice of the followups.</summary>
    public void Continue(DateTimeOffset now)
    {
        _budget = _rules.SliceWeight;
        WorkOff(now);
    }

    /// <summary>
    /// Adds a followup to the end of the queue, and works the queue off as far as the budget of this turn allows.
    /// </summary>
    private void FollowUp(Followup followup, DateTimeOffset now)
    {
        _followups.Enqueue(followup);
        WorkOff(now);
    }

    private void WorkOff(DateTimeOffset now)
    {
        if (_isWorkingOff)
        {
            // The loop further up the stack goes on with it.
            return;
        }

        _isWorkingOff = true;
        while (_budget > 0 && _followups.TryPeek(out var next))
        {
            if (next.Run(this, now))
            {
                _followups.Dequeue();
            }
        }

        _isWorkingOff = false;
    }

    /// <summary>
    /// The part of some tasks of a job that one slice handles, taken from the first task on or from the last one back.
    /// </summary>
    /// <param name="weigh">What tasks of a template cost, counted up to a number.</param>
    private TaskRange Slice(
        Job job, TaskSet tasks, TaskRange span, bool fromEnd, Func<Template, TaskRange, int, int> weigh)
    {
        var slice = Part(SmallestSlice);
        for (long size = 2L * SmallestSlice; slice != span; size *= 2)
        {
            var larger = Part(size);
            if (Weight(larger) >= _rules.SliceWeight)
            {
                break;
            }

            slice = larger;
        }

        return slice;

        TaskRange Part(long size) => size >= span.Count ? span
            : fromEnd ? span with { First = span.Last - (int)size + 1 }
            : span with { Last = span.First + (int)size - 1 };

        int Weight(TaskRange within)
        {
            var weight = 0;
            foreach (var (template, offsets) in job.Parts(tasks.Within(within)))
            {
                weight += 1 + weigh(template, offsets, _rules.SliceWeight - weight);
                if (weight >= _rules.SliceWeight)
                {
                    break;
                }
            }

            return weight;
        }
    }

    /// <summary>
    /// The tasks that a command names, and the span of those that are left; the span is null if none are left.
    /// </summary>
    private static (TaskSet Tasks, TaskRange? Span) Named(Job job, TaskSet tasks, TaskRange? within)
    {
        var named = tasks.IsEmpty ? new TaskRange(1, job.Spec.TaskCount) : tasks;
        var (first, last) = (Math.Max(1, named.First), Math.Min(job.Spec.TaskCount, named.Last));
        if (within is { } some)
        {
            (first, last) = (Math.Max(first, some.First), Math.Min(last, some.Last));
        }

        return (named, first > last ? null : new TaskRange(first, last));
    }

    /// <summary>Work that follows from an event without a command, done in slices.</summary>
    private abstract class Followup
    {
        /// <summary>
        /// Does as much as the budget allows, but at least one step. Returns true if nothing is left to do.
        /// </summary>
        public abstract bool Run(ClusterState state, DateTimeOffset now);
    }

    /// <summary>Skips what needs the success of tasks that did not succeed.</summary>
    /// <param name="offsets">Where the tasks are that did not succeed; others may be among them.</param>
    private sealed class Skipping(Template needed, TaskRange offsets) : Followup
    {
        private int _next;

        public override bool Run(ClusterState state, DateTimeOffset now)
        {
            if (!state.IsHere(needed.Job))
            {
                return true;
            }

            var skipped = new List<TaskRange>();
            var begun = new List<(Template, TaskRange)>();
            for (var dependents = needed.Dependents; _next < dependents.Length && state._budget > 0; _next++)
            {
                var (dependent, on) = dependents[_next];
                state._budget--;

                if (on.AnyOutcome || !needed.HasUnsuccessful)
                {
                    // Since this was queued, the tasks may have been retried.
                    continue;
                }

                IEnumerable<TaskRange> parts = on.Each ? needed.EachBad(offsets) : [dependent.All];
                foreach (var part in parts)
                {
                    var before = skipped.Count;
                    skipped.AddRange(dependent.OpenWithin(part, state._budget + 1).Select(dependent.NumbersAt));
                    state._budget -= skipped.Count - before;
                    if (skipped.Count > before)
                    {
                        begun.Add((dependent, part));
                    }

                    if (state._budget < 0)
                    {
                        break;
                    }
                }

                if (state._budget < 0)
                {
                    // More may be left. The next call does not find again what is skipped now.
                    break;
                }
            }

            if (skipped.Count > 0)
            {
                state.End(needed.Job, skipped, TaskState.Skipped, NeedsSuccessOf(needed), now);
                foreach (var (dependent, part) in begun)
                {
                    state.SkipDependents(dependent, part, now);
                }
            }

            var done = _next == needed.Dependents.Length;
            if (done || skipped.Count > 0)
            {
                state.Follow(needed.Job, now);
            }

            return done;
        }
    }

    /// <summary>Retries skipped tasks that no longer need anything that did not succeed.</summary>
    /// <param name="offsets">Where the tasks are that run again; others may be among them.</param>
    private sealed class Reviving(Template needed, TaskRange offsets) : Followup
    {
        private int _next;

        public override bool Run(ClusterState state, DateTimeOffset now)
        {
            if (!state.IsHere(needed.Job))
            {
                return true;
            }

            for (var dependents = needed.Dependents; _next < dependents.Length && state._budget > 0; _next++)
            {
                var (dependent, on) = dependents[_next];
                state._budget--;
                var part = on.Each ? offsets : dependent.All;
                if (state.RetrySkipped(dependent, part, ref state._budget) is > 0 and var some)
                {
                    needed.Job.Revived += some;
                    state.Revive(dependent, part, now);
                }

                if (state._budget < 0)
                {
                    return false;
                }
            }

            var done = _next == needed.Dependents.Length;
            needed.Job.Revivals -= done ? 1 : 0;
            return done;
        }
    }

    /// <summary>A job without tasks ends when it no longer waits for anything.</summary>
    private sealed class Ending(Job job) : Followup
    {
        public override bool Run(ClusterState state, DateTimeOffset now)
        {
            if (state.IsHere(job))
            {
                state.EndIfEmpty(job, now);
            }

            return true;
        }
    }

    /// <summary>Gives up the leases of a node that is lost or stopped.</summary>
    private sealed class Losing(NodeRecord node, NodeCondition condition) : Followup
    {
        /// <summary>The cost of giving up one attempt; a range of tasks that end together costs 1.</summary>
        private const int Weight = 8;

        public override bool Run(ClusterState state, DateTimeOffset now)
        {
            // If the node has come back meanwhile, it has reported what it still holds.
            if (!state._nodes.TryGetValue(node.Id, out var there) || there != node || node.Condition != condition)
            {
                return true;
            }

            var most = Math.Max(1, state._budget / Weight);
            state._budget -= Weight * Math.Min(most, node.Attempts.Count);
            state.LoseSome(node, condition, most, now);
            return node.Attempts.Count == 0;
        }
    }
}
