using Artel.Protocol.V1;

namespace Artel.Node;

/// <summary>Leases as the wire's ranges, and back.</summary>
internal static class LeaseRanges
{
    /// <summary>The fewest ranges that hold these leases and no other.</summary>
    public static List<LeaseRange> Of(IEnumerable<LeaseId> leases)
    {
        var ranges = new List<LeaseRange>();
        foreach (var lease in leases.Order())
        {
            if (ranges.Count > 0 && ranges[^1] is var last && last.Epoch == lease.Epoch
                && last.FirstSequence + last.Count == lease.Sequence && last.Count < int.MaxValue)
            {
                last.Count++;
            }
            else
            {
                ranges.Add(new LeaseRange { Epoch = lease.Epoch, FirstSequence = lease.Sequence, Count = 1 });
            }
        }

        return ranges;
    }

    public static bool Holds(this LeaseRange range, LeaseId lease) =>
        lease.Epoch == range.Epoch && lease.Sequence >= range.FirstSequence && lease.Sequence - range.FirstSequence < range.Count;

    /// <summary>
    /// Those of <paramref name="present"/> that a range holds. Costs as many steps as the smaller of the two: a range may be
    /// far larger than what is here.
    /// </summary>
    public static List<LeaseId> Within<T>(this LeaseRange range, IReadOnlyDictionary<LeaseId, T> present)
    {
        var found = new List<LeaseId>();
        if (range.Count <= present.Count)
        {
            for (var i = 0; i < range.Count; i++)
            {
                var lease = new LeaseId(range.Epoch, range.FirstSequence + i);
                if (present.ContainsKey(lease))
                    found.Add(lease);
            }
        }
        else
        {
            foreach (var lease in present.Keys)
            {
                if (range.Holds(lease))
                    found.Add(lease);
            }
        }

        return found;
    }
}
