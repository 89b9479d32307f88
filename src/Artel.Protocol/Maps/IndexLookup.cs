using Artel.Protocol.V1;

namespace Artel.Protocol.Maps;

/// <summary>Answers which index is at a position of a set, by binary search over its ranges. Immutable.</summary>
public sealed class IndexLookup
{
    private readonly IndexRange[] _ranges;

    // Position of the first index of each range.
    private readonly long[] _starts;

    /// <param name="set">One that <see cref="IndexSets.Problem"/> finds nothing wrong with.</param>
    public IndexLookup(IndexSet set)
    {
        ArgumentNullException.ThrowIfNull(set);
        _ranges = [.. set.Ranges];
        _starts = new long[_ranges.Length];
        foreach (var (place, range) in _ranges.Index())
        {
            _starts[place] = Count;
            Count += IndexSets.Count(range);
        }
    }

    public long Count { get; }

    /// <summary>The index at a position from 0.</summary>
    public long At(long position)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(position);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(position, Count);
        var found = Array.BinarySearch(_starts, position);
        var place = found >= 0 ? found : ~found - 1;
        return _ranges[place].First + ((position - _starts[place]) * IndexSets.Step(_ranges[place]));
    }
}
