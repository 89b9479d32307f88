namespace Artel.Core;

public sealed partial class ClusterState
{
    /// <summary>Takes a job in. The caller has checked the spec: no task waits for itself, through <c>after</c> or through the order of a list.</summary>
    public JobId Submit(JobSpec spec, ReadOnlyMemory<byte> document, string requestId, bool held, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(spec);
        var job = new JobId(_lastJob + 1);
        Emit(new JobSubmitted(job, spec, document, requestId, held, now));
        return job;
    }

    /// <summary>Cancels tasks of an unfinished job. What runs is asked to end; what does not run has ended when this returns.</summary>
    /// <returns>How many tasks that had not ended are cancelled or will be, or null where there is no such unfinished job.</returns>
    public int? Cancel(JobId id, IReadOnlyList<TaskRange> tasks, DateTimeOffset now)
    {
        if (!_jobs.TryGetValue(id, out var job))
        {
            return null;
        }

        // What is named is cancelled first, and only then what needs it is skipped: who cancels a whole job finds all of it cancelled.
        var cancelled = 0;
        var stopped = new List<Template>();
        foreach (var (template, offsets) in Parts(job, tasks))
        {
            foreach (var attempt in template.InFlightWithin(offsets))
            {
                // An exclusive one may be started already, unknown to us, and may be retried at once: its node must say that it is not.
                if (attempt.State == TaskState.Leased && !template.Spec.Exclusive)
                {
                    Emit(Return(attempt, revoked: true));
                }
                else if (!attempt.CancelRequested)
                {
                    Emit(new CancelRequested(attempt.Lease, attempt.Task, attempt.Node.Id));
                    cancelled++;
                }
            }

            if (EndOpen(template, offsets, TaskState.Cancelled, "cancelled", now) is > 0 and var ended)
            {
                cancelled += ended;
                stopped.Add(template);
            }
        }

        foreach (var template in stopped)
        {
            SkipDependents(template, now);
        }

        EndIfDone(job, now);
        return cancelled;
    }

    /// <summary>Makes failed and cancelled tasks of an unfinished job start again, with their retries restored, and what was skipped because of them.</summary>
    /// <param name="failedOnly">Cancelled ones stay so.</param>
    /// <returns>How many, or null where there is no such unfinished job: <see cref="Reopen"/> it.</returns>
    public int? Retry(JobId id, IReadOnlyList<TaskRange> tasks, DateTimeOffset now, bool failedOnly = false)
    {
        if (!_jobs.TryGetValue(id, out var job))
        {
            return null;
        }

        var retried = 0;
        var revived = new List<Template>();
        foreach (var (template, offsets) in Parts(job, tasks))
        {
            var some = RetryEnded(template, offsets, TaskState.Failed) + (failedOnly ? 0 : RetryEnded(template, offsets, TaskState.Cancelled));
            if (some > 0)
            {
                retried += some;
                revived.Add(template);
            }
        }

        retried += ReviveSkipped(revived);

        // Of what was named, some may need something that was not.
        foreach (var template in revived)
        {
            if (template.After().FirstOrDefault(t => t.HasUnsuccessful) is { } needed)
            {
                retried -= Skip(template, needed, now) + SkipDependents(template, now);
            }
        }

        EndIfDone(job, now);
        return retried;
    }

    /// <summary>Takes an ended job back into memory and retries its tasks.</summary>
    /// <returns>How many tasks start again. Where that is none, the job stays ended.</returns>
    public int Reopen(JobSnapshot snapshot, IReadOnlyList<TaskRange> tasks, DateTimeOffset now, bool failedOnly = false)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        if (_jobs.ContainsKey(snapshot.Job))
        {
            return Retry(snapshot.Job, tasks, now, failedOnly)!.Value;
        }

        Restore(snapshot, now);
        var before = _changes.Count;
        _changes.Add(new JobReopened(snapshot.Job));
        var retried = Retry(snapshot.Job, tasks, now, failedOnly)!.Value;
        if (retried == 0)
        {
            // Nothing to do again: the job ended at once, as it had before.
            _changes.RemoveRange(before, _changes.Count - before);
        }

