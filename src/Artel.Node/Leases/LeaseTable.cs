using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Artel.Node.Link;
using Artel.Node.Spool;
using Artel.Node.Work;
using Artel.Protocol.V1;
using Attempt = Artel.Node.Work.Attempt;

namespace Artel.Node.Leases;

/// <summary>
/// The leases of this node and the state of each (<see cref="LeaseRules"/>): the only owner of them. Attempts and the
/// link report events; starters, link, tails and delivery ask what to do next. Leases that were not started stay
/// ranges. Any thread. It calls no other part.
/// </summary>
internal sealed partial class LeaseTable
{
    private readonly Lock _gate = new();
    private readonly Backlog _assigned = new();
    private readonly Dictionary<LeaseId, Entry> _entries = [];
    private readonly int[] _counts = new int[(int)LeaseState.Settled];

    // What is to be done, in order. When the turn of a lease comes, its state decides: one that has moved on is passed
    // over.
    private readonly Queue<LeaseId> _starts = new();
    private readonly Queue<LeaseId> _ends = new();
    private readonly Queue<LeaseId> _asked = new();
    private readonly List<LeaseRange> _returned = [];

    /// <summary>Set when there is something to report to the server.</summary>
    public Signal HasNews { get; } = new();

    /// <summary>Set when the server may have requested an output.</summary>
    public Signal HasAsked { get; } = new();

    public LeaseCounts Counts
    {
        get
        {
            lock (_gate)
            {
                return new LeaseCounts(
                    _assigned.Count, Count(LeaseState.Starting), Count(LeaseState.Running),
                    Count(LeaseState.Spooled) + Count(LeaseState.Announced) + Count(LeaseState.Delivering));
            }
        }
    }

    /// <summary>True if any lease that has not been started is exclusive.</summary>
    public bool HasExclusiveAssigned
    {
        get
        {
            lock (_gate)
            {
                return _assigned.HasExclusive;
            }
        }
    }

    /// <summary>
    /// True if there is something to report to the server. It may turn out to be out of date when it is taken.
    /// </summary>
    public bool HasNewsNow
    {
        get
        {
            lock (_gate)
            {
                return _starts.Count > 0 || _ends.Count > 0 || _returned.Count > 0;
            }
        }
    }

    /// <summary>The state of a lease; null if the node does not have it, or has not started it.</summary>
    public LeaseState? StateOf(LeaseId lease)
    {
        lock (_gate)
        {
            return _entries.TryGetValue(lease, out var entry) ? entry.State : null;
        }
    }

    /// <summary>The attempt of a lease that has not ended.</summary>
    public Attempt? AttemptOf(LeaseId lease)
    {
        lock (_gate)
        {
            return _entries.TryGetValue(lease, out var entry) ? entry.Attempt : null;
        }
    }

    /// <summary>All attempts that have not ended.</summary>
    public Attempt[] Attempts()
    {
        lock (_gate)
        {
            return [.. _entries.Values.Select(e => e.Attempt).OfType<Attempt>()];
        }
    }

    /// <summary>
    /// Finds where the result of a lease is in the spool, and why its bytes are lost if they are. False if there is no
    /// result.
    /// </summary>
    public bool TryFindResult(LeaseId lease, out SpoolPlace place, out string? loss)
    {
        lock (_gate)
        {
            var isThere = _entries.TryGetValue(lease, out var entry) && entry.State >= LeaseState.Spooled;
            (place, loss) = (entry.Place, entry.Loss);
            return isThere;
        }
    }

    /// <summary>All results in the spool.</summary>
    public List<(LeaseId Lease, SpoolPlace Place)> Results()
    {
        lock (_gate)
        {
            return [.. _entries.Where(e => e.Value.State >= LeaseState.Spooled).Select(e => (e.Key, e.Value.Place))];
        }
    }

    public void Assign(GrantedRange range)
    {
        lock (_gate)
        {
            _assigned.Add(range);
        }
    }

    /// <summary>Returns leases that were granted and are not wanted.</summary>
    public void Decline(LeaseRange leases)
    {
        lock (_gate)
        {
            _returned.Add(leases);
        }

        HasNews.Set();
    }

    /// <summary>True if something could be started with what is free.</summary>
    public bool HasFitting(FreeResources free)
    {
        lock (_gate)
        {
            return _assigned.HasFitting(free);
        }
    }

    /// <summary>Takes the next lease that can be started. Null if there is none.</summary>
    /// <param name="make">Makes the attempt. It must not call the table.</param>
    public Attempt? TakeNext(
        FreeResources free, bool mayStartExclusive, long nowMilliseconds, Func<GrantedTask, Attempt?> make)
    {
        lock (_gate)
        {
            while (_assigned.TakeNext(free, mayStartExclusive, nowMilliseconds) is { } task)
            {
                // A server that grants what already runs here has been restored from a copy. A lease never has a second
                // process.
                if (_entries.TryGetValue(task.Lease, out var entry) && entry.State < LeaseState.Spooled)
                    continue;

                var attempt = make(task);
                Enter(task.Lease, new Entry { State = Next(LeaseState.Assigned, LeaseEvent.Taken), Attempt = attempt });
                return attempt;
            }

            return null;
        }
    }

    public void Started(LeaseId lease, DateTimeOffset at)
    {
        lock (_gate)
        {
            ref var entry = ref Move(lease, LeaseEvent.Started);
            entry.StartedAt = at;
            _starts.Enqueue(lease);
        }

        HasNews.Set();
    }

