using System.Collections.Immutable;

namespace Artel.Core;

/// <summary>Counts tasks by the reason why they are where they are, while a job is explained.</summary>
internal sealed class ReasonTally
{
    private readonly Dictionary<Reason, Entry> _reasons = [];
    private (Reason? Why, Entry Entry) _last;

    /// <summary>Tasks counted so far.</summary>
    public int Total { get; private set; }

    /// <param name="first">The smallest number of the tasks; 0 if it is not known.</param>
    /// <param name="detail">What else is known, for the first tasks of this reason.</param>
    public void Add(Reason why, int tasks, int first, CountedReason? detail = null)
    {
        Total += tasks;

        // In a job with a million templates, the next one mostly has the same reason as the last.
        if (!ReferenceEquals(why, _last.Why))
        {
            if (!_reasons.TryGetValue(why, out var entry))
            {
                _reasons[why] = entry = new Entry { First = first, Detail = detail };
            }

            _last = (why, entry);
        }

        _last.Entry.Tasks += tasks;
        if (_last.Entry.First == 0 || (first > 0 && first < _last.Entry.First))
        {
            _last.Entry.First = first;
        }
    }

    /// <summary>
    /// Obstacles first, then by the number of tasks; reasons of tasks in flight come last. Beyond
    /// <paramref name="most"/>, the reasons of tasks that wait are counted together.
    /// </summary>
    public ImmutableArray<CountedReason> ToReasons(int most)
    {
        var all = _reasons.Select(r => r.Value.ToCounted(r.Key))
            .OrderByDescending(r => r.Why.IsObstacle).ThenByDescending(r => r.Tasks).ThenBy(r => r.FirstTask).ToList();
        var waits = all.FindAll(r => !r.Why.IsInFlight);
        if (waits.Count > most)
        {
            var others = waits[(most - 1)..];
            var (tasks, first) = (others.Sum(r => r.Tasks), others.Min(r => r.FirstTask));
            waits = [.. waits[..(most - 1)], new CountedReason(new ManyReasons(others.Count), tasks, first)];
        }

        return [.. waits, .. all.Where(r => r.Why.IsInFlight)];
    }

    private sealed class Entry
    {
        public int Tasks { get; set; }

        public int First { get; set; }

        public CountedReason? Detail { get; init; }

        public CountedReason ToCounted(Reason why) =>
            (Detail ?? new CountedReason(why, 0, 0)) with { Why = why, Tasks = Tasks, FirstTask = First };
    }
}
