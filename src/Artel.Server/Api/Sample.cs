using V1 = Artel.Protocol.V1;

namespace Artel.Server.Api;

/// <summary>Measured values, and how they are spread.</summary>
internal sealed class Sample
{
    /// <summary>Of bounds: a microsecond, nearly.</summary>
    private const int LeastPower = -20;

    /// <summary>A petabyte, and more seconds than there are.</summary>
    private const int MostPower = 60;

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
        var counts = new int[MostPower - LeastPower + 2];
        foreach (var value in _values)
        {
            counts[value < Smallest ? 0 : Math.Min(Math.ILogB(value), MostPower) - LeastPower + 1]++;
        }

        var (first, last) = (counts.AsSpan().IndexOfAnyExcept(0), counts.AsSpan().LastIndexOfAnyExcept(0));
        var histogram = new V1.Histogram { Counts = { counts[first..(last + 1)] } };
        for (var place = first; place <= last + 1; place++)
        {
            histogram.Bounds.Add(place == 0 ? 0 : Math.ScaleB(1, place - 1 + LeastPower));
        }

        return histogram;
    }

    private double At(double share) => _values[Math.Max(0, (int)Math.Ceiling(share * _values.Count) - 1)];
}