    /// <summary>The result of an attempt is in the spool.</summary>
    public void Kept(LeaseId lease, SpoolPlace place)
    {
        lock (_gate)
        {
            ref var entry = ref Move(lease, LeaseEvent.Kept);
            (entry.Place, entry.Attempt) = (place, null);
            _ends.Enqueue(lease);
        }

        HasNews.Set();
    }

    /// <summary>The spool holds the result of an attempt of an earlier agent.</summary>
    public void Restored(LeaseId lease, SpoolPlace place)
    {
        lock (_gate)
        {
            Enter(lease, new Entry { State = LeaseState.Spooled, Place = place });
        }
    }

    /// <summary>The result is at another place in the spool now. Does nothing if it was settled.</summary>
    public void Moved(LeaseId lease, SpoolPlace place)
    {
        lock (_gate)
        {
            ref var entry = ref CollectionsMarshal.GetValueRefOrNullRef(_entries, lease);
            if (!Unsafe.IsNullRef(ref entry))
                entry.Place = place;
        }
    }

    /// <summary>An attempt has ended and has no result.</summary>
    /// <param name="isGivenBack">
    /// True: the server is notified, so that the task goes elsewhere. False: it was revoked.
    /// </param>
    public void Dropped(LeaseId lease, bool isGivenBack)
    {
        lock (_gate)
        {
            Leave(lease, LeaseEvent.Dropped);
            if (isGivenBack)
                _returned.Add(new LeaseRange { Epoch = lease.Epoch, FirstSequence = lease.Sequence, Count = 1 });
        }

        if (isGivenBack)
            HasNews.Set();
    }

    /// <summary>Drops those of these leases that have not been started.</summary>
    /// <returns>The attempts of those that were started and have not ended.</returns>
    public List<Attempt> TakeOut(LeaseRange leases, bool isGivenBack)
    {
        List<Attempt> attempts;
        lock (_gate)
        {
            // In one step: a new link presents each lease as held or has it among the returned ones.
            var dropped = _assigned.TakeOut(leases);
            if (isGivenBack)
                _returned.AddRange(dropped);

            attempts = [.. leases.Within(_entries).Select(l => _entries[l].Attempt).OfType<Attempt>()];
        }

        if (isGivenBack)
            HasNews.Set();

        return attempts;
    }

    /// <summary>
    /// Returns up to <paramref name="count"/> leases that have not been started, the last granted first.
    /// </summary>
    public void GiveBack(int count)
    {
        lock (_gate)
        {
            _returned.AddRange(_assigned.TakeLast(count));
        }

        HasNews.Set();
    }

    private int Count(LeaseState state) => _counts[(int)state];

    private void Enter(LeaseId lease, Entry entry)
    {
        if (_entries.Remove(lease, out var earlier))
            _counts[(int)earlier.State]--;

        _entries.Add(lease, entry);
        _counts[(int)entry.State]++;
    }

    private void Leave(LeaseId lease, LeaseEvent what)
    {
        if (!_entries.TryGetValue(lease, out var entry))
            throw NotAllowed(lease, null, what);

        _ = Next(entry.State, what);
        _entries.Remove(lease);
        _counts[(int)entry.State]--;
    }

    /// <summary>For events that cannot come late: one that is not allowed is a bug.</summary>
    private ref Entry Move(LeaseId lease, LeaseEvent what)
    {
        ref var entry = ref CollectionsMarshal.GetValueRefOrNullRef(_entries, lease);
        if (Unsafe.IsNullRef(ref entry))
            throw NotAllowed(lease, null, what);

        Change(ref entry, LeaseRules.After(entry.State, what) ?? throw NotAllowed(lease, entry.State, what));
        return ref entry;
    }

    /// <summary>For events that may come too late, such as those of the server. False if this one did.</summary>
    private bool TryMove(LeaseId lease, LeaseEvent what)
    {
        ref var entry = ref CollectionsMarshal.GetValueRefOrNullRef(_entries, lease);
        if (Unsafe.IsNullRef(ref entry) || LeaseRules.After(entry.State, what) is not { } state)
            return false;

        Change(ref entry, state);
        return true;
    }

    private void Change(ref Entry entry, LeaseState state)
    {
        _counts[(int)entry.State]--;
        _counts[(int)state]++;
        entry.State = state;
    }

    private static LeaseState Next(LeaseState state, LeaseEvent what) =>
        LeaseRules.After(state, what) ?? throw NotAllowed(null, state, what);

    private static InvalidOperationException NotAllowed(LeaseId? lease, LeaseState? state, LeaseEvent what) =>
        new($"lease {lease} is {state?.ToString() ?? "unknown"}: {what} does not belong there");

    private struct Entry
    {
        public LeaseState State;

        /// <summary>Until it has ended.</summary>
        public Attempt? Attempt;

        public DateTimeOffset StartedAt;

        /// <summary>From Spooled on.</summary>
        public SpoolPlace Place;

        /// <summary>Why the bytes of its result are lost. Null if they are not known to be.</summary>
        public string? Loss;

        /// <summary>Its output is being sent while it runs, and then to its end.</summary>
        public bool IsSentAhead;
    }
}

/// <summary>How many leases the node has.</summary>
/// <param name="Assigned">Not started.</param>
/// <param name="Starting">Without a process yet.</param>
/// <param name="Running">With a process.</param>
/// <param name="Results">Ended, and not settled.</param>
internal readonly record struct LeaseCounts(int Assigned, int Starting, int Running, int Results)
{
    /// <summary>Attempts that have not ended.</summary>
    public int Attempts => Starting + Running;

    /// <summary>Nothing runs and nothing waits to be started.</summary>
    public bool IsIdle => Assigned == 0 && Attempts == 0;
}
