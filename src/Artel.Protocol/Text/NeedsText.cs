using System.Globalization;
using Artel.Protocol.Maps;
using Artel.Protocol.V1;

namespace Artel.Protocol.Text;

/// <summary>What a task occupies on its node, in words.</summary>
public static class NeedsText
{
    /// <summary><c>2 cpus, 4 GiB, 1 gpus, 3 licence</c>; empty where it occupies nothing.</summary>
    /// <param name="needs">As its map says; null where that says nothing.</param>
    /// <param name="inList">Whether it is in the list of a node: those ask for no cpus unless they say so.</param>
    public static string Of(Needs? needs, bool inList)
    {
        var parts = new List<string>();
        var cpus = needs is { HasMilliCpus: true } ? needs.MilliCpus : inList ? 0 : 1000;
        if (cpus > 0)
            parts.Add($"{Thousandths.Format(cpus)} {(cpus == 1000 ? "cpu" : "cpus")}");

        if (needs is { MemoryBytes: > 0 })
            parts.Add(Words.Size(needs.MemoryBytes));

        if (needs is { MilliGpus: > 0 })
            parts.Add($"{Thousandths.Format(needs.MilliGpus)} gpus");

        if (needs is not null)
            parts.AddRange(needs.Counters.OrderBy(c => c.Key, StringComparer.Ordinal).Select(c => string.Create(CultureInfo.InvariantCulture, $"{c.Value} {c.Key}")));

        return string.Join(", ", parts);
    }
}
