namespace Artel.Core;

public sealed partial class ClusterState
{
    private static readonly Dictionary<JobDependency, bool> Nowhere = [];

    /// <summary>What the next <see cref="JobSubmitted"/> is made of, where it was built before.</summary>
    private PreparedJob? _prepared;

    /// <summary>Takes a job in. The caller has checked the spec: no task waits for itself, through <c>after</c> or through the order of a list.</summary>
    /// <param name="elsewhere">Whether what <see cref="Elsewhere"/> gave has succeeded.</param>
    public JobId Submit(
        JobSpec spec, ReadOnlyMemory<byte> document, string requestId, bool held, DateTimeOffset now,
        IReadOnlyDictionary<JobDependency, bool>? elsewhere = null)
    {
        ArgumentNullException.ThrowIfNull(spec);
        return Submit(new PreparedJob(spec), document, requestId, held, now, elsewhere);
    }

    /// <summary>Takes a job in that was built before: what is left to do here costs little for each of its templates.</summary>
    public JobId Submit(
        PreparedJob prepared, ReadOnlyMemory<byte> document, string requestId, bool held, DateTimeOffset now,
        IReadOnlyDictionary<JobDependency, bool>? elsewhere = null)
    {
        ArgumentNullException.ThrowIfNull(prepared);
        var job = new JobId(_lastJob + 1);
        var (open, hopeless) = Judge(prepared.Spec, elsewhere ?? Nowhere);
        _prepared = prepared;
        Emit(new JobSubmitted(job, prepared.Spec, document, requestId, held, now) { Awaits = open });
        _prepared = null;
        if (hopeless is { } on)
        {
            SkipAll(_jobs[job], on, now);
        }
        else
        {
            EndIfEmpty(_jobs[job], now);
        }

        return job;
    }

    /// <summary>Cancels tasks of an unfinished job. What runs is asked to end; what does not run has ended when this returns.</summary>
    /// <returns>How many tasks that had not ended are cancelled or will be, or null where there is no such unfinished job.</returns>
    /// <param name="states">Only tasks in these states; in any where there are none.</param>
    /// <param name="by">Who cancels them; empty if that is not known.</param>
    public int? Cancel(JobId id, IReadOnlyList<TaskRange> tasks, DateTimeOffset now, IReadOnlyCollection<TaskState>? states = null, string by = "") =>
        !_jobs.TryGetValue(id, out var job) ? null
        : states is { Count: > 0 } ? CancelWhere(job, tasks, states, CancelledBy(by), now)
        : Cancel(job, tasks, CancelledBy(by), now);

    private static string CancelledBy(string who) => string.IsNullOrEmpty(who) ? "cancelled" : $"cancelled by {who}";

    private int CancelWhere(Job job, IReadOnlyList<TaskRange> tasks, IReadOnlyCollection<TaskState> states, string reason, DateTimeOffset now)
    {
        var some = new IndexRanges();
        foreach (var (template, offsets) in Parts(job, tasks))
        {
            for (var offset = offsets.First; offset <= offsets.Last; offset++)
            {
                if (states.Contains(template.StateOf(offset)))
                {
                    some.Add(template.NumberAt(offset));
                }
            }
        }

        return some.IsEmpty ? 0 : Cancel(job, some.Ranges.ToArray(), reason, now);
    }

    private int Cancel(Job job, IReadOnlyList<TaskRange> tasks, string reason, DateTimeOffset now)
    {
        // What is named is cancelled first, and only then what needs it is skipped: who cancels a whole job finds all of it cancelled.
        var cancelled = 0;
        var stopped = new List<(Template Template, TaskRange Offsets)>();
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
                    Emit(new CancelRequested(attempt.Lease, attempt.Task, attempt.Node.Id, reason));
                    cancelled++;
                }
            }

            if (EndOpen(template, offsets, TaskState.Cancelled, reason, now) is > 0 and var ended)
            {
                cancelled += ended;
                stopped.Add((template, offsets));
            }
        }

        foreach (var (template, offsets) in stopped)
        {
            SkipDependents(template, offsets, now);
        }

        job.IsGivenUp |= job.Spec.TaskCount == 0;
        Follow(job, now);
        return cancelled;
    }

    /// <summary>
    /// Makes failed and cancelled tasks of an unfinished job start again, with their retries restored, and what was skipped because of them,
    /// or because of other jobs: those are not waited for again.
    /// </summary>
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
            var some = RetryEnded(template, offsets, TaskState.Failed)
                + (failedOnly ? 0 : RetryEnded(template, offsets, TaskState.Cancelled) + RetrySkipped(template, offsets));
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
            retried -= SkipHopeless(template, now);
        }

        Follow(job, now);
        return retried;
    }

    /// <summary>How many tasks an unfinished job has, or null if there is no such unfinished job.</summary>
    public int? TaskCountOf(JobId id) => _jobs.TryGetValue(id, out var job) ? job.Spec.TaskCount : null;

    /// <summary>
    /// A number that changes whenever an ended job is opened again, and now and then without that. What a store says about an
    /// ended job holds as long as the number is the same: ask for it first, read the store, and pass it back with what was read.
    /// </summary>
    public int LastReopeningOf(JobId id) => _reopenings.LastOf(id);

    /// <summary>Takes an ended job back into memory and retries its tasks.</summary>
    /// <param name="snapshot">The job as the store has it.</param>
    /// <param name="lastReopening">What <see cref="LastReopeningOf"/> said before the store was read.</param>
    /// <returns>
    /// How many tasks start again; if there are none, the job stays ended. Null if the snapshot may be out of date, because the job
    /// was opened again since: then nothing has changed, and the store is to be read again.
    /// </returns>
    public int? Reopen(JobSnapshot snapshot, int lastReopening, IReadOnlyList<TaskRange> tasks, DateTimeOffset now, bool failedOnly = false)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        if (_jobs.ContainsKey(snapshot.Job))
        {
            return Retry(snapshot.Job, tasks, now, failedOnly)!.Value;
        }

        if (lastReopening != LastReopeningOf(snapshot.Job))
        {
            return null;
        }

        // Noted first, as in Emit: if restoring throws, the state is half changed, and UntakenChanges shows it.
        var before = _changes.Count;
        _changes.Add(new JobReopened(snapshot.Job) { Document = snapshot.Document });
        Restore(snapshot, now, waits: false);
        var retried = Retry(snapshot.Job, tasks, now, failedOnly)!.Value;
        if (retried == 0)
        {
            // Nothing to do again: the job ended at once, as it had before.
            _changes.RemoveRange(before, _changes.Count - before);
        }
        else
        {
            _reopenings.Note(snapshot.Job);
        }

        return retried;
    }

    /// <summary>Holds or releases an unfinished job. False if there is none.</summary>
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

    /// <summary>Changes what goes first. False where there is no such unfinished job.</summary>
    public bool SetPriority(JobId id, int priority)
    {
        if (!_jobs.TryGetValue(id, out var job))
        {
            return false;
        }

        if (job.Priority != priority)
        {
            Emit(new JobPriorityChanged(id, priority));
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
        template.RemoveEnded(open, offsets, Template.EndStates);
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

    private static string NameOf(Template template) =>
        template.Spec.Name.Length > 0 ? $"'{template.Spec.Name}'" : template.Spec.Count == 1 ? $"task {template.Spec.FirstTask}" : $"tasks {template.Spec.FirstTask}-{template.Spec.Tasks.Last}";
}
