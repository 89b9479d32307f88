using System.Collections.Immutable;

namespace Artel.Core;

/// <summary>How jobs wait for other jobs and for times.</summary>
public sealed partial class ClusterState
{
    /// <summary>Jobs that others wait for, or for a task of which they do, with those that wait.</summary>
    private readonly Dictionary<JobId, List<Job>> _awaited = [];

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
        foreach (var on in job.Awaits.Select(a => a.Job).Distinct())
        {
            if (!_awaited.TryGetValue(on, out var waiting))
            {
                _awaited[on] = waiting = [];
            }

            waiting.Add(job);
        }
    }

    private void AwaitNoMore(Job job)
    {
        foreach (var on in job.Awaits.Select(a => a.Job).Distinct())
        {
            _awaited.GetValueOrDefault(on)?.Remove(job);
        }

        _awaited.Remove(job.Id);
    }

    private void Apply(DependencyMet met)
    {
        var job = _jobs[met.Job];
        job.Awaits.Remove(met.On);
        if (!job.Awaits.Any(a => a.Job == met.On.Job))
        {
            _awaited[met.On.Job].Remove(job);
        }

        ReleaseUnlessPending(job);
    }

    private void ReleaseUnlessPending(Job job)
    {
        if (!job.IsPending)
        {
            foreach (var template in job.Templates)
            {
                Release(template);
            }
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
                Cancel(job, [], "its job's deadline is over", now);
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
            if (next.IsOver && _jobs.ContainsKey(next.Id))
            {
                Emit(new JobEnded(next.Id, next.State, next.Counts, now));
            }

            _toFollow.Dequeue();
        }
    }

    /// <summary>A job of no tasks ends when it waits for nothing any more.</summary>
    private void EndIfEmpty(Job job, DateTimeOffset now)
    {
        if (job is { Spec.TaskCount: 0, IsOver: true })
        {
            Follow(job, now);
        }
    }

    private void TellWaiting(Job job, DateTimeOffset now)
    {
        foreach (var waiting in _awaited.TryGetValue(job.Id, out var some) ? some.ToArray() : [])
        {
            foreach (var on in waiting.Awaits.Where(a => a.Job == job.Id).OrderBy(a => a.Task).ToArray())
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

    private void SkipAll(Job job, JobDependency on, DateTimeOffset now)
    {
        var needed = on.Task == 0 ? $"job {on.Job}" : $"task {new TaskId(on.Job, on.Task)}";
        foreach (var template in job.Templates)
        {
            EndOpen(template, template.All, TaskState.Skipped, $"skipped: it needs {needed}, which did not succeed", now);
        }

        job.IsGivenUp = job.Spec.TaskCount == 0;
        Follow(job, now);
    }
}
