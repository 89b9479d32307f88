using System.Runtime.InteropServices;

namespace Artel.Core;

/// <summary>
/// A set of numbers kept as sorted, disjoint, non-adjacent ranges, so that a million consecutive ones cost as much as one.
/// Finding is a binary search over the ranges; taking from the front and adding at the end move nothing.
/// </summary>
internal sealed class IndexRanges
{
    // Most sets never have a second range: those do without an array.
    private TaskRange _only;
    private TaskRange[]? _many;
    private int _start;
    private int _used;

    public IndexRanges()
    {
    }

    public IndexRanges(int first, int last)
    {
        (_only, _used) = (new TaskRange(first, last), 1);
        Count = _only.Count;
    }

    /// <summary>How many numbers are in the set.</summary>
    public int Count { get; private set; }

    public bool IsEmpty => Count == 0;

    public ReadOnlySpan<TaskRange> Ranges => Used;

    public int First => Used[0].First;

    private Span<TaskRange> Used => _many is null ? MemoryMarshal.CreateSpan(ref _only, _used) : _many.AsSpan(_start, _used);

    public bool Contains(int number)
    {
        var at = FirstEndingAtOrAfter(number);
        return at < _used && Used[at].First <= number;
    }

    public void Add(int number) => Add(new TaskRange(number, number));

    /// <summary>Adds a range. Numbers that are in the set already stay.</summary>
    public void Add(TaskRange range)
    {
        if (_used > 0 && Used[^1] is var end && end.Last + 1 == range.First)
        {
            Used[^1] = end with { Last = range.Last };
            Count += range.Count;
            return;
        }

        // All ranges that overlap or touch the new one become one with it.
        var from = FirstEndingAtOrAfter(range.First - 1);
        var to = from;
        var (first, last) = (range.First, range.Last);
        for (var used = Used; to < used.Length && used[to].First <= range.Last + 1; to++)
        {
            first = Math.Min(first, used[to].First);
            last = Math.Max(last, used[to].Last);
            Count -= used[to].Count;
        }

        var joined = new TaskRange(first, last);
        Count += joined.Count;
        if (to == from)
        {
            InsertAt(from, joined);
            return;
        }

        Used[from] = joined;
        RemoveAt(from + 1, to - from - 1);
    }

    public void Remove(int number) => Remove(new TaskRange(number, number));

    /// <summary>Takes out all numbers of a range that are in the set.</summary>
    public void Remove(TaskRange range)
    {
        var at = FirstEndingAtOrAfter(range.First);
        if (at < _used && Used[at] is var whole && whole.First < range.First)
        {
            Used[at] = whole with { Last = range.First - 1 };
            Count -= whole.Last - range.First + 1;
            at++;
            if (whole.Last > range.Last)
            {
                InsertAt(at, whole with { First = range.Last + 1 });
                Count += whole.Last - range.Last;
                return;
            }
        }

        var to = at;
        for (var used = Used; to < used.Length && used[to].Last <= range.Last; to++)
        {
            Count -= used[to].Count;
        }

        RemoveAt(at, to - at);
        if (at < _used && Used[at] is var rest && rest.First <= range.Last)
        {
            Count -= range.Last - rest.First + 1;
            Used[at] = rest with { First = range.Last + 1 };
        }
    }

    /// <summary>The smallest numbers that follow each other without a gap, at most <paramref name="most"/>. The set must not be empty.</summary>
    public TaskRange PeekFirst(int most)
    {
        var range = Used[0];
        return range.Count <= most ? range : range with { Last = range.First + most - 1 };
    }

    /// <summary>The parts of the set that lie in a range.</summary>
    public TaskRange[] Within(TaskRange range)
    {
        var from = FirstEndingAtOrAfter(range.First);
        var to = from;
        var used = Used;
        while (to < used.Length && used[to].First <= range.Last)
        {
            to++;
        }

        var parts = used[from..to].ToArray();
        if (parts.Length > 0)
        {
            parts[0] = parts[0] with { First = Math.Max(parts[0].First, range.First) };
            parts[^1] = parts[^1] with { Last = Math.Min(parts[^1].Last, range.Last) };
        }

        return parts;
    }

    private int FirstEndingAtOrAfter(int number)
    {
        var used = Used;
        var (low, high) = (0, used.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (used[middle].Last < number)
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

    private void InsertAt(int at, TaskRange range)
    {
        if (_used == 0)
        {
            (_only, _many, _start, _used) = (range, null, 0, 1);
            return;
        }

        if (_many is null || _start + _used == _many.Length)
        {
            // Room at the end: by moving to the front where there is some, so that a queue does not grow for ever.
            var old = Used;
            var many = _start > _used / 2 ? _many! : new TaskRange[Math.Max(4, _used * 2)];
            old.CopyTo(many);
            (_many, _start) = (many, 0);
        }

        _used++;
        var used = Used;
        used[at..^1].CopyTo(used[(at + 1)..]);
        used[at] = range;
    }

    private void RemoveAt(int at, int count)
    {
        if (at == 0)
        {
            // With one range and no array the start is never read.
            _start = _many is null ? 0 : _start + count;
        }
        else
        {
            var used = Used;
            used[(at + count)..].CopyTo(used[at..]);
        }

        _used -= count;
    }
}
