using System.Collections.Immutable;

namespace Artel.Core;

/// <summary>
/// Changes of the terms of unfinished jobs. Attempts keep the terms that they were granted with
/// (<see cref="Attempt.Spec"/>). Attempts that are granted later, retries too, get the new ones.
/// </summary>
public sealed partial class ClusterState
{
    /// <summary>Why the terms of a job cannot be changed, for people; null if they can.</summary>
    /// <param name="spec">The same tasks with other terms.</param>
    /// <param name="elsewhere">Whether what <see cref="Elsewhere"/> gave has succeeded.</param>
    public string? WhyNotRevise(JobId id, JobSpec spec, IReadOnlyDictionary<JobDependency, bool> elsewhere)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(elsewhere);
        if (!_jobs.TryGetValue(id, out var job))
        {
            return $"job {id} has ended: nothing of it is left to start";
        }

        if (spec.After.SequenceEqual(job.Spec.After))
        {
            return null;
        }

        if (job.Started is not null)
        {
            return $"job {id} has started: it waits for no other job any more";
        }

        if (spec.After.Select(on => on.Job).FirstOrDefault(on => LeadsTo(on, id)) is { Value: > 0 } circle)
        {
            return circle == id
                ? $"job {id} cannot wait for itself"
                : $"job {id} cannot wait for job {circle}, which waits for job {id}";
        }

        if (Judge(spec, elsewhere).Hopeless is not { } unmet)
        {
            return null;
        }

        var what = unmet.Task == 0 ? $"job {unmet.Job}" : $"task {new TaskId(unmet.Job, unmet.Task)}";
        return $"{what} did not succeed, so job {id} would be skipped: cancel it, or wait for any end";
    }

    /// <summary>Revises an unfinished job. Call <see cref="WhyNotRevise"/> first, in the same turn.</summary>
    /// <param name="document">The submission with the new terms.</param>
    /// <param name="detail">What has changed, for people.</param>
    public void Revise(
        JobId id, JobSpec spec, ReadOnlyMemory<byte> document, string detail,
        IReadOnlyDictionary<JobDependency, bool> elsewhere)
    {
        ArgumentNullException.ThrowIfNull(spec);
        var job = _jobs[id];
        Emit(new JobRevised(id, spec, document, detail)
        {
            UpTo = new Lease(Epoch, _lastSequence),
            Grown = document.Length - job.Document.Length,
            Awaits = spec.After.SequenceEqual(job.Spec.After) ? [.. job.Awaits] : Judge(spec, elsewhere).Open,
        });
        if (job.IsOver)
        {
            // A job without tasks that no longer waits for anything.
            _followups.Enqueue(new Ending(job));
        }
    }

    private void Apply(JobRevised revised)
    {
        var job = _jobs[revised.Job];
        _scheduler.Dequeue(job);
        job.Revise(revised.Spec, revised.Document);
        job.Kind = _kinds.Of(revised.Spec);
        job.User.StoredBytes += revised.Grown;
        SetLimits(job);
        Await(job, revised.Awaits);
        _scheduler.Requeue(job);
        Reconsider(job);
        _scheduler.LookAgain();
    }

    /// <summary>Replaces the jobs and tasks that a job waits for.</summary>
    private void Await(Job job, ImmutableArray<JobDependency> awaits)
    {
        var wasPending = job.IsPending;
        foreach (var on in job.Awaits)
        {
            AwaitNoMore(job, on);
        }

        job.Awaits.Clear();
        job.Awaits.UnionWith(awaits);
        NoteAwaited(job);
        if (wasPending != job.IsPending)
        {
            job.CountPending();
        }
    }

    /// <summary>True if a job is another one, or waits for it directly or through other jobs.</summary>
    private bool LeadsTo(JobId from, JobId to)
    {
        var seen = new HashSet<JobId> { from };
        var open = new Stack<JobId>(seen);
        while (open.TryPop(out var next))
        {
            if (next == to)
            {
                return true;
            }

            foreach (var on in _jobs.TryGetValue(next, out var job) ? job.Awaits : [])
            {
                if (seen.Add(on.Job))
                {
                    open.Push(on.Job);
                }
            }
        }

        return false;
    }
}
