namespace Artel.Core;

public sealed partial class ClusterState
{
    private static readonly Dictionary<JobDependency, bool> Nowhere = [];
    private static readonly TaskState[] Retryable = [TaskState.Failed, TaskState.Cancelled, TaskState.Skipped];

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
    public int? Cancel(
        JobId id, IReadOnlyList<TaskRange> tasks, DateTimeOffset now, IReadOnlyCollection<TaskState>? states = null,
        string by = "")
    {
        var set = TaskSet.Of(tasks);
        int? cancelled = null;
        for (TaskRange? rest = null; CancelSome(id, set, rest, now, states, by) is { } slice; rest = slice.Rest)
        {
            cancelled = (cancelled ?? 0) + slice.Changed;
            if (slice.IsDone)
            {
                break;
            }
        }

        return cancelled;
    }

    /// <summary>
    /// Does a slice of <see cref="Cancel"/>, from the last task to the first, so that a task that needs another one is
    /// cancelled before it and not skipped.
    /// </summary>
    /// <param name="tasks">Empty: all.</param>
    /// <param name="within">Null at first; then the rest that the last slice left.</param>
    /// <param name="by">Who cancels them; empty if that is not known.</param>
    public TaskSlice? CancelSome(
        JobId id, TaskSet tasks, TaskRange? within, DateTimeOffset now, IReadOnlyCollection<TaskState>? states = null,
        string by = "") =>
        _jobs.TryGetValue(id, out var job) ? CancelSlice(job, tasks, within, states ?? [], CancelledBy(by), now) : null;

    private static string CancelledBy(string who) => string.IsNullOrEmpty(who) ? "cancelled" : $"cancelled by {who}";

    private TaskSlice CancelSlice(
        Job job, TaskSet tasks, TaskRange? within, IReadOnlyCollection<TaskState> states, string reason,
        DateTimeOffset now)
    {
        var (named, span) = Named(job, tasks, within);
        if (span is not { } all)
        {
            // A job without tasks can only be ended.
            job.IsGivenUp |= job.Spec.TaskCount == 0;
            Follow(job, now);
            return new TaskSlice(0, null, IsDone: true);
        }

        // What is named is cancelled first, and only then what needs it is skipped: who cancels a whole job finds all of it cancelled.
        var slice = Slice(
            job, named, all, fromEnd: true, (template, offsets, most) => template.OpenWeight(offsets, most));
        var cancelled = 0;
        var waiting = states.Count == 0 || states.Contains(TaskState.Waiting);
        var ready = states.Count == 0 || states.Contains(TaskState.Ready);
        var ended = new List<TaskRange>();
        var stopped = new List<(Template Template, TaskRange Offsets)>();
        foreach (var (template, offsets) in job.Parts(named.Within(slice)))
        {
            var before = ended.Count;
            var inFlight = template.InFlightWithin(offsets).Where(a => states.Count == 0 || states.Contains(a.State));
            foreach (var attempt in inFlight)
            {
                // An exclusive one may be started already, unknown to us, and may be retried at once: its node must say that it is not.
                if (attempt.State == TaskState.Leased && !template.Spec.Exclusive)
                {
                    Emit(Return(attempt, revoked: true));
                    ended.Add(new TaskRange(attempt.Task.Number, attempt.Task.Number));
                }
                else if (!attempt.CancelRequested)
                {
                    Emit(new CancelRequested(attempt.Lease, attempt.Task, attempt.Node.Id, reason));
                    cancelled++;
                }
            }

            if (waiting || ready)
            {
                TaskState? only = waiting && ready ? null : waiting ? TaskState.Waiting : TaskState.Ready;
                ended.AddRange(template.OpenWithin(offsets, int.MaxValue, only).Select(template.NumbersAt));
            }

            if (ended.Count > before)
            {
                stopped.Add((template, offsets));
            }
        }

        cancelled += End(job, ended, TaskState.Cancelled, reason, now);
        foreach (var (template, offsets) in stopped)
        {
            SkipDependents(template, offsets, now);
        }

        Follow(job, now);
        TaskRange? rest = slice.First > all.First ? all with { Last = slice.First - 1 } : null;
        return new TaskSlice(cancelled, rest, rest is null);
    }

