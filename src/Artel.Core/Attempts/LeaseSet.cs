namespace Artel.Core;

/// <summary>
/// Leases that a node presents or gives back, as ranges in order that neither overlap nor touch. What anything here costs follows from the
/// number of ranges that came, never from how many leases they stand for: a peer chooses that number. Immutable.
/// </summary>
public sealed class LeaseSet
{
    private readonly Run[] _runs;

    private LeaseSet(Run[] runs)
    {
        _runs = runs;
        foreach (var run in runs)
        {
            // No sum of them overflows: each is at least 0 and below 2^63.
            var count = run.Last - run.First;
            Count = Count > long.MaxValue - 1 - count ? long.MaxValue : Count + count + 1;
        }
    }

    public static LeaseSet Empty { get; } = new([]);

    /// <summary>How many leases; <see cref="long.MaxValue"/> also stands for more.</summary>
    public long Count { get; }

    /// <param name="ranges">In any order; they may overlap. Those without a lease are left out, and so are sequences below 1, which no lease has.</param>
    public static LeaseSet Of(IEnumerable<LeaseRange> ranges)
    {
        ArgumentNullException.ThrowIfNull(ranges);
        var sorted = ranges.Where(r => r.Count > 0).Select(Run.Of).Where(r => r.Last >= r.First).ToArray();
        Array.Sort(sorted);
        var runs = new List<Run>(sorted.Length);
        foreach (var run in sorted)
        {
            if (runs.Count > 0 && runs[^1].Epoch == run.Epoch && run.First - 1 <= runs[^1].Last)
            {
                runs[^1] = runs[^1] with { Last = Math.Max(runs[^1].Last, run.Last) };
            }
            else
            {
                runs.Add(run);
            }
        }

        return runs.Count == 0 ? Empty : new LeaseSet([.. runs]);
    }

    public static LeaseSet Of(Lease lease) => Of([new LeaseRange(lease.Epoch, lease.Sequence, 1)]);

    public bool Contains(Lease lease)
    {
        var at = Array.BinarySearch(_runs, new Run(lease.Epoch, lease.Sequence, 0));
        at = at >= 0 ? at : ~at - 1;

        // A run that begins at the lease may be on either side of it.
        return Has(at, lease) || Has(at + 1, lease);
    }

    /// <summary>Every lease, in order. There may be more than anyone has time for: look at <see cref="Count"/> first.</summary>
    public IEnumerable<Lease> Each()
    {
        foreach (var run in _runs)
        {
            for (var sequence = run.First; sequence <= run.Last; sequence++)
            {
                yield return new Lease(run.Epoch, sequence);
            }
        }
    }

    /// <summary>Those that are not among others, as ranges in order.</summary>
    public IReadOnlyList<LeaseRange> Without(IEnumerable<Lease> others)
    {
        var rest = new List<LeaseRange>();
        var inOrder = others.Where(Contains).OrderBy(l => l.Epoch).ThenBy(l => l.Sequence).ToArray();
        var next = 0;
        foreach (var run in _runs)
        {
            var from = run.First;
            for (; next < inOrder.Length && inOrder[next].Epoch == run.Epoch && inOrder[next].Sequence <= run.Last; next++)
            {
                Add(rest, run.Epoch, from, inOrder[next].Sequence - 1);
                from = inOrder[next].Sequence + 1;
            }

            Add(rest, run.Epoch, from, run.Last);
        }

        return rest;
    }

    private static void Add(List<LeaseRange> ranges, long epoch, long first, long last)
    {
        // A range says how many it has in 32 bits; a run of more makes several, of which there are no more than ranges that came.
        while (first <= last)
        {
            var count = (int)Math.Min(int.MaxValue, last - first + 1);
            ranges.Add(new LeaseRange(epoch, first, count));
            first += count;
        }
    }

    private bool Has(int at, Lease lease) =>
        at >= 0 && at < _runs.Length && _runs[at].Epoch == lease.Epoch && _runs[at].First <= lease.Sequence && lease.Sequence <= _runs[at].Last;

    /// <param name="Last">Included.</param>
    private readonly record struct Run(long Epoch, long First, long Last) : IComparable<Run>
    {
        // The last sequence that is counted leaves room for the one behind it.
        private const long MaxSequence = long.MaxValue - 1;

        public static Run Of(LeaseRange range)
        {
            var first = Math.Max(1, range.FirstSequence);
            var skipped = range.FirstSequence < 1 ? 1 - (decimal)range.FirstSequence : 0;
            return new Run(range.Epoch, first, (long)Math.Min(MaxSequence, first + (decimal)range.Count - skipped - 1));
        }

        public int CompareTo(Run other) =>
            Epoch != other.Epoch ? Epoch.CompareTo(other.Epoch) : First != other.First ? First.CompareTo(other.First) : Last.CompareTo(other.Last);
    }
}
