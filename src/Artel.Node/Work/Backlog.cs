using Artel.Protocol.V1;

namespace Artel.Node.Work;

/// <summary>
/// Leases that were granted and not started yet, in the order in which they came. Plain data: who owns it sees that callers take
/// turns, and tells the time.
/// </summary>
/// <remarks>
/// What comes first starts first. Where the first does not fit what is free, a later, smaller one may go before it, but not for
/// ever: after <see cref="MaxPassedOver"/> such starts or <see cref="MaxPassedOverMilliseconds"/> it is waited for.
/// </remarks>
internal sealed class Backlog
{
    public const int MaxPassedOver = 64;
    public const long MaxPassedOverMilliseconds = 30_000;

    // How far a start looks for something that fits.
    private const int LookAhead = 256;

    private readonly LinkedList<GrantedRange> _ranges = new();

    /// <summary>Leases in it.</summary>
    public int Count { get; private set; }

    public void Add(GrantedRange range)
    {
        if (range.Count == 0)
            return;

        _ranges.AddLast(range);
        Count += range.Count;
    }

    public bool HasExclusive => _ranges.Any(r => r.Template.Spec.Exclusive);

    /// <summary>Takes the next lease to start, or null where none fits what is free.</summary>
    /// <param name="mayStartExclusive">Where not, exclusive ones wait, and are in nobody's way.</param>
    public GrantedTask? TakeNext(FreeResources free, bool mayStartExclusive, long nowMilliseconds)
    {
        GrantedRange? blocked = null;
        var looked = 0;
        for (var node = _ranges.First; node is not null && looked < LookAhead; node = node.Next, looked++)
        {
            var range = node.Value;
            if (range.Template.Spec.Exclusive && !mayStartExclusive)
                continue;

            if (free.Fits(range.Template.Needs) || free.NeverFits(range.Template.Needs) is not null)
            {
                // What can never fit is taken too: its attempt fails and says why.
                if (blocked is not null)
                    blocked.PassedOver++;

                return TakeFirst(node);
            }

            if (blocked is null)
            {
                blocked = range;
                blocked.PassedOverSince ??= nowMilliseconds;
                if (blocked.PassedOver >= MaxPassedOver || nowMilliseconds - blocked.PassedOverSince >= MaxPassedOverMilliseconds)
                    return null;
            }
        }

        return null;
    }

    /// <summary>Whether there may be something in it that fits what is free; seen without taking it or waiting for it.</summary>
    public bool HasFitting(FreeResources free)
    {
        var looked = 0;
        for (var node = _ranges.First; node is not null && looked < LookAhead; node = node.Next, looked++)
        {
            if (free.Fits(node.Value.Template.Needs))
                return true;
        }

        return false;
    }

    /// <summary>Takes up to <paramref name="count"/> leases, last granted first.</summary>
    public List<LeaseRange> TakeLast(int count)
    {
        var taken = new List<LeaseRange>();
        while (count > 0 && _ranges.Last is { } last)
        {
            var range = last.Value.TakeLast(count);
            taken.Add(range);
            count -= range.Count;
            Count -= range.Count;
            if (last.Value.Count == 0)
                _ranges.RemoveLast();
        }

        return taken;
    }

    /// <summary>Takes out those leases that are in it.</summary>
    public List<LeaseRange> TakeOut(LeaseRange leases)
    {
        var taken = new List<LeaseRange>();
        for (var node = _ranges.First; node is not null;)
        {
            var next = node.Next;
            var (range, behind) = node.Value.TakeOut(leases);
            if (range is not null)
            {
                taken.Add(range);
                Count -= range.Count;
            }

            if (behind is not null)
                _ranges.AddAfter(node, behind);

            if (node.Value.Count == 0)
                _ranges.Remove(node);

            node = next;
        }

        return taken;
    }

    /// <summary>All leases in it, as they are.</summary>
    public IEnumerable<LeaseRange> Leases() => _ranges.Select(r => r.Leases);

    private GrantedTask TakeFirst(LinkedListNode<GrantedRange> node)
    {
        var task = node.Value.TakeFirst();
        Count--;
        if (node.Value.Count == 0)
        {
            _ranges.Remove(node);
        }
        else
        {
            // The next one of the range has not been passed over yet.
            node.Value.PassedOver = 0;
            node.Value.PassedOverSince = null;
        }

        return task;
    }
}
