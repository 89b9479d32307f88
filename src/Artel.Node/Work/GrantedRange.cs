using Artel.Protocol.V1;

namespace Artel.Node.Work;

/// <summary>What is left of a grant: leases of consecutive tasks of one template. It is never expanded; starts take from its front.</summary>
internal sealed class GrantedRange
{
    private readonly long _epoch;
    private readonly int _attempt;
    private readonly long _firstSequence;
    private readonly int _firstTask;
    private readonly int _firstPosition;

    // One for each task of the grant, or none at all.
    private readonly IReadOnlyList<string> _entries;
    private int _start;
    private int _end;

    public GrantedRange(JobTemplate template, Grant grant)
        : this(template, grant.Leases.Epoch, grant.Attempt, grant.Leases.FirstSequence, grant.FirstTask, grant.FirstPosition, grant.Entries, 0, grant.Leases.Count)
    {
    }

    private GrantedRange(
        JobTemplate template, long epoch, int attempt, long firstSequence, int firstTask, int firstPosition, IReadOnlyList<string> entries, int start, int end)
    {
        Template = template;
        _epoch = epoch;
        _attempt = attempt;
        _firstSequence = firstSequence;
        _firstTask = firstTask;
        _firstPosition = firstPosition;
        _entries = entries;
        _start = start;
        _end = end;
    }

    public JobTemplate Template { get; }

    public int Count => _end - _start;

    /// <summary>Since when it could have been started but for the resources; null: it was not passed over.</summary>
    public long? PassedOverSince { get; set; }

    /// <summary>How many later leases were started before it.</summary>
    public int PassedOver { get; set; }

    public LeaseRange Leases => new() { Epoch = _epoch, FirstSequence = _firstSequence + _start, Count = Count };

    public GrantedTask TakeFirst()
    {
        var offset = _start++;
        return new GrantedTask(
            new LeaseId(_epoch, _firstSequence + offset), Template, _firstTask + offset, _firstPosition + offset, _attempt,
            _entries.Count == 0 ? null : Template.EntryOf(_entries[offset]));
    }

    /// <summary>Takes up to <paramref name="count"/> from the end.</summary>
    public LeaseRange TakeLast(int count)
    {
        count = Math.Min(count, Count);
        _end -= count;
        return new LeaseRange { Epoch = _epoch, FirstSequence = _firstSequence + _end, Count = count };
    }

    /// <summary>
    /// Takes out those that <paramref name="leases"/> holds: what is taken (null: nothing), and what is left behind them
    /// (null: nothing). What is left before them stays in this range.
    /// </summary>
    public (LeaseRange? Taken, GrantedRange? Behind) TakeOut(LeaseRange leases)
    {
        if (leases.Epoch != _epoch)
            return (null, null);

        var from = (int)Math.Clamp(leases.FirstSequence - _firstSequence, _start, _end);
        var to = (int)Math.Clamp(leases.FirstSequence + leases.Count - _firstSequence, _start, _end);
        if (from >= to)
            return (null, null);

        var behind = to < _end
            ? new GrantedRange(Template, _epoch, _attempt, _firstSequence, _firstTask, _firstPosition, _entries, to, _end)
            : null;
        _end = from;
        return (new LeaseRange { Epoch = _epoch, FirstSequence = _firstSequence + from, Count = to - from }, behind);
    }
}
