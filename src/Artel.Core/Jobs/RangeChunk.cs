namespace Artel.Core;

/// <summary>A few ranges of an <see cref="IndexRanges"/>, in order. Belongs to one set.</summary>
internal sealed class RangeChunk
{
    /// <summary>No change moves more ranges than this (2 KiB).</summary>
    public const int Max = 256;

    private TaskRange[] _ranges = new TaskRange[4];
    private int _start;
    private int _used;

    public Span<TaskRange> Span => _ranges.AsSpan(_start, _used);

    public bool IsFull => _used == Max;

    /// <summary>The index of the first range that ends at a number or behind it.</summary>
    public int Find(int number)
    {
        var ranges = Span;
        var (low, high) = (0, ranges.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = ranges[middle].Last < number ? (middle + 1, high) : (low, middle);
        }

        return low;
    }

    public void Insert(int index, TaskRange range)
    {
        if (_start + _used == _ranges.Length)
        {
            // Room at the end: by moving to the front if there is enough, so that a queue does not grow for ever.
            var old = Span;
            var ranges = _start > _used / 2 ? _ranges : new TaskRange[Math.Min(Max, Math.Max(4, _used * 2))];
            old.CopyTo(ranges);
            (_ranges, _start) = (ranges, 0);
        }

        _used++;
        var span = Span;
        span[index..^1].CopyTo(span[(index + 1)..]);
        span[index] = range;
    }

    public void Remove(int index, int count)
    {
        if (index == 0)
        {
            _start += count;
        }
        else
        {
            var span = Span;
            span[(index + count)..].CopyTo(span[index..]);
        }

        _used -= count;
    }

    /// <summary>Takes out the second half.</summary>
    public RangeChunk SplitOff()
    {
        var half = _used / 2;
        var back = new RangeChunk { _ranges = new TaskRange[Max], _used = _used - half };
        Span[half..].CopyTo(back._ranges);
        _used = half;
        return back;
    }
}
