using System.Collections.Immutable;

namespace Artel.Core;

/// <summary>
/// The tasks of one template of an unfinished job. An array is never expanded: every task is a number in one of the sets here, or
/// is one of the few that the job knows by itself (in flight, waiting for a retry or for a node). There may be a million templates
/// in a job, so sets exist only where something is in them. Tasks are named by their offset in the template, from 0.
/// </summary>
internal sealed class Template
{
    /// <summary>What it costs to cancel a task in flight; a range of tasks that end together costs 1.</summary>
    private const int InFlightWeight = 2;

    /// <summary>
    /// What it costs to retry a task that has rows of its own in the store; a range of tasks costs 1.
    /// </summary>
    private const int HistoryWeight = 4;

    private IndexRanges? _blocked;
    private IndexRanges? _again;
    private IndexRanges? _stray;
    private IndexRanges? _succeeded;
    private IndexRanges? _failed;
    private IndexRanges? _cancelled;
    private IndexRanges? _skipped;
    private long _typicalTicks = -1;
    private bool? _starts;

    public Template(Job job, int index)
    {
        Job = job;
        Index = index;
        Spec = job.Spec.Templates[index];
        foreach (var on in Spec.After)
        {
            WaitingFor += on.Each ? 0 : 1;
            HasElements |= on.Each;
        }

        var all = Spec.Count == 0 ? new IndexRanges() : new IndexRanges(0, Spec.Count - 1);
        (Fresh, _blocked) = HasElements ? (new IndexRanges(), all) : (all, null);
    }

    public Job Job { get; }

    public int Index { get; }

    /// <summary>What its next attempts are granted with.</summary>
    public TemplateSpec Spec { get; private set; }

    /// <summary>The list it belongs to, or null where any fitting node may take its tasks.</summary>
    public Section? Section { get; set; }

    /// <summary>Set with the others of its job, by <see cref="TemplateGroup.Sort"/>.</summary>
    public TemplateGroup Group { get; set; } = null!;

    /// <summary>Limits that its tasks count towards.</summary>
    public ImmutableArray<TagLimit> Limits => Group.Limits;

    /// <summary>Those of its limits that leave no room for another task.</summary>
    public IEnumerable<TagLimit> ReachedLimits => Limits.Where(limit => limit.Room == 0);

    /// <summary>The class it is queued in, while it has tasks that any node may take now.</summary>
    public TaskClass? QueuedIn { get; set; }

    /// <summary>How many templates have not ended as they must before any of its tasks may start.</summary>
    public int WaitingFor { get; set; }

    /// <summary>True if none of its tasks may start yet, whatever else they wait for.</summary>
    public bool IsWaiting => WaitingFor > 0 || Job.IsPending;

    /// <summary>How many of its tasks are in <see cref="Job.InFlight"/>.</summary>
    public int InFlightCount { get; set; }

    /// <summary>Tasks that may start and were never tried.</summary>
    public IndexRanges Fresh { get; }

    /// <summary>Whether each of its tasks waits for one at its place in another array.</summary>
    public bool HasElements { get; }

    /// <summary>Tasks that wait for those at their places in other arrays.</summary>
    public IndexRanges Blocked => _blocked ??= new();

    public bool IsBlocked(int offset) => Has(_blocked, offset);

    public TaskRange[] BlockedWithin(TaskRange offsets) => _blocked?.Within(offsets) ?? [];

    public int BlockedCount => _blocked?.Count ?? 0;

    /// <summary>Tasks that may start again now.</summary>
    public IndexRanges Again => _again ??= new();

    /// <summary>Tasks of a list that, their node lost, any node may take.</summary>
    public IndexRanges Stray => _stray ??= new();

    public bool HasAgain => _again is { IsEmpty: false };

    public bool HasStray => _stray is { IsEmpty: false };

    /// <summary>Whether a task of it may start in the order of its list, or by whichever node where it is of none.</summary>
    public bool HasStartable => !Fresh.IsEmpty || HasAgain;

    public int AgainCount => _again?.Count ?? 0;

    public int StrayCount => _stray?.Count ?? 0;

