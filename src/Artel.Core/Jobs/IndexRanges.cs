namespace Artel.Core;

/// <summary>
/// A set of numbers kept as sorted, disjoint, non-adjacent ranges, so that a million consecutive ones cost as much as
/// one. The ranges lie in chunks of bounded size: a lookup is a binary search, and a change moves at most one chunk,
/// however scattered the numbers are. Removing from the front and adding at the end move nothing.
/// </summary>
internal sealed class IndexRanges
{
    // Most sets never have a second range: those do without a chunk.
    private TaskRange _only;
    private RangeChunk[]? _chunks;

    /// <summary>How many of <see cref="_chunks"/> are in use. None of those is empty.</summary>
    private int _used;

    public IndexRanges()
    {
    }

    public IndexRanges(int first, int last)
    {
        _only = new TaskRange(first, last);
        (Count, RangeCount) = (_only.Count, 1);
    }

    /// <summary>How many numbers are in the set.</summary>
    public int Count { get; private set; }

    /// <summary>In how many ranges they lie.</summary>
    public int RangeCount { get; private set; }

    public bool IsEmpty => Count == 0;

    public int First => FirstRange.First;

    /// <summary>All ranges, in order. The set must not change meanwhile.</summary>
    public IEnumerable<TaskRange> Ranges => Each(new TaskRange(int.MinValue, int.MaxValue));

    private TaskRange FirstRange =>
        IsEmpty ? throw new InvalidOperationException("the set is empty")
        : _chunks is null ? _only
        : _chunks[0].Span[0];

    public bool Contains(int number) => Find(number) is { IsRange: true } at && this[at].First <= number;

    public void Add(int number) => Add(new TaskRange(number, number));

    /// <summary>Adds a range. Numbers that are in the set already stay.</summary>
    public void Add(TaskRange range)
    {
        if (IsEmpty)
        {
            (_only, _chunks, _used, Count, RangeCount) = (range, null, 0, range.Count, 1);
            return;
        }

        // All ranges that overlap or touch the new one become one with it.
        var from = Find(range.First - 1);
        var (first, last, joined) = (range.First, range.Last, 0);
        for (var at = from; at.IsRange && this[at] is var other && other.First <= range.Last + 1; at = Next(at))
        {
            (first, last) = (Math.Min(first, other.First), Math.Max(last, other.Last));
            Count -= other.Count;
            joined++;
        }

        var whole = new TaskRange(first, last);
        Count += whole.Count;
        if (joined == 0)
        {
            Insert(from, whole);
            return;
        }

        this[from] = whole;
        RemoveRanges(Next(from), joined - 1);
    }

    public void Remove(int number) => Remove(new TaskRange(number, number));

    /// <summary>Takes out all numbers of a range that are in the set.</summary>
    public void Remove(TaskRange range)
    {
        var at = Find(range.First);
        if (at.IsRange && this[at] is var left && left.First < range.First)
        {
            this[at] = left with { Last = range.First - 1 };
            Count -= Math.Min(left.Last, range.Last) - range.First + 1;
            at = Next(at);
            if (left.Last > range.Last)
            {
                Insert(at, left with { First = range.Last + 1 });
                return;
            }
        }

        var covered = 0;
        var end = at;
        for (; end.IsRange && this[end] is var whole && whole.Last <= range.Last; end = Next(end))
        {
            Count -= whole.Count;
            covered++;
        }

        // Shorten it before the others are removed: that changes its place.
        if (end.IsRange && this[end] is var right && right.First <= range.Last)
        {
            Count -= range.Last - right.First + 1;
            this[end] = right with { First = range.Last + 1 };
        }

        RemoveRanges(at, covered);
    }

    /// <summary>The smallest numbers that follow each other without a gap, at most <paramref name="most"/>. The set must not be empty.</summary>
    public TaskRange PeekFirst(int most)
    {
        var range = FirstRange;
        return range.Count <= most ? range : range with { Last = range.First + most - 1 };
    }

    /// <summary>The parts of the set that lie in a range.</summary>
    public TaskRange[] Within(TaskRange range) => [.. Each(range)];

    /// <summary>
    /// The parts of the set that lie in a range, found as they are enumerated. The set must not change meanwhile.
    /// </summary>
    public IEnumerable<TaskRange> Each(TaskRange range)
    {
        var at = IsEmpty ? Place.None : Find(range.First);
        for (; at.IsRange && this[at] is var part && part.First <= range.Last; at = Next(at))
        {
            yield return new TaskRange(Math.Max(part.First, range.First), Math.Min(part.Last, range.Last));
        }
    }

