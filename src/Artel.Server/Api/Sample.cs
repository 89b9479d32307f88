using V1 = Artel.Protocol.V1;

namespace Artel.Server.Api;

/// <summary>
/// Measured values, and how they are spread: each value while they are few, and beyond that only how many lie in each of many narrow ranges, so that a
/// sample of millions takes no more than a few kilobytes. The ranges are those of a high dynamic range histogram (G. Tene, hdrhistogram.org): each
/// power of two is divided evenly.
/// </summary>
/// <param name="exact">So many values are kept as they are.</param>
internal sealed class Sample(int exact)
{
    /// <summary>Of bounds: a microsecond, nearly.</summary>
    private const int LeastPower = -20;

    /// <summary>A petabyte, and more seconds than there are.</summary>
    private const int MostPower = 60;

    /// <summary>Of a power of two: a value is told from one that is a hundredth larger.</summary>
    private const int RangesInPower = 128;

    private static readonly double Smallest = Math.ScaleB(1, LeastPower);

    // One of them is empty. Of values below the smallest there is one range, the first.
    private readonly Dictionary<int, int> _ranges = [];
    private readonly List<double> _values = [];
    private int _count;
    private double _sum;
    private double _min = double.PositiveInfinity;
    private double _max = double.NegativeInfinity;

    public void Add(double value)
    {
        _count++;
        _sum += value;
        (_min, _max) = (Math.Min(_min, value), Math.Max(_max, value));
        if (_ranges.Count == 0 && _values.Count < exact)
        {
            _values.Add(value);
            return;
        }

        if (_values.Count > 0)
        {
            _values.ForEach(Count);
            _values.Clear();
        }

        Count(value);
    }

    /// <summary>
    /// Null where nothing was measured. A quantile is the smallest value that so many are not above; of many values the middle of the range that it is in,
    /// less than half a hundredth away.
    /// </summary>
    public V1.Spread? Write()
    {
        if (_count == 0)
        {
            return null;
        }

        _values.Sort();
        return new V1.Spread { Count = _count, Min = _min, Median = At(0.5), P90 = At(0.9), Max = _max, Mean = _sum / _count };
    }

    /// <summary>The values by size, bounds twice the one before; null where nothing was measured.</summary>
    public V1.Histogram? Distribute()
    {
        if (_count == 0)
        {
            return null;
        }

        // 2^k to under 2^(k+1); zeros, and what is smaller than anything that is measured, below all of these.
        var counts = new int[MostPower - LeastPower + 2];
        foreach (var (range, count) in _values.CountBy(RangeOf).Concat(_ranges))
        {
            counts[range == 0 ? 0 : ((range - 1) / RangesInPower) + 1] += count;
        }

        var (first, last) = (counts.AsSpan().IndexOfAnyExcept(0), counts.AsSpan().LastIndexOfAnyExcept(0));
        var histogram = new V1.Histogram { Counts = { counts[first..(last + 1)] } };
        for (var place = first; place <= last + 1; place++)
        {
            histogram.Bounds.Add(place == 0 ? 0 : Math.ScaleB(1, place - 1 + LeastPower));
        }

        return histogram;
    }

    private static int RangeOf(double value)
    {
        if (value < Smallest)
        {
            return 0;
        }

        var power = Math.Min(Math.ILogB(value), MostPower);
        var within = (int)((Math.ScaleB(value, -power) - 1) * RangesInPower);
        return 1 + ((power - LeastPower) * RangesInPower) + Math.Min(within, RangesInPower - 1);
    }

    private static double MiddleOf(int range)
    {
        if (range == 0)
        {
            return 0;
        }

        var (power, within) = Math.DivRem(range - 1, RangesInPower);
        return Math.ScaleB(1 + ((within + 0.5) / RangesInPower), power + LeastPower);
    }

    private void Count(double value)
    {
        var range = RangeOf(value);
        _ranges[range] = _ranges.GetValueOrDefault(range) + 1;
    }

    private double At(double share)
    {
        var place = Math.Max(1, (int)Math.Ceiling(share * _count));
        if (_values.Count > 0)
        {
            return _values[place - 1];
        }

        var below = 0;
        foreach (var (range, count) in _ranges.OrderBy(r => r.Key))
        {
            below += count;
            if (below >= place)
            {
                return Math.Clamp(MiddleOf(range), _min, _max);
            }
        }

        return _max;
    }
}