    /// <summary>How many of its tasks any fitting node may take now.</summary>
    public int Takeable => Math.Min(FreePlaces, Section is null ? Fresh.Count + AgainCount : StrayCount);

    /// <summary>Whether any fitting node may take tasks of it now.</summary>
    public bool IsTakeable => Takeable > 0 && !IsWaiting && !Job.Held;

    /// <summary>How many more of its tasks may be in the hands of nodes, by its own limit.</summary>
    public int FreePlaces => Spec.AtOnce == 0 ? int.MaxValue : Math.Max(0, Spec.AtOnce - InFlightCount);

    /// <summary>The same by all limits.</summary>
    public int Allowed
    {
        get
        {
            var allowed = FreePlaces;
            foreach (var limit in Limits)
            {
                allowed = Math.Min(allowed, limit.Room);
            }

            return allowed;
        }
    }

    /// <summary>How many of its tasks have ended in any way.</summary>
    public int EndedCount => (_succeeded?.Count ?? 0) + (_failed?.Count ?? 0) + (_cancelled?.Count ?? 0) + (_skipped?.Count ?? 0);

    /// <param name="state">One that ends a task.</param>
    public int CountOf(TaskState state) => SetOf(state)?.Count ?? 0;

    public int SucceededCount => _succeeded?.Count ?? 0;

    public bool AllSucceeded => SucceededCount == Spec.Count;

    public bool AllEnded => EndedCount == Spec.Count;

    /// <summary>How many of its tasks are Ready, or would be if the template did not wait.</summary>
    public int OpenCount => Spec.Count - EndedCount - InFlightCount - BlockedCount;

    public bool HasSkipped => _skipped is { IsEmpty: false };

    /// <summary>Whether a task has ended without success, so that what needs the template can not start.</summary>
    public bool HasUnsuccessful => EndedCount > SucceededCount;

    /// <summary>
    /// Mean wall time of its attempts so far, weighing late ones more; null before the first has ended. Templates of a single task
    /// share one mean over their job: the next one is likely to be like the last. Of a job of a single task it is what jobs of its kind take.
    /// </summary>
    public TimeSpan? TypicalTime => (Spec.Count > 1 ? _typicalTicks : Job.Kind?.TypicalTicks ?? Job.TypicalTicksOfSingles) is >= 0 and var ticks ? new TimeSpan(ticks) : null;

    public TaskId TaskAt(int offset) => new(Job.Id, NumberAt(offset));

    public int NumberAt(int offset) => Spec.FirstTask + offset;

    public TaskRange NumbersAt(TaskRange offsets) => new(NumberAt(offsets.First), NumberAt(offsets.Last));

    public TaskHistory HistoryOf(int offset) => Job.Histories.TryGet(NumberAt(offset), out var history) ? history : TaskHistory.None;

    /// <summary>Nodes that the next attempt of a task avoids while another could run it. Tasks of a list keep to its node.</summary>
    public ImmutableArray<NodeId> AvoidedBy(int offset)
    {
        var history = Section is null ? HistoryOf(offset) : TaskHistory.None;
        return Spec.Retry.AvoidSameNode ? history.FailedOn.AddRange(history.NotStartedOn.Except(history.FailedOn)) : history.NotStartedOn;
    }

    /// <summary>None of its tasks was ever started, and one of them could not be started on any node.</summary>
    public bool NeverStarts => _starts == false;

    public Attempt? AttemptOf(int offset) => InFlightCount > 0 && Job.InFlight.TryGet(NumberAt(offset), out var attempt) ? attempt : null;

    /// <summary>Attempts in flight of a range of tasks, in order of task.</summary>
    public Attempt[] InFlightWithin(TaskRange offsets) =>
        InFlightCount == 0 ? [] : [.. Job.InFlight.Within(NumbersAt(offsets)).Select(n => Job.InFlight[n])];

    /// <summary>The tasks that have ended in a state.</summary>
    public IndexRanges Ended(TaskState state) => SetOf(state) ??= new();

    public TaskRange[] EndedWithin(TaskState state, TaskRange offsets) => SetOf(state)?.Within(offsets) ?? [];

    public IEnumerable<TaskRange> EachEnded(TaskState state, TaskRange offsets) => SetOf(state)?.Each(offsets) ?? [];

