using System.Runtime.InteropServices;

namespace Artel.Core;

/// <summary>
/// A set of numbers kept as sorted, disjoint, non-adjacent ranges, so that a million consecutive ones cost as much as one.
/// Finding is a binary search over the ranges.
/// </summary>
internal sealed class IndexRanges
{
    private readonly List<TaskRange> _ranges = [];

    public IndexRanges()
    {
    }

    public IndexRanges(int first, int last) => Add(new TaskRange(first, last));

    /// <summary>How many numbers are in the set.</summary>
    public int Count { get; private set; }

    public bool IsEmpty => Count == 0;

    public ReadOnlySpan<TaskRange> Ranges => CollectionsMarshal.AsSpan(_ranges);

    public int First => _ranges[0].First;

    public bool Contains(int number)
    {
        var at = FirstEndingAtOrAfter(number);
        return at < _ranges.Count && _ranges[at].First <= number;
    }

    public void Add(int number) => Add(new TaskRange(number, number));

    /// <summary>Adds a range. Numbers that are in the set already stay.</summary>
    public void Add(TaskRange range)
    {
        // All ranges that overlap or touch the new one become one with it.
        var from = FirstEndingAtOrAfter(range.First - 1);
        var to = from;
        var (first, last) = (range.First, range.Last);
        while (to < _ranges.Count && _ranges[to].First <= range.Last + 1)
        {
            first = Math.Min(first, _ranges[to].First);
            last = Math.Max(last, _ranges[to].Last);
            Count -= _ranges[to].Count;
            to++;
        }

        var joined = new TaskRange(first, last);
        Count += joined.Count;
        if (to == from)
        {
            _ranges.Insert(from, joined);
            return;
        }

        _ranges[from] = joined;
        _ranges.RemoveRange(from + 1, to - from - 1);
    }

    public void Remove(int number) => Remove(new TaskRange(number, number));

    /// <summary>Takes out all numbers of a range that are in the set.</summary>
    public void Remove(TaskRange range)
    {
        var at = FirstEndingAtOrAfter(range.First);
        while (at < _ranges.Count && _ranges[at].First <= range.Last)
        {
            var whole = _ranges[at];
            _ranges.RemoveAt(at);
            Count -= whole.Count;
            if (whole.First < range.First)
            {
                _ranges.Insert(at++, new TaskRange(whole.First, range.First - 1));
                Count += range.First - whole.First;
            }

            if (whole.Last > range.Last)
            {
                _ranges.Insert(at++, new TaskRange(range.Last + 1, whole.Last));
                Count += whole.Last - range.Last;
            }
        }
    }

    /// <summary>The smallest numbers that follow each other without a gap, at most <paramref name="most"/>. The set must not be empty.</summary>
    public TaskRange PeekFirst(int most)
    {
        var range = _ranges[0];
        return range.Count <= most ? range : new TaskRange(range.First, range.First + most - 1);
    }

    /// <summary>The parts of the set that lie in a range.</summary>
    public IEnumerable<TaskRange> Within(TaskRange range)
    {
        for (var at = FirstEndingAtOrAfter(range.First); at < _ranges.Count && _ranges[at].First <= range.Last; at++)
        {
            yield return new TaskRange(Math.Max(_ranges[at].First, range.First), Math.Min(_ranges[at].Last, range.Last));
        }
    }

    private int FirstEndingAtOrAfter(int number)
    {
        var (low, high) = (0, _ranges.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_ranges[middle].Last < number)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }
}