    /// <summary>
    /// Makes failed and cancelled tasks of an unfinished job start again, with their retries restored, and what was skipped because of them,
    /// or because of other jobs: those are not waited for again.
    /// </summary>
    /// <param name="failedOnly">Cancelled ones stay so.</param>
    /// <returns>How many, or null where there is no such unfinished job: <see cref="Reopen"/> it.</returns>
    public int? Retry(JobId id, IReadOnlyList<TaskRange> tasks, DateTimeOffset now, bool failedOnly = false)
    {
        var set = TaskSet.Of(tasks);
        int? retried = null;
        TaskRange? rest = null;
        while (RetrySome(id, set, rest, now, failedOnly) is { } slice)
        {
            retried = (retried ?? 0) + slice.Changed;
            if (slice.IsDone)
            {
                break;
            }

            rest = slice.Rest ?? TaskSlice.Nothing;
            Continue(now);
        }

        return retried;
    }

    /// <summary>Does a slice of <see cref="Retry"/>, from the first task to the last.</summary>
    /// <param name="tasks">Empty: all.</param>
    /// <param name="within">
    /// Null at first; then the rest that the last slice left, or <see cref="TaskSlice.Nothing"/>.
    /// </param>
    /// <param name="states">
    /// Only tasks in these states, of Failed, Cancelled and Skipped. Empty or null means all three.
    /// </param>
    public TaskSlice? RetrySome(
        JobId id, TaskSet tasks, TaskRange? within, DateTimeOffset now, bool failedOnly = false,
        IReadOnlyCollection<TaskState>? states = null)
    {
        if (!_jobs.TryGetValue(id, out var job))
        {
            return null;
        }

        IReadOnlyCollection<TaskState> which = failedOnly ? [TaskState.Failed]
            : states is { Count: > 0 } ? states
            : Retryable;
        return RetrySlice(job, tasks, within, which, now);
    }

    private TaskSlice RetrySlice(
        Job job, TaskSet tasks, TaskRange? within, IReadOnlyCollection<TaskState> states, DateTimeOffset now)
    {
        var (named, rest) = Named(job, tasks, within);
        var retried = 0;

        // If none of its tasks is unfinished, the job must not end before all tasks were looked at.
        _retrying = job;
        while (rest is { } all)
        {
            var slice = Slice(
                job, named, all, fromEnd: false, (template, offsets, most) => template.RetryWeight(offsets, most));
            rest = slice.Last < all.Last ? all with { First = slice.Last + 1 } : null;
            retried += RetryParts(job, [.. job.Parts(named.Within(slice))], states, now);
            if (job.Unfinished > 0)
            {
                break;
            }
        }

        _retrying = null;
        Follow(job, now);
        (retried, job.Revived) = (retried + job.Revived, 0);
        return new TaskSlice(retried, rest, rest is null && job.Revivals == 0);
    }

    /// <summary>The job of which tasks are being retried. It does not end meanwhile.</summary>
    private Job? _retrying;

