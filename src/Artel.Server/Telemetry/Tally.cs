using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Artel.Server.Telemetry;

/// <summary>
/// Observations by bucket, until somebody reads the histogram that is made of them. What happens 150,000 times a second adds to two numbers
/// here; a histogram of OpenTelemetry would take ten times as long for it, and is made only where it is asked for. Any thread.
/// </summary>
/// <param name="bounds">Upper ends of the buckets, rising; those of the histogram too.</param>
internal sealed class Tally(params double[] bounds)
{
    /// <summary>A bucket takes no more between two readings: so a first reading after days ends soon. What is more is not in the histogram.</summary>
    private const long Most = 5_000_000;

    private readonly Lock _gate = new();
    private long[] _counts = new long[bounds.Length + 1];
    private double[] _sums = new double[bounds.Length + 1];

    public IReadOnlyList<double> Bounds => bounds;

    public void Add(TimeSpan duration, int times = 1) => Add(duration.TotalSeconds, times);

    public void Add(double value, int times = 1)
    {
        var bucket = 0;
        while (bucket < bounds.Length && value > bounds[bucket])
        {
            bucket++;
        }

        lock (_gate)
        {
            if (_counts[bucket] < Most)
            {
                _counts[bucket] += times;
                _sums[bucket] += value * times;
            }
        }
    }

    /// <summary>Gives the histogram what has come since the last call: as many observations in each bucket, with the same sum.</summary>
    public void DrainInto(Histogram<double> histogram, params ReadOnlySpan<KeyValuePair<string, object?>> labels)
    {
        var tags = new TagList(labels);
        var (counts, sums) = Take();
        for (var bucket = 0; bucket < counts.Length; bucket++)
        {
            var mean = Within(bucket, sums[bucket] / counts[bucket]);
            for (var n = 0L; n < counts[bucket]; n++)
            {
                histogram.Record(mean, tags);
            }
        }
    }

    private (long[] Counts, double[] Sums) Take()
    {
        lock (_gate)
        {
            var taken = (_counts, _sums);
            _counts = new long[bounds.Length + 1];
            _sums = new double[bounds.Length + 1];
            return taken;
        }
    }

    /// <summary>A mean is within its bucket but for rounding.</summary>
    private double Within(int bucket, double mean)
    {
        mean = bucket < bounds.Length ? Math.Min(mean, bounds[bucket]) : mean;
        return bucket > 0 ? Math.Max(mean, Math.BitIncrement(bounds[bucket - 1])) : mean;
    }
}
