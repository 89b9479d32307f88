using Artel.Protocol.V1;

namespace Artel.Node.Work;

/// <summary>What one task of a template occupies here while it runs.</summary>
/// <param name="PinnedCpus">Cpus of its own. 0: it is not pinned.</param>
internal sealed record LocalNeeds(int MilliCpus, long MemoryBytes, int MilliGpus, IReadOnlyDictionary<string, long> Counters, int PinnedCpus)
{
    private const int MilliPerCpu = 1000;
    private const int DefaultMilliCpus = MilliPerCpu;

    /// <remarks>
    /// The wire leaves cpus open where the map does, and then a task of a node's list needs none. Only the server knows which
    /// templates those are, so it fills the 0 in for them; here what is open is one cpu.
    /// </remarks>
    public static LocalNeeds Of(TaskTemplate template)
    {
        var needs = template.Needs ?? new Needs();
        var milliCpus = needs.HasMilliCpus ? needs.MilliCpus : DefaultMilliCpus;
        var pinned = template.Pin ? Math.Max(1, (milliCpus + MilliPerCpu - 1) / MilliPerCpu) : 0;
        return new LocalNeeds(milliCpus, needs.MemoryBytes, needs.MilliGpus, needs.Counters, pinned);
    }
}