    /// <summary>The templates it waits for.</summary>
    public IEnumerable<(Template Template, Dependency On)> After() => Spec.After.Select(a => (Job.Templates[a.Template], a));

    /// <summary>Templates that wait for this one.</summary>
    public ReadOnlySpan<Dependent> Dependents => Job.DependentsOf(Index);

    /// <summary>Whether its tasks have ended as one that waits for them wants it.</summary>
    public bool Meets(Dependency on) => on.AnyOutcome ? AllEnded : AllSucceeded;

    /// <summary>Tasks of a range that wait for those at their places in other arrays.</summary>
    public IndexRanges UnmetWithin(TaskRange offsets)
    {
        var unmet = new IndexRanges();
        if (!HasElements)
        {
            return unmet;
        }

        foreach (var (needed, on) in After().Where(a => a.On.Each))
        {
            var open = new IndexRanges(offsets.First, offsets.Last);
            needed.RemoveEnded(open, offsets, on.AnyOutcome ? EndStates : [TaskState.Succeeded]);
            foreach (var range in open.Ranges)
            {
                unmet.Add(range);
            }
        }

        return unmet;
    }

    /// <summary>
    /// Its tasks that have not ended and are not in flight, as at most <paramref name="most"/> ranges in no order.
    /// After these have ended, another call returns the next ones.
    /// </summary>
    /// <param name="which">Only tasks that are Waiting or only those that are Ready; null means both.</param>
    public IEnumerable<TaskRange> OpenWithin(TaskRange offsets, int most, TaskState? which = null)
    {
        if (EndedCount + InFlightCount == Spec.Count || (which == TaskState.Ready && IsWaiting))
        {
            return [];
        }

        var blocked = _blocked?.Each(offsets) ?? [];
        if (which == TaskState.Waiting && !IsWaiting)
        {
            return blocked.Take(most);
        }

        var numbers = NumbersAt(offsets);
        var open = Fresh.Each(offsets)
            .Concat(_again?.Each(offsets) ?? [])
            .Concat(_stray?.Each(offsets) ?? [])
            .Concat(OffsetsOf(Job.Bound, numbers))
            .Concat(OffsetsOf(Job.Avoiding, numbers))
            .Concat(OffsetsOf(Job.BackingOff, numbers));
        return (which == TaskState.Ready ? open : open.Concat(blocked)).Take(most);
    }

    /// <summary>
    /// What it costs to cancel its open tasks of a range, in units of one range, counted up to <paramref name="most"/>.
    /// </summary>
    public int OpenWeight(TaskRange offsets, int most)
    {
        var inFlight = InFlightCount == 0 ? 0 : Job.InFlight.CountWithin(NumbersAt(offsets), most);
        return Math.Min(most, OpenWithin(offsets, most).Count() + (InFlightWeight * inFlight));
    }

    /// <summary>What it costs to retry its tasks of a range, counted up to <paramref name="most"/>.</summary>
    public int RetryWeight(TaskRange offsets, int most)
    {
        var ranges = 0;
        foreach (var set in (ReadOnlySpan<IndexRanges?>)[_failed, _cancelled, _skipped])
        {
            ranges += set?.Each(offsets).Take(most).Count() ?? 0;
        }

        if (ranges == 0)
        {
            return 0;
        }

        var withHistory = Job.Histories.CountWithin(NumbersAt(offsets), most);
        return Math.Min(most, ranges + (HistoryWeight * withHistory));
    }

    private IEnumerable<TaskRange> OffsetsOf<T>(SparseTasks<T> tasks, TaskRange numbers) =>
        tasks.Within(numbers).Select(n => new TaskRange(n - Spec.FirstTask, n - Spec.FirstTask));

    /// <summary>All its offsets.</summary>
    public TaskRange All => new(0, Spec.Count - 1);

    /// <summary>
    /// The parts of a range whose tasks have ended without success, found as they are enumerated. No task may end
    /// meanwhile.
    /// </summary>
    public IEnumerable<TaskRange> EachBad(TaskRange offsets) =>
        EachEnded(TaskState.Failed, offsets)
            .Concat(EachEnded(TaskState.Cancelled, offsets))
            .Concat(EachEnded(TaskState.Skipped, offsets));

