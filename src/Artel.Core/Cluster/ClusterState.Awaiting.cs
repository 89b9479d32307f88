using System.Collections.Immutable;

namespace Artel.Core;

/// <summary>How jobs wait for other jobs and for times.</summary>
public sealed partial class ClusterState
{
    /// <summary>
    /// Jobs that others wait for, with the waiting jobs by the task that they wait for; 0 stands for the whole job. So
    /// the end of a task costs nothing for jobs that wait for something else.
    /// </summary>
    private readonly Dictionary<JobId, SortedDictionary<int, List<Job>>> _awaited = [];

    /// <summary>How often waiting jobs were checked. For tests.</summary>
    internal long LooksAtWaiting { get; private set; }

    /// <summary>When jobs start or are over.</summary>
    private readonly PriorityQueue<JobId, DateTimeOffset> _moments = new();

    /// <summary>Jobs of which tasks have ended, while it is looked what follows. A queue, since a chain of jobs may be long.</summary>
    private readonly Queue<Job> _toFollow = new();

    /// <summary>What a job waits for that is of no unfinished job: how that ended is to be given to the submission.</summary>
    public IEnumerable<JobDependency> Elsewhere(JobSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        return spec.After.Where(d => !_jobs.ContainsKey(d.Job));
    }

    /// <summary>What of the job's dependencies has not ended, and the first one that did not end as it must.</summary>
    private (ImmutableArray<JobDependency> Open, JobDependency? Hopeless) Judge(JobSpec spec, IReadOnlyDictionary<JobDependency, bool> elsewhere)
    {
        var open = ImmutableArray.CreateBuilder<JobDependency>();
        foreach (var on in spec.After.Distinct())
        {
            switch (_jobs.TryGetValue(on.Job, out var job) ? OutcomeOf(job, on) : on.AnyOutcome || elsewhere[on])
            {
                case null:
                    open.Add(on);
                    break;
                case false:
                    return ([], on);
                default:
                    break;
            }
        }

        return (open.ToImmutable(), null);
    }

    /// <summary>Whether a job, or a task of it, has ended as it must; null where it has not ended.</summary>
    private static bool? OutcomeOf(Job job, JobDependency on)
    {
        if (on.Task == 0)
        {
            return !job.IsOver ? null : on.AnyOutcome || job.State == JobState.Succeeded;
        }

        var template = job.TemplateOf(on.Task);
        var state = template.StateOf(on.Task - template.Spec.FirstTask);
        return state.HasEnded() ? on.AnyOutcome || state == TaskState.Succeeded : null;
    }

    /// <summary>Notes what a job waits for, and when it is over.</summary>
    private void Await(Job job)
    {
        NoteAwaited(job);
        if (job.WaitsUntil is { } start)
        {
            _moments.Enqueue(job.Id, start);
        }

        if (job.Spec.Deadline is { } deadline)
        {
            _moments.Enqueue(job.Id, deadline);
        }
    }

    private void NoteAwaited(Job job)
    {
        foreach (var (other, task) in job.Awaits.Select(a => (a.Job, a.Task)).Distinct())
        {
            if (!_awaited.TryGetValue(other, out var byTask))
            {
                _awaited[other] = byTask = [];
            }

            if (!byTask.TryGetValue(task, out var waiting))
            {
                byTask[task] = waiting = [];
            }

            waiting.Add(job);
        }
    }

    private void AwaitNoMore(Job job)
    {
        foreach (var on in job.Awaits)
        {
            AwaitNoMore(job, on);
        }

        _awaited.Remove(job.Id);
    }

    private void AwaitNoMore(Job job, JobDependency on)
    {
        if (_awaited.TryGetValue(on.Job, out var byTask) && byTask.TryGetValue(on.Task, out var waiting)
            && waiting.Remove(job) && waiting.Count == 0)
        {
            byTask.Remove(on.Task);
            if (byTask.Count == 0)
            {
                _awaited.Remove(on.Job);
            }
        }
    }

    /// <summary>Notes the tasks that have just ended and that other jobs wait for.</summary>
    private void NoteEnded(Template template, ReadOnlySpan<TaskRange> ended)
    {
        if (_awaited.Count == 0 || !_awaited.TryGetValue(template.Job.Id, out var byTask))
        {
            return;
        }

        if (ended.Length == 1 && ended[0].Count == 1)
        {
            // The end of one attempt: the usual case, however many jobs wait.
            var one = template.NumberAt(ended[0].First);
            if (byTask.ContainsKey(one))
            {
                (template.Job.EndedAwaited ??= []).Add(one);
            }

            return;
        }

        foreach (var task in byTask.Keys)
        {
            var offset = task - template.Spec.FirstTask;
            if (task > 0 && offset >= 0 && offset < template.Spec.Count && Holds(ended, offset))
            {
                (template.Job.EndedAwaited ??= []).Add(task);
            }
        }
    }