    private int RetryParts(
        Job job, IReadOnlyList<(Template Template, TaskRange Offsets)> parts, IReadOnlyCollection<TaskState> states,
        DateTimeOffset now)
    {
        var retried = RetryEnded(job, parts, states, TaskState.Failed)
            + RetryEnded(job, parts, states, TaskState.Cancelled);
        foreach (var (template, offsets) in states.Contains(TaskState.Skipped) ? parts : [])
        {
            var unlimited = int.MaxValue;
            retried += RetrySkipped(template, offsets, ref unlimited);
        }

        // Of what was named, some may need something that was not.
        var hopeless = new List<(Template Template, TaskRange Offsets)>();
        foreach (var (template, offsets) in parts)
        {
            if (SkipHopeless(template, offsets, now) is > 0 and var skipped)
            {
                retried -= skipped;
                hopeless.Add((template, offsets));
            }
        }

        foreach (var (template, offsets) in hopeless)
        {
            SkipDependents(template, offsets, now);
        }

        foreach (var (template, offsets) in retried > 0 ? parts : [])
        {
            Revive(template, offsets, now);
        }

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
        var set = TaskSet.Of(tasks);
        if (ReopenSome(snapshot, lastReopening, set, now, failedOnly) is not { } first)
        {
            return null;
        }

        var retried = first.Changed;
        for (var slice = first; !slice.IsDone; retried += slice.Changed)
        {
            Continue(now);
            slice = RetrySome(snapshot.Job, set, slice.Rest ?? TaskSlice.Nothing, now, failedOnly)
                ?? new TaskSlice(0, null, IsDone: true);
        }

        return retried;
    }

    /// <summary>Does the first slice of <see cref="Reopen"/>; <see cref="RetrySome"/> does the others.</summary>
    public TaskSlice? ReopenSome(
        JobSnapshot snapshot, int lastReopening, TaskSet tasks, DateTimeOffset now, bool failedOnly = false,
        IReadOnlyCollection<TaskState>? states = null)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        if (_jobs.ContainsKey(snapshot.Job))
        {
            return RetrySome(snapshot.Job, tasks, null, now, failedOnly, states);
        }

        if (lastReopening != LastReopeningOf(snapshot.Job))
        {
            return null;
        }

        // Noted first, as in Emit: if restoring throws, the state is half changed, and UntakenChanges shows it.
        var before = _changes.Count;
        _changes.Add(new JobReopened(snapshot.Job) { Document = snapshot.Document });
        Restore(snapshot, now, waits: false);
        var slice = RetrySome(snapshot.Job, tasks, null, now, failedOnly, states)!.Value;
        if (!_jobs.ContainsKey(snapshot.Job))
        {
            // Nothing to do again: the job ended at once, as it had before.
            _changes.RemoveRange(before, _changes.Count - before);
            return new TaskSlice(0, null, IsDone: true);
        }

        _reopenings.Note(snapshot.Job);
        return slice;
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

    private int RetryEnded(
        Job job, IEnumerable<(Template Template, TaskRange Offsets)> parts, IReadOnlyCollection<TaskState> states,
        TaskState from)
    {
        if (!states.Contains(from))
        {
            return 0;
        }

        var ended = parts.SelectMany(p => p.Template.EachEnded(from, p.Offsets).Select(p.Template.NumbersAt));
        var tasks = TaskSet.Of(ended);
        if (!tasks.IsEmpty)
        {
            Emit(new TasksRetried(job.Id, tasks, from));
        }

        return tasks.Count;
    }

    private bool IsHere(Job job) => _jobs.TryGetValue(job.Id, out var there) && there == job;

    /// <summary>Ends tasks that have not ended and are not in flight. What needs them is not looked at.</summary>
    private int End(Job job, IEnumerable<TaskRange> open, TaskState state, string reason, DateTimeOffset now)
    {
        var tasks = TaskSet.Of(open);
        if (!tasks.IsEmpty)
        {
            Emit(new TasksEnded(job.Id, tasks, state, reason, now));
        }

        return tasks.Count;
    }

    /// <summary>
    /// Ends all tasks of a range that have not ended and are not in flight. What needs them is not looked at.
    /// </summary>
    private int EndOpen(Template template, TaskRange offsets, TaskState state, string reason, DateTimeOffset now) =>
        End(template.Job, template.OpenWithin(offsets, int.MaxValue).Select(template.NumbersAt), state, reason, now);

    private static string NameOf(Template template) =>
        template.Spec.Name.Length > 0 ? $"'{template.Spec.Name}'" : template.Spec.Count == 1 ? $"task {template.Spec.FirstTask}" : $"tasks {template.Spec.FirstTask}-{template.Spec.Tasks.Last}";
}
