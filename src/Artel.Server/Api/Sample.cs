using V1 = Artel.Protocol.V1;

namespace Artel.Server.Api;

/// <summary>Measured values, and how they are spread.</summary>
internal sealed class Sample
{
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

    private double At(double share) => _values[Math.Max(0, (int)Math.Ceiling(share * _values.Count) - 1)];
}
