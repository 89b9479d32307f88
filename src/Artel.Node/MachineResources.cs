using Artel.Protocol.V1;

namespace Artel.Node;

/// <summary>What this machine has for tasks.</summary>
public static class MachineResources
{
    /// <summary>
    /// Processors that this process may use (affinity and cgroup limits count), and the memory of the machine or of the cgroup's
    /// limit. Gpus and counters are not found out: name them in <see cref="NodeAgentOptions.Resources"/>.
    /// </summary>
    public static Resources Detect() => new()
    {
        MilliCpus = Environment.ProcessorCount * 1000,
        MemoryBytes = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes,
    };
}
