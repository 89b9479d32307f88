namespace Artel.Core;

/// <summary>
/// The tasks of one template of an unfinished job. An array is never expanded: every task is a number in one of the sets here,
/// and only a task with a history, or in flight, has an object of its own. Tasks are named by their offset in the template, from 0.
/// </summary>
internal sealed class Template
{
    private Dictionary<int, TaskHistory>? _histories;

    public Template(Job job, int index)
    {
        Job = job;
        Index = index;
        Spec = job.Spec.Templates[index];
        WaitingFor = Spec.After.Length;
        Fresh = new IndexRanges(0, Spec.Count - 1);
    }

    public Job Job { get; }

    public int Index { get; }

    public TemplateSpec Spec { get; }

    /// <summary>The list it belongs to, or null where any fitting node may take its tasks.</summary>
    public Section? Section { get; set; }

    /// <summary>Templates that need all of this one's tasks.</summary>
    public List<Template> Dependents { get; } = [];

    /// <summary>How many of the templates it needs have not wholly succeeded.</summary>
    public int WaitingFor { get; set; }

    public bool IsWaiting => WaitingFor > 0;

    /// <summary>Tasks that may start and have no history.</summary>
    public IndexRanges Fresh { get; }

    /// <summary>Tasks that may start again now.</summary>
    public SortedSet<int> Again { get; } = [];

    /// <summary>Tasks of a list that, their node lost, any node may take.</summary>
    public SortedSet<int> Stray { get; } = [];

    /// <summary>Tasks of no list that wait for the node they were lost with.</summary>
    public SortedDictionary<int, NodeId> Bound { get; } = [];

    /// <summary>Tasks that wait for a retry, and until when.</summary>
    public SortedDictionary<int, DateTimeOffset> BackingOff { get; } = [];

    public SortedDictionary<int, Attempt> InFlight { get; } = [];

    public IndexRanges Succeeded { get; } = new();

    public IndexRanges Failed { get; } = new();

    public IndexRanges Cancelled { get; } = new();

    public IndexRanges Skipped { get; } = new();

    /// <summary>Mean wall time of its attempts so far, weighing late ones more; null before the first has ended.</summary>
    public TimeSpan? TypicalTime { get; private set; }

    /// <summary>The class it is queued in, while it has tasks that any node may take now.</summary>
    public TaskClass? QueuedIn { get; set; }

    /// <summary>How many of its tasks any fitting node may take now.</summary>
    public int Takeable => Section is null ? Fresh.Count + Again.Count : Stray.Count;

    /// <summary>How many of its tasks have not ended, in flight or not.</summary>
    public int Unended => Spec.Count - Succeeded.Count - Failed.Count - Cancelled.Count - Skipped.Count;

    public bool AllSucceeded => Succeeded.Count == Spec.Count;

    public TaskId TaskAt(int offset) => new(Job.Id, Spec.FirstTask + offset);

    public TaskHistory HistoryOf(int offset) => _histories?.GetValueOrDefault(offset) ?? TaskHistory.None;

    public void Remember(int offset, TaskHistory history) => (_histories ??= [])[offset] = history;

    public void Forget(int offset) => _histories?.Remove(offset);

    /// <summary>The tasks of a range that have a history.</summary>
    public int[] Remembered(TaskRange offsets) =>
        _histories is null ? [] : [.. _histories.Keys.Where(o => o >= offsets.First && o <= offsets.Last).Order()];

    public IndexRanges Ended(TaskState state) => state switch
    {
        TaskState.Succeeded => Succeeded,
        TaskState.Failed => Failed,
        TaskState.Cancelled => Cancelled,
        TaskState.Skipped => Skipped,
        _ => throw new ArgumentOutOfRangeException(nameof(state), state, "no state that ends a task"),
    };

    /// <summary>The templates it needs.</summary>
    public IEnumerable<Template> After() => Spec.After.Select(a => Job.Templates[a]);

    /// <summary>In how many of the sets here a task is. Always one.</summary>
    public int PlacesOf(int offset) =>
        Count(Fresh.Contains(offset)) + Count(Again.Contains(offset)) + Count(Stray.Contains(offset)) + Count(Bound.ContainsKey(offset))
        + Count(BackingOff.ContainsKey(offset)) + Count(InFlight.ContainsKey(offset)) + Count(Succeeded.Contains(offset))
        + Count(Failed.Contains(offset)) + Count(Cancelled.Contains(offset)) + Count(Skipped.Contains(offset));

    public TaskState StateOf(int offset)
    {
        if (InFlight.TryGetValue(offset, out var attempt))
        {
            return attempt.State;
        }

        return Succeeded.Contains(offset) ? TaskState.Succeeded
            : Failed.Contains(offset) ? TaskState.Failed
            : Cancelled.Contains(offset) ? TaskState.Cancelled
            : Skipped.Contains(offset) ? TaskState.Skipped
            : IsWaiting ? TaskState.Waiting
            : TaskState.Ready;
    }

    /// <summary>Takes tasks out of whichever sets of tasks that may start hold them.</summary>
    public void Withdraw(TaskRange offsets)
    {
        Fresh.Remove(offsets);
        RemoveWithin(Again, offsets);
        RemoveWithin(Stray, offsets);
        RemoveWithin(Bound, offsets);
        RemoveWithin(BackingOff, offsets);
    }

    public void LearnTime(TimeSpan wall) =>
        TypicalTime = TypicalTime is { } mean ? mean + ((wall - mean) / 8) : wall;

    private static int Count(bool contained) => contained ? 1 : 0;

    private static void RemoveWithin(SortedSet<int> set, TaskRange offsets)
    {
        if (offsets.Count == 1)
        {
            set.Remove(offsets.First);
        }
        else if (set.Count > 0)
        {
            set.RemoveWhere(o => o >= offsets.First && o <= offsets.Last);
        }
    }

    private static void RemoveWithin<T>(SortedDictionary<int, T> map, TaskRange offsets)
    {
        if (offsets.Count == 1)
        {
            map.Remove(offsets.First);
        }
        else if (map.Count > 0)
        {
            foreach (var offset in map.Keys.Where(o => o >= offsets.First && o <= offsets.Last).ToArray())
            {
                map.Remove(offset);
            }
        }
    }
}