    private TaskRange this[Place at]
    {
        get => _chunks is null ? _only : _chunks[at.Chunk].Span[at.Index];
        set
        {
            if (_chunks is null)
            {
                _only = value;
            }
            else
            {
                _chunks[at.Chunk].Span[at.Index] = value;
            }
        }
    }

    /// <summary>The first range that ends at a number or behind it.</summary>
    private Place Find(int number)
    {
        if (_chunks is null)
        {
            return RangeCount == 1 && _only.Last >= number ? new Place(0, 0) : Place.None;
        }

        // Queues are added to at their end.
        if (_chunks[_used - 1].Span[^1].Last < number)
        {
            return Place.None;
        }

        var (low, high) = (0, _used - 1);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = _chunks[middle].Span[^1].Last < number ? (middle + 1, high) : (low, middle);
        }

        return new Place(low, _chunks[low].Find(number));
    }

    private Place Next(Place at) =>
        _chunks is null ? Place.None
        : at.Index + 1 < _chunks[at.Chunk].Span.Length ? at with { Index = at.Index + 1 }
        : at.Chunk + 1 < _used ? new Place(at.Chunk + 1, 0) : Place.None;

    /// <param name="at">The range that is behind it; none if it is the last.</param>
    private void Insert(Place at, TaskRange range)
    {
        if (_chunks is null)
        {
            var chunk = new RangeChunk();
            chunk.Insert(0, _only);
            chunk.Insert(at.IsRange ? 0 : 1, range);
            (_chunks, _used, RangeCount) = ([chunk], 1, 2);
            return;
        }

        var (index, place) = at.IsRange ? (at.Chunk, at.Index) : (_used - 1, _chunks[_used - 1].Span.Length);
        if (_chunks[index].IsFull)
        {
            // What is added at the end leaves full chunks behind it.
            var back = at.IsRange ? _chunks[index].SplitOff() : new RangeChunk();
            InsertChunk(index + 1, back);
            var front = _chunks[index].Span.Length;
            (index, place) = at.IsRange && place <= front ? (index, place) : (index + 1, place - front);
        }

        _chunks[index].Insert(place, range);
        RangeCount++;
    }

    private void InsertChunk(int index, RangeChunk chunk)
    {
        if (_used == _chunks!.Length)
        {
            Array.Resize(ref _chunks, _used * 2);
        }

        Array.Copy(_chunks, index, _chunks, index + 1, _used - index);
        _chunks[index] = chunk;
        _used++;
    }

    /// <summary>Takes out ranges that follow each other. Their numbers are out of the count already.</summary>
    private void RemoveRanges(Place at, int count)
    {
        RangeCount -= count;
        if (RangeCount == 0)
        {
            (_chunks, _used) = (null, 0);
            return;
        }

        // Whole chunks between the ends go together.
        var (emptyFrom, emptyTo) = (-1, -1);
        for (var (chunk, index) = (at.Chunk, at.Index); count > 0; (chunk, index) = (chunk + 1, 0))
        {
            var some = Math.Min(count, _chunks![chunk].Span.Length - index);
            _chunks[chunk].Remove(index, some);
            count -= some;
            if (_chunks[chunk].Span.IsEmpty)
            {
                (emptyFrom, emptyTo) = (emptyFrom < 0 ? chunk : emptyFrom, chunk + 1);
            }
        }

        if (emptyFrom >= 0)
        {
            Array.Copy(_chunks!, emptyTo, _chunks!, emptyFrom, _used - emptyTo);
            Array.Clear(_chunks!, _used - (emptyTo - emptyFrom), emptyTo - emptyFrom);
            _used -= emptyTo - emptyFrom;
        }

        MergeAround(Math.Min(at.Chunk, _used - 1));
    }

    /// <summary>
    /// Merges a chunk with the one before it if both have become small, so that many removals do not leave many chunks.
    /// </summary>
    private void MergeAround(int index)
    {
        if (index > 0 && _chunks![index - 1].Span.Length + _chunks[index].Span.Length <= RangeChunk.Max / 4)
        {
            foreach (var range in _chunks[index].Span)
            {
                _chunks[index - 1].Insert(_chunks[index - 1].Span.Length, range);
            }

            Array.Copy(_chunks, index + 1, _chunks, index, _used - index - 1);
            _chunks[--_used] = null!;
        }
    }

    /// <summary>Where a range lies.</summary>
    private readonly record struct Place(int Chunk, int Index)
    {
        public static Place None => new(-1, -1);

        public bool IsRange => Chunk >= 0;
    }
}
