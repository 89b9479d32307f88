namespace Artel.Core;

/// <summary>The sum of needs of the leases on a node.</summary>
internal sealed class Load
{
    private readonly SortedDictionary<string, long> _counters = new(StringComparer.Ordinal);

    public long MilliCpus { get; private set; }

    public long MemoryBytes { get; private set; }

    public long MilliGpus { get; private set; }

    public IEnumerable<KeyValuePair<string, long>> Counters => _counters.Where(c => c.Value != 0);

    public void Add(Needs needs, int times)
    {
        MilliCpus += (long)needs.MilliCpus * times;
        MemoryBytes += needs.MemoryBytes * times;
        MilliGpus += (long)needs.MilliGpus * times;
        foreach (var counter in needs.Counters)
        {
            _counters[counter.Name] = _counters.GetValueOrDefault(counter.Name) + (counter.Amount * times);
        }
    }

    /// <summary>How many more tasks with these needs fit beside the load, at most <paramref name="most"/>.</summary>
    public int Room(Resources capacity, Needs needs, int most)
    {
        var room = (long)most;
        Limit(ref room, capacity.MilliCpus - MilliCpus, needs.MilliCpus);
        Limit(ref room, capacity.MemoryBytes - MemoryBytes, needs.MemoryBytes);
        Limit(ref room, capacity.MilliGpus - MilliGpus, needs.MilliGpus);
        foreach (var counter in needs.Counters)
        {
            Limit(ref room, AmountOf(capacity, counter.Name) - _counters.GetValueOrDefault(counter.Name), counter.Amount);
        }

        return (int)room;
    }

    /// <summary>How much of a counter the load takes.</summary>
    public long UsedOf(string counter) => _counters.GetValueOrDefault(counter);

    /// <summary>Which part of a node a task occupies: the largest over cpus, memory, gpus and counters ("dominant share", Ghodsi et al., NSDI 2011). 0 to 1 where it fits.</summary>
    public static double DominantShare(Resources capacity, Needs needs)
    {
        var share = Math.Max(Part(needs.MilliCpus, capacity.MilliCpus), Part(needs.MemoryBytes, capacity.MemoryBytes));
        share = Math.Max(share, Part(needs.MilliGpus, capacity.MilliGpus));
        foreach (var counter in needs.Counters)
        {
            share = Math.Max(share, Part(counter.Amount, AmountOf(capacity, counter.Name)));
        }

        return share;
    }

    /// <summary>Whether an empty node of this capacity could run such a task.</summary>
    public static bool CanEverFit(Resources capacity, Needs needs)
    {
        foreach (var counter in needs.Counters)
        {
            if (counter.Amount > AmountOf(capacity, counter.Name))
            {
                return false;
            }
        }

        return needs.MilliCpus <= capacity.MilliCpus && needs.MemoryBytes <= capacity.MemoryBytes && needs.MilliGpus <= capacity.MilliGpus;
    }

    private static void Limit(ref long room, long free, long need)
    {
        if (need > 0)
        {
            room = Math.Min(room, Math.Max(0, free / need));
        }
    }

    private static double Part(long need, long capacity) => need == 0 ? 0 : capacity == 0 ? 1 : (double)need / capacity;

    public static long AmountOf(Resources capacity, string counter)
    {
        foreach (var known in capacity.Counters)
        {
            if (string.Equals(known.Name, counter, StringComparison.Ordinal))
            {
                return known.Amount;
            }
        }

        return 0;
    }
}