    private static bool Holds(ReadOnlySpan<TaskRange> ranges, int offset)
    {
        var (low, high) = (0, ranges.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = ranges[middle].Last < offset ? (middle + 1, high) : (low, middle);
        }

        return low < ranges.Length && ranges[low].First <= offset;
    }

    private void Apply(DependencyMet met)
    {
        var job = _jobs[met.Job];
        job.Awaits.Remove(met.On);
        if (!job.Awaits.Any(a => a.Job == met.On.Job && a.Task == met.On.Task))
        {
            AwaitNoMore(job, met.On);
        }

        ReleaseUnlessPending(job);
    }

    private void ReleaseUnlessPending(Job job)
    {
        if (!job.IsPending)
        {
            job.CountPending();
            _scheduler.Requeue(job);
            Reconsider(job);
        }
    }

    /// <summary>Starts of jobs whose time has come, and the ends of those whose deadline is over.</summary>
    private void FollowTime(DateTimeOffset now)
    {
        while (_moments.TryPeek(out var id, out var due) && due <= now)
        {
            _moments.Dequeue();
            if (!_jobs.TryGetValue(id, out var job))
            {
                continue;
            }

            if (job.WaitsUntil <= now)
            {
                Emit(new StartTimeReached(id));
                EndIfEmpty(job, now);
            }

            if (job.Spec.Deadline <= now)
            {
                GiveUp(job, "its job's deadline is over", now);
            }
        }
    }

    /// <summary>Tasks of a job have ended: other jobs may go on, or can not any more, and the job may be over, which may end others in turn.</summary>
    private void Follow(Job job, DateTimeOffset now)
    {
        _toFollow.Enqueue(job);
        if (_toFollow.Count > 1)
        {
            // Being worked through further up.
            return;
        }

        while (_toFollow.TryPeek(out var next))
        {
            TellWaiting(next, now);
            if (next.IsOver && next != _retrying && _jobs.ContainsKey(next.Id))
            {
                Emit(new JobEnded(next.Id, next.State, next.Counts, now));
            }

            _toFollow.Dequeue();
        }
    }

    /// <summary>Ends a job without tasks if it no longer waits for anything.</summary>
    private void EndIfEmpty(Job job, DateTimeOffset now)
    {
        if (job is { Spec.TaskCount: 0, IsOver: true })
        {
            Follow(job, now);
        }
    }

    private void TellWaiting(Job job, DateTimeOffset now)
    {
        var ended = job.EndedAwaited;
        job.EndedAwaited = null;
        if ((ended is null && job.Unfinished > 0) || !_awaited.TryGetValue(job.Id, out var byTask))
        {
            return;
        }

        foreach (var task in job.Unfinished == 0 ? byTask.Keys.ToArray() : ended!.ToArray())
        {
            foreach (var waiting in byTask.GetValueOrDefault(task)?.ToArray() ?? [])
            {
                LooksAtWaiting++;
                foreach (var on in waiting.Awaits.Where(a => a.Job == job.Id && a.Task == task).ToArray())
                {
                    switch (waiting.IsOver ? null : OutcomeOf(job, on))
                    {
                        case true:
                            Emit(new DependencyMet(waiting.Id, on));
                            EndIfEmpty(waiting, now);
                            break;
                        case false:
                            SkipAll(waiting, on, now);
                            break;
                        default:
                            break;
                    }
                }
            }
        }
    }

    private void SkipAll(Job job, JobDependency on, DateTimeOffset now)
    {
        var needed = on.Task == 0 ? $"job {on.Job}" : $"task {new TaskId(on.Job, on.Task)}";
        // In this turn: the job that it waits for has ended, and a server that starts again does not know it any more.
        var open = job.Templates.SelectMany(t => t.OpenWithin(t.All, int.MaxValue).Select(t.NumbersAt));
        End(job, open, TaskState.Skipped, $"skipped: it needs {needed}, which did not succeed", now);

        job.IsGivenUp = job.Spec.TaskCount == 0;
        Follow(job, now);
    }
}
