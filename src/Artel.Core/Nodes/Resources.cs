using System.Collections.Immutable;

namespace Artel.Core;

/// <summary>An amount of a named counter, such as licences.</summary>
public readonly record struct Counter(string Name, long Amount);

/// <summary>What one task occupies on its node while it runs.</summary>
/// <param name="MilliCpus">Thousandths of a cpu.</param>
/// <param name="MemoryBytes">Bytes of memory.</param>
/// <param name="MilliGpus">Thousandths of a gpu.</param>
/// <param name="Counters">In order of name.</param>
public sealed record Needs(int MilliCpus, long MemoryBytes, int MilliGpus, ImmutableArray<Counter> Counters)
{
    public static Needs None { get; } = new(0, 0, 0, []);

    /// <summary>One cpu: what a task needs that says nothing.</summary>
    public static Needs OneCpu { get; } = new(1000, 0, 0, []);

    /// <summary>True if what a task with these needs leaves is enough for one with the others.</summary>
    internal bool Covers(Needs other) =>
        MilliCpus >= other.MilliCpus && MemoryBytes >= other.MemoryBytes && MilliGpus >= other.MilliGpus
        && other.Counters.All(o => Counters.Any(c => c.Name == o.Name && c.Amount >= o.Amount));

    public bool Equals(Needs? other) =>
        other is not null && MilliCpus == other.MilliCpus && MemoryBytes == other.MemoryBytes && MilliGpus == other.MilliGpus
        && Counters.AsSpan().SequenceEqual(other.Counters.AsSpan());

    public override int GetHashCode() => HashCode.Combine(MilliCpus, MemoryBytes, MilliGpus, Counters.Length);
}

/// <summary>What a node has to give. Same units as <see cref="Needs"/>.</summary>
public sealed record Resources(int MilliCpus, long MemoryBytes, int MilliGpus, ImmutableArray<Counter> Counters)
{
    public static Resources None { get; } = new(0, 0, 0, []);

    /// <summary>What is left of it beside a task; nothing is less than nothing.</summary>
    public Resources Without(Needs needs)
    {
        ArgumentNullException.ThrowIfNull(needs);
        var counters = Counters;
        foreach (var need in needs.Counters)
        {
            counters = [.. counters.Select(c => c.Name == need.Name ? c with { Amount = Math.Max(0, c.Amount - need.Amount) } : c)];
        }

        return new Resources(
            Math.Max(0, MilliCpus - needs.MilliCpus), Math.Max(0, MemoryBytes - needs.MemoryBytes), Math.Max(0, MilliGpus - needs.MilliGpus), counters);
    }

    public bool Equals(Resources? other) =>
        other is not null && MilliCpus == other.MilliCpus && MemoryBytes == other.MemoryBytes && MilliGpus == other.MilliGpus
        && Counters.AsSpan().SequenceEqual(other.Counters.AsSpan());

    public override int GetHashCode() => HashCode.Combine(MilliCpus, MemoryBytes, MilliGpus, Counters.Length);
}
