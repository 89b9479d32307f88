namespace Artel.Protocol.Maps;

/// <summary>Which names counters can have.</summary>
public static class CounterNames
{
    /// <summary>Whether it is what every node has: a counter beside it would be asked for by mistake, and no node would have it.</summary>
    public static bool IsReserved(string name) => name is "cpus" or "memory" or "gpus";
}
