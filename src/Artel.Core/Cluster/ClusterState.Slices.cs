namespace Artel.Core;

/// <summary>What a slice of a command on many tasks has done.</summary>
/// <param name="Changed">How many tasks it changed.</param>
/// <param name="Rest">Tasks that were not looked at yet. Null: none.</param>
/// <param name="IsDone">False if the command is to be called again with the rest, even if there is none.</param>
public readonly record struct TaskSlice(int Changed, TaskRange? Rest, bool IsDone)
{
    /// <summary>What to call with if there is no rest and the command is not done.</summary>
    public static TaskRange Nothing { get; } = new(1, 0);
}

/// <summary>
/// Commands on many tasks, and what follows from the end of many, are done in slices, between which other commands
/// run. Each slice leaves a sound state, and is stored and answered like any command. A command is continued by its
/// caller. What follows by itself is continued by <see cref="Continue"/>, and found again by a start of the server.
/// </summary>
public sealed partial class ClusterState
{
    private readonly Queue<Followup> _followups = new();

    /// <summary>What of this turn is left for followups.</summary>
    private int _budget;

    private bool _isWorkingOff;

    /// <summary>True if there is more to do that follows from what has happened: take another turn soon.</summary>
    public bool HasFollowups => _followups.Count > 0;

    /// <summary>No slice handles fewer tasks than this, if there are as many.</summary>
    private int SmallestSlice => Math.Max(1, _rules.SliceWeight / 2);

    /// <summary>Begins a turn: does a slice of what follows from what has happened.</summary>
    public void Continue(DateTimeOffset now)
    {
        _budget = _rules.SliceWeight;
        WorkOff(now);
    }

    /// <summary>
    /// Puts something behind all that is to be done already, and does of that what this turn has room for.
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
            // What is being done further up goes on with it.
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
    /// The part of some tasks of a job that a slice handles: as many as it has room for, from the first or from the
    /// last one.
    /// </summary>
    /// <param name="weigh">What tasks of a template cost, counted no further than a number.</param>
    private TaskRange Slice(Job job, TaskSet tasks, TaskRange span, bool fromEnd, Func<Template, TaskRange, int, int> weigh)
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
            : fromEnd ? span with { First = span.Last - (int)size + 1 } : span with { Last = span.First + (int)size - 1 };

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
    /// The tasks that a command is about, and from which to which they reach; null if there are none.
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

    /// <summary>Something that follows from what has happened, in slices.</summary>
    private abstract class Followup
    {
        /// <summary>
        /// Does a part, by what is left of the budget, and some of it in any case. True if nothing is left to do.
        /// </summary>
        public abstract bool Run(ClusterState state, DateTimeOffset now);
    }

    /// <summary>What needs the success of tasks that did not succeed is skipped.</summary>
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

                // Since this was noted, the tasks may have been retried.
                foreach (var part in on.AnyOutcome || !needed.HasUnsuccessful ? [] : on.Each ? needed.EachBad(offsets) : [dependent.All])
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
                    // It may have more. What is skipped now is not found again.
                    break;
                }
            }

            if (skipped.Count > 0)
            {
                state.Emit(new TasksEnded(needed.Job.Id, TaskSet.Of(skipped), TaskState.Skipped, $"skipped: it needs {NameOf(needed)}, which did not succeed", now));
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

    /// <summary>What was skipped is revived, if nothing that it needs is without success any more.</summary>
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

    /// <summary>Whatever a node holds that does not come back to it is given up.</summary>
    private sealed class Losing(NodeRecord node, NodeCondition condition) : Followup
    {
        /// <summary>What one attempt that is given up costs, beside a range of tasks that end together.</summary>
        private const int Weight = 8;

        public override bool Run(ClusterState state, DateTimeOffset now)
        {
            // If the node has come back meanwhile, it has told what it still holds.
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
