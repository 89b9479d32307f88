using Artel.Protocol.V1;

namespace Artel.Node.Work;

/// <summary>What one task of a template occupies here while it runs.</summary>
internal sealed record LocalNeeds(int MilliCpus, long MemoryBytes, int MilliGpus, IReadOnlyDictionary<string, long> Counters)
{
    private const int DefaultMilliCpus = 1000;

    /// <remarks>
    /// The wire leaves cpus open where the map does, and then a task of a node's list needs none. Only the server knows which
    /// templates those are, so it fills the 0 in for them; here what is open is one cpu.
    /// </remarks>
    public static LocalNeeds Of(TaskTemplate template) => template.Needs is { } needs
        ? new(needs.HasMilliCpus ? needs.MilliCpus : DefaultMilliCpus, needs.MemoryBytes, needs.MilliGpus, needs.Counters)
        : new(DefaultMilliCpus, 0, 0, new Dictionary<string, long>());
}