        return retried;
    }

    /// <summary>Holds or releases an unfinished job. False where there is none.</summary>
    public bool Hold(JobId id, bool held)
    {
        if (!_jobs.TryGetValue(id, out var job))
        {
            return false;
        }

        if (job.Held != held)
        {
            Emit(new JobHeldOrReleased(id, held));
        }

        return true;
    }

    private int RetryEnded(Template template, TaskRange offsets, TaskState from)
    {
        var ranges = template.EndedWithin(from, offsets);
        foreach (var range in ranges)
        {
            Emit(new TasksRetried(template.Job.Id, template.NumbersAt(range), from));
        }

        return ranges.Sum(r => r.Count);
    }

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
                foreach (var dependent in revived[from].Dependents)
                {
                    candidates[dependent.Index] = dependent;
                }
            }

            foreach (var template in candidates.Values.Where(t => t.HasSkipped && !t.After().Any(a => a.HasUnsuccessful)))
            {
                tasks += RetryEnded(template, new TaskRange(0, template.Spec.Count - 1), TaskState.Skipped);
                revived.Add(template);
            }
        }

        return tasks;
    }

    /// <summary>The templates that named tasks belong to, with the named offsets; all where none is named.</summary>
    private static IEnumerable<(Template Template, TaskRange Offsets)> Parts(Job job, IReadOnlyList<TaskRange> tasks)
    {
        foreach (var range in tasks.Count > 0 ? tasks : [new TaskRange(1, job.Spec.TaskCount)])
        {
            var (first, last) = (Math.Max(1, range.First), Math.Min(job.Spec.TaskCount, range.Last));
            while (first <= last)
            {
                var template = job.TemplateOf(first);
                var end = Math.Min(last, template.Spec.Tasks.Last);
                yield return (template, new TaskRange(first - template.Spec.FirstTask, end - template.Spec.FirstTask));
                first = end + 1;
            }
        }
    }

    /// <summary>Ends all tasks of a range that have not ended and are not in flight. What needs them is not looked at.</summary>
    private int EndOpen(Template template, TaskRange offsets, TaskState state, string reason, DateTimeOffset now)
    {
        if (template.EndedCount + template.InFlightCount == template.Spec.Count)
        {
            return 0;
        }

        var open = new IndexRanges(offsets.First, offsets.Last);
        foreach (var end in EndStates)
        {
            foreach (var range in template.EndedWithin(end, offsets))
            {
                open.Remove(range);
            }
        }

        foreach (var attempt in template.InFlightWithin(offsets))
        {
            open.Remove(attempt.Offset);
        }

        foreach (var range in open.Ranges)
        {
            Emit(new TasksEnded(template.Job.Id, template.NumbersAt(range), state, reason, now));
        }

        return open.Count;
    }

    private static readonly TaskState[] EndStates = [TaskState.Succeeded, TaskState.Failed, TaskState.Cancelled, TaskState.Skipped];

    /// <summary>Skips all that needs a template some of whose tasks did not succeed, and what needs that in turn.</summary>
    private int SkipDependents(Template template, DateTimeOffset now)
    {
        var skipped = 0;
        var unsuccessful = new Queue<Template>([template]);
        while (unsuccessful.TryDequeue(out var needed))
        {
            foreach (var dependent in needed.Dependents)
            {
                if (Skip(dependent, needed, now) is > 0 and var some)
                {
                    skipped += some;
                    unsuccessful.Enqueue(dependent);
                }
            }
        }

        return skipped;
    }

    private int Skip(Template template, Template needed, DateTimeOffset now) => EndOpen(
        template, new TaskRange(0, template.Spec.Count - 1), TaskState.Skipped, $"skipped: it needs {NameOf(needed)}, which did not succeed", now);

    private void EndIfDone(Job job, DateTimeOffset now)
    {
        if (job.Unfinished == 0 && _jobs.ContainsKey(job.Id))
        {
            Emit(new JobEnded(job.Id, job.State, job.Counts, now));
        }
    }

    private static string NameOf(Template template) =>
        template.Spec.Name.Length > 0 ? $"'{template.Spec.Name}'" : template.Spec.Count == 1 ? $"task {template.Spec.FirstTask}" : $"tasks {template.Spec.FirstTask}-{template.Spec.Tasks.Last}";
}
