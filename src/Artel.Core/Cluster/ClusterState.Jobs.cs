namespace Artel.Core;

public sealed partial class ClusterState
{
    /// <summary>Takes a job in. The caller has checked the spec.</summary>
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

        var cancelled = 0;
        foreach (var (template, offsets) in Parts(job, tasks))
        {
            foreach (var (offset, attempt) in template.InFlight.Where(a => Contains(offsets, a.Key)).ToArray())
            {
                if (attempt.State == TaskState.Leased)
                {
                    Emit(Return(attempt, revoked: true));
                }
                else if (!attempt.CancelRequested)
                {
                    Emit(new CancelRequested(attempt.Lease, attempt.Task, attempt.Node.Id));
                    cancelled++;
                }
            }

            cancelled += EndUnstarted(template, offsets, TaskState.Cancelled, "cancelled", now);
        }

        EndIfDone(job, now);
        return cancelled;
    }

    /// <summary>Makes failed and cancelled tasks of an unfinished job start again, with their retries restored, and what was skipped because of them.</summary>
    /// <returns>How many, or null where there is no such unfinished job: <see cref="Reopen"/> it.</returns>
    public int? Retry(JobId id, IReadOnlyList<TaskRange> tasks, DateTimeOffset now)
    {
        if (!_jobs.TryGetValue(id, out var job))
        {
            return null;
        }

        var retried = 0;
        foreach (var (template, offsets) in Parts(job, tasks))
        {
            retried += RetryEnded(template, offsets, TaskState.Failed) + RetryEnded(template, offsets, TaskState.Cancelled);
        }

        // What was skipped comes along, whoever was named, once nothing that it needs has failed; that may free others in turn.
        while (job.Templates.FirstOrDefault(t => !t.Skipped.IsEmpty && t.Spec.After.All(a => !HasFailed(job.Templates[a]))) is { } free)
        {
            retried += RetryEnded(free, new TaskRange(0, free.Spec.Count - 1), TaskState.Skipped);
        }

        foreach (var template in job.Templates.Where(HasFailed))
        {
            SkipDependents(template, now);
        }

        EndIfDone(job, now);
        return retried;
    }

    /// <summary>Takes an ended job back into memory and retries its tasks.</summary>
    /// <returns>How many tasks start again. Where that is none, the job stays ended.</returns>
    public int Reopen(JobSnapshot snapshot, IReadOnlyList<TaskRange> tasks, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        if (_jobs.ContainsKey(snapshot.Job))
        {
            return Retry(snapshot.Job, tasks, now)!.Value;
        }

        Restore(snapshot, now);
        var before = _changes.Count;
        _changes.Add(new JobReopened(snapshot.Job));
        var retried = Retry(snapshot.Job, tasks, now)!.Value;
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
        var ranges = template.Ended(from).Within(offsets).ToArray();
        foreach (var range in ranges)
        {
            Emit(new TasksRetried(template.Job.Id, new TaskRange(template.Spec.FirstTask + range.First, template.Spec.FirstTask + range.Last), from));
        }

        return ranges.Sum(r => r.Count);
    }

    private static bool HasFailed(Template template) => !template.Failed.IsEmpty || !template.Cancelled.IsEmpty || !template.Skipped.IsEmpty;

    private static bool Contains(TaskRange range, int number) => number >= range.First && number <= range.Last;

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

    /// <summary>Ends all tasks of a range that have not ended and are not in flight, and skips what needs them.</summary>
    private int EndUnstarted(Template template, TaskRange offsets, TaskState state, string reason, DateTimeOffset now)
    {
        var open = new IndexRanges(offsets.First, offsets.Last);
        foreach (var ended in (ReadOnlySpan<IndexRanges>)[template.Succeeded, template.Failed, template.Cancelled, template.Skipped])
        {
            foreach (var range in ended.Within(offsets).ToArray())
            {
                open.Remove(range);
            }
        }

        foreach (var inFlight in template.InFlight.Keys)
        {
            open.Remove(inFlight);
        }

        foreach (var range in open.Ranges.ToArray())
        {
            var tasks = new TaskRange(template.Spec.FirstTask + range.First, template.Spec.FirstTask + range.Last);
            Emit(new TasksEnded(template.Job.Id, tasks, state, reason, now));
        }

        if (!open.IsEmpty)
        {
            SkipDependents(template, now);
        }

        return open.Count;
    }

    private void SkipDependents(Template template, DateTimeOffset now)
    {
        foreach (var dependent in template.Dependents)
        {
            EndUnstarted(dependent, new TaskRange(0, dependent.Spec.Count - 1), TaskState.Skipped, $"skipped: it needs {NameOf(template)}, which did not succeed", now);
        }
    }

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
