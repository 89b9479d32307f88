using Artel.Core;

namespace Artel.Server.History;

/// <summary>What was in use and got done over a time that ends at <paramref name="At"/>.</summary>
/// <param name="Span">How long that time is.</param>
/// <param name="Used">A mean, as <paramref name="Total"/>, <paramref name="Running"/>, <paramref name="Ready"/> and <paramref name="Nodes"/>.</param>
/// <param name="Succeeded">Tasks that have in this time, as <paramref name="Failed"/>.</param>
internal readonly record struct LoadSample(
    DateTimeOffset At, TimeSpan Span, Amounts Used, Amounts Total, int Running, int Ready, long Succeeded, long Failed, int Nodes)
{
    /// <summary>When its time begins.</summary>
    public DateTimeOffset From => At - Span;

    /// <summary>One for several that follow each other. What was not known between them it does not tell.</summary>
    /// <param name="samples">In order, at least one.</param>
    public static LoadSample Merge(IReadOnlyList<LoadSample> samples)
    {
        var known = samples.Sum(s => s.Span.TotalSeconds);
        return new LoadSample(
            samples[^1].At, samples[^1].At - samples[0].From,
            Mean(s => s.Used), Mean(s => s.Total), (int)MeanOf(s => s.Running), (int)MeanOf(s => s.Ready),
            samples.Sum(s => s.Succeeded), samples.Sum(s => s.Failed), (int)MeanOf(s => s.Nodes));

        Amounts Mean(Func<LoadSample, Amounts> amounts) => new(
            MeanOf(s => amounts(s).MilliCpus), MeanOf(s => amounts(s).MemoryBytes), MeanOf(s => amounts(s).MilliGpus));

        long MeanOf(Func<LoadSample, long> value) =>
            known > 0 ? (long)Math.Round(samples.Sum(s => value(s) * s.Span.TotalSeconds) / known) : value(samples[^1]);
    }

    /// <summary>At most so many, by making one of those that fall into the same part of the time. Parts in which nothing is known have none.</summary>
    /// <param name="samples">In order.</param>
    public static IReadOnlyList<LoadSample> Thin(IReadOnlyList<LoadSample> samples, int most)
    {
        if (samples.Count <= most)
        {
            return samples;
        }

        var (from, part) = (samples[0].From, (samples[^1].At - samples[0].From) / most);
        return
        [
            .. samples.GroupBy(s => Math.Min(most - 1, (int)((s.At - (s.Span / 2) - from) / part))).OrderBy(g => g.Key).Select(g => Merge([.. g])),
        ];
    }
}