    /// <summary>Takes out of a set those offsets of a range whose tasks have ended in one of the states.</summary>
    public void RemoveEnded(IndexRanges set, TaskRange offsets, params ReadOnlySpan<TaskState> states)
    {
        foreach (var state in states)
        {
            foreach (var range in EndedWithin(state, offsets))
            {
                set.Remove(range);
            }
        }
    }

    /// <summary>The states in which a task has ended.</summary>
    public static ReadOnlySpan<TaskState> EndStates => [TaskState.Succeeded, TaskState.Failed, TaskState.Cancelled, TaskState.Skipped];

    /// <summary>In how many of the sets a task is. Always one.</summary>
    public int PlacesOf(int offset) =>
        Count(Fresh.Contains(offset)) + Count(Has(_blocked, offset)) + Count(Has(_again, offset)) + Count(Has(_stray, offset)) + Count(Job.Bound.Contains(NumberAt(offset)))
        + Count(Job.Avoiding.Contains(NumberAt(offset))) + Count(Job.BackingOff.Contains(NumberAt(offset))) + Count(Job.InFlight.Contains(NumberAt(offset))) + Count(Has(_succeeded, offset))
        + Count(Has(_failed, offset)) + Count(Has(_cancelled, offset)) + Count(Has(_skipped, offset));

    public TaskState StateOf(int offset) =>
        AttemptOf(offset) is { } attempt ? attempt.State
        : Has(_succeeded, offset) ? TaskState.Succeeded
        : Has(_failed, offset) ? TaskState.Failed
        : Has(_cancelled, offset) ? TaskState.Cancelled
        : Has(_skipped, offset) ? TaskState.Skipped
        : IsWaiting || Has(_blocked, offset) ? TaskState.Waiting
        : TaskState.Ready;

    /// <summary>Moves tasks from the count of one state to that of another.</summary>
    public void Move(TaskState from, TaskState to, int tasks = 1)
    {
        Job.Move(from, to, tasks);
        if (Section is not null && from.HasEnded() != to.HasEnded())
        {
            Section.Ended += to.HasEnded() ? tasks : -tasks;
        }
    }

    /// <summary>Takes tasks out of whichever sets of tasks that may start hold them.</summary>
    public void Withdraw(TaskRange offsets)
    {
        Fresh.Remove(offsets);
        _blocked?.Remove(offsets);
        _again?.Remove(offsets);
        _stray?.Remove(offsets);
        Job.Bound.Remove(NumbersAt(offsets));
        Job.Avoiding.Remove(NumbersAt(offsets));
        Job.BackingOff.Remove(NumbersAt(offsets));
    }

    public void LearnTime(TimeSpan wall)
    {
        if (Job.Kind is { } kind)
        {
            kind.Learn(wall.Ticks);
        }
        else if (Spec.Count == 1)
        {
            Job.TypicalTicksOfSingles = Learned(Job.TypicalTicksOfSingles, wall.Ticks);
        }
        else
        {
            _typicalTicks = Learned(_typicalTicks, wall.Ticks);
        }
    }

    /// <summary>
    /// Replaces its terms. Forgets whether its tasks could be started, since they may run something else now.
    /// </summary>
    public void Revise(TemplateSpec spec) => (Spec, _starts) = (spec, null);

    /// <summary>One of its tasks was started, or could not be started on any node.</summary>
    public void LearnStart(bool started) => _starts = started || _starts == true;

    private static long Learned(long mean, long ticks) => mean < 0 ? ticks : mean + ((ticks - mean) / 8);

    private static bool Has(IndexRanges? set, int offset) => set is not null && set.Contains(offset);

    private static int Count(bool contained) => contained ? 1 : 0;

    private ref IndexRanges? SetOf(TaskState state)
    {
        switch (state)
        {
            case TaskState.Succeeded:
                return ref _succeeded;
            case TaskState.Failed:
                return ref _failed;
            case TaskState.Cancelled:
                return ref _cancelled;
            case TaskState.Skipped:
                return ref _skipped;
            default:
                throw new ArgumentOutOfRangeException(nameof(state), state, "no state that ends a task");
        }
    }
}
