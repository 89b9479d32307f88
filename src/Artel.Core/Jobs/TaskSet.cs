namespace Artel.Core;

/// <summary>
/// Task numbers of one job, as sorted ranges that neither overlap nor touch. Its cost depends on the number of ranges,
/// not on the number of tasks. Immutable. An empty set stands for all tasks in a command, and never occurs in a change.
/// </summary>
public readonly struct TaskSet : IEquatable<TaskSet>
{
    private readonly TaskRange _only;
    private readonly TaskRange[]? _many;

    public TaskSet(TaskRange tasks) => (_only, Count) = (tasks, tasks.Count);

    private TaskSet(TaskRange[] ranges)
    {
        (_many, _only) = (ranges, new TaskRange(ranges[0].First, ranges[^1].Last));
        Count = ranges.Sum(r => r.Count);
    }

    public static TaskSet Empty => default;

    /// <summary>How many tasks.</summary>
    public int Count { get; }

    public bool IsEmpty => Count == 0;

    /// <summary>How many ranges.</summary>
    public int RangeCount => _many?.Length ?? (IsEmpty ? 0 : 1);

    public int First => _only.First;

    public int Last => _only.Last;

    /// <summary>From the first task to the last one; others may lie between.</summary>
    public TaskRange Span => _only;

    public IEnumerable<TaskRange> Ranges => _many ?? (IsEmpty ? [] : [_only]);

    /// <param name="ranges">In any order; they may overlap. Empty ones are left out.</param>
    public static TaskSet Of(IEnumerable<TaskRange> ranges)
    {
        ArgumentNullException.ThrowIfNull(ranges);
        var merged = new List<TaskRange>();
        var sorted = ranges.Where(r => r.Count > 0).ToList();
        if (!IsSorted(sorted))
        {
            sorted.Sort((a, b) => a.First.CompareTo(b.First));
        }

        foreach (var range in sorted)
        {
            if (merged.Count > 0 && (long)merged[^1].Last + 1 >= range.First)
            {
                merged[^1] = merged[^1] with { Last = Math.Max(merged[^1].Last, range.Last) };
            }
            else
            {
                merged.Add(range);
            }
        }

        return merged.Count switch
        {
            0 => Empty,
            1 => new TaskSet(merged[0]),
            _ => new TaskSet([.. merged]),
        };
    }

    public static implicit operator TaskSet(TaskRange tasks) => new(tasks);

    public static bool operator ==(TaskSet left, TaskSet right) => left.Equals(right);

    public static bool operator !=(TaskSet left, TaskSet right) => !left.Equals(right);

    public static TaskSet FromTaskRange(TaskRange tasks) => tasks;

    /// <summary>The parts that lie in a range.</summary>
    public IEnumerable<TaskRange> Within(TaskRange range)
    {
        if (_many is null)
        {
            return !IsEmpty && _only.First <= range.Last && _only.Last >= range.First ? [Clip(_only, range)] : [];
        }

        return Parts(_many, range);
    }

    public bool Contains(int task) => Within(new TaskRange(task, task)).Any();

    /// <summary>The tasks that are not in another set.</summary>
    public TaskSet Without(TaskSet others)
    {
        var rest = new List<TaskRange>();
        foreach (var range in Ranges)
        {
            var first = range.First;
            foreach (var other in others.Within(range))
            {
                rest.Add(new TaskRange(first, other.First - 1));
                first = other.Last + 1;
            }

            rest.Add(new TaskRange(first, range.Last));
        }

        return Of(rest);
    }

    /// <summary>Every task, in order.</summary>
    public IEnumerable<int> Each() => Ranges.SelectMany(r => Enumerable.Range(r.First, r.Count));

    public bool Equals(TaskSet other) => Count == other.Count && Ranges.SequenceEqual(other.Ranges);

    public override bool Equals(object? obj) => obj is TaskSet other && Equals(other);

    public override int GetHashCode() => HashCode.Combine(Count, First, Last);

    public override string ToString() =>
        string.Join(',', Ranges.Select(r => r.Count == 1 ? $"{r.First}" : $"{r.First}-{r.Last}"));

    private static IEnumerable<TaskRange> Parts(TaskRange[] ranges, TaskRange within)
    {
        var (low, high) = (0, ranges.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = ranges[middle].Last < within.First ? (middle + 1, high) : (low, middle);
        }

        for (; low < ranges.Length && ranges[low].First <= within.Last; low++)
        {
            yield return Clip(ranges[low], within);
        }
    }

    private static TaskRange Clip(TaskRange range, TaskRange within) =>
        new(Math.Max(range.First, within.First), Math.Min(range.Last, within.Last));

    private static bool IsSorted(List<TaskRange> ranges)
    {
        for (var i = 1; i < ranges.Count; i++)
        {
            if (ranges[i].First < ranges[i - 1].First)
            {
                return false;
            }
        }

        return true;
    }
}
