using V1 = Artel.Protocol.V1;

namespace Artel.Server.Api;

/// <summary>Measured values, and how they are spread.</summary>
internal sealed class Sample
{
    /// <summary>Of bounds: a microsecond, nearly.</summary>
    private const int LeastPower = -20;

    private static readonly double Smallest = Math.ScaleB(1, LeastPower);

    private readonly List<double> _values = [];

    public void Add(double value) => _values.Add(value);

    /// <summary>Null where nothing was measured. A quantile is a value that was measured: the smallest that so many are not above.</summary>
    public V1.Spread? Write()
    {
        if (_values.Count == 0)
        {
            return null;
        }

        _values.Sort();
        return new V1.Spread
        {
            Count = _values.Count,
            Min = _values[0],
            Median = At(0.5),
            P90 = At(0.9),
            Max = _values[^1],
            Mean = _values.Average(),
        };
    }

    /// <summary>The values by size, bounds twice the one before; null where nothing was measured.</summary>
    public V1.Histogram? Distribute()
    {
        if (_values.Count == 0)
        {
            return null;
        }

        // 2^k to under 2^(k+1); zeros, and what is smaller than anything that is measured, below all of these.
        var counts = new SortedDictionary<int, int>();
        foreach (var value in _values)
        {
            var power = value < Smallest ? LeastPower - 1 : Math.ILogB(value);
            counts[power] = counts.GetValueOrDefault(power) + 1;
        }

        var (first, last) = (counts.Keys.First(), counts.Keys.Last());
        var histogram = new V1.Histogram();
        for (var power = first; power <= last; power++)
        {
            histogram.Bounds.Add(power < LeastPower ? 0 : Math.ScaleB(1, power));
            histogram.Counts.Add(counts.GetValueOrDefault(power));
        }

        histogram.Bounds.Add(Math.ScaleB(1, last + 1));
        return histogram;
    }

    private double At(double share) => _values[Math.Max(0, (int)Math.Ceiling(share * _values.Count) - 1)];
}
