namespace Artel.Core;

/// <summary>What the connected nodes have in their hands, and what has ended since the state was made.</summary>
/// <param name="Used">What leases ask for; of each node at most what it has. Counters are left out.</param>
/// <param name="Total">What the nodes have.</param>
/// <param name="Succeeded">Tasks that have; one that is retried by hand and ends again counts again.</param>
public readonly record struct ClusterLoad(int NodesConnected, Amounts Used, Amounts Total, int Running, int Ready, long Succeeded, long Failed);

/// <summary>The same of one node.</summary>
/// <param name="Succeeded">Tasks whose last attempt was there.</param>
public readonly record struct NodeLoad(NodeId Node, Amounts Used, Amounts Total, int Running, long Succeeded, long Failed);

/// <summary>Cpus and gpus in thousandths, memory in bytes.</summary>
public readonly record struct Amounts(long MilliCpus, long MemoryBytes, long MilliGpus)
{
    public static Amounts operator +(Amounts a, Amounts b) => new(a.MilliCpus + b.MilliCpus, a.MemoryBytes + b.MemoryBytes, a.MilliGpus + b.MilliGpus);

    public static Amounts Add(Amounts left, Amounts right) => left + right;
}

/// <summary>A template of an unfinished job as it is now.</summary>
/// <param name="Index">Of the template in its job.</param>
public readonly record struct TemplateView(int Index, TaskCounts Counts);
