using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Artel.Node.Spool;
using Artel.Protocol.V1;

namespace Artel.Node.Leases;

/// <content>What the link reports to the server, and what the server requests.</content>
internal sealed partial class LeaseTable
{
    /// <summary>
    /// Returns what a new link begins with. What was reported on an earlier link no longer counts: whatever happens
    /// from here on is reported again, or is part of this.
    /// </summary>
    public (List<LeaseRange> Held, List<LeaseRange> Finished) Present()
    {
        lock (_gate)
        {
            _starts.Clear();
            _ends.Clear();
            _asked.Clear();
            _returned.Clear();
            foreach (var lease in _entries.Keys.ToArray())
            {
                ref var entry = ref CollectionsMarshal.GetValueRefOrNullRef(_entries, lease);
                if (LeaseRules.After(entry.State, LeaseEvent.Withdrawn) is { } state)
                    Change(ref entry, state);
            }

            var started = _entries.Where(e => e.Value.State < LeaseState.Spooled).Select(e => e.Key);
            var finished = _entries.Where(e => e.Value.State >= LeaseState.Spooled).Select(e => e.Key);
            return ([.. LeaseRanges.Of(started), .. _assigned.Leases()], LeaseRanges.Of(finished));
        }
    }

    /// <summary>The link is up: starts and ends are reported again, since they may not have arrived.</summary>
    public void BeginLink()
    {
        lock (_gate)
        {
            _starts.Clear();
            _ends.Clear();
            foreach (var (lease, entry) in _entries)
            {
                if (entry.State == LeaseState.Running)
                    _starts.Enqueue(lease);
                else if (entry.State == LeaseState.Spooled)
                    _ends.Enqueue(lease);
            }
        }

        HasNews.Set();
    }

    /// <summary>Takes the leases to report as returned.</summary>
    public List<LeaseRange> TakeReturned()
    {
        lock (_gate)
        {
            List<LeaseRange> taken = [.. _returned];
            _returned.Clear();
            return taken;
        }
    }

    /// <summary>
    /// Takes starts to report, of attempts that have not ended: the report of an end includes the start.
    /// </summary>
    public List<(LeaseId Lease, DateTimeOffset At)> TakeStarts(int most)
    {
        lock (_gate)
        {
            var taken = new List<(LeaseId, DateTimeOffset)>();
            while (taken.Count < most && _starts.TryDequeue(out var lease))
            {
                if (_entries.TryGetValue(lease, out var entry) && entry.State == LeaseState.Running)
                    taken.Add((lease, entry.StartedAt));
            }

            return taken;
        }
    }

    /// <summary>Takes the next result to announce, which counts as announced from here on.</summary>
    public bool TryTakeEnd(out LeaseId lease)
    {
        lock (_gate)
        {
            while (_ends.TryDequeue(out lease))
            {
                if (TryMove(lease, LeaseEvent.Announced))
                    return true;
            }

            return false;
        }
    }

    /// <summary>The server has stored or refused these results.</summary>
    /// <returns>Those that were in the spool, and their places there.</returns>
    public List<(LeaseId Lease, SpoolPlace Place)> Settle(IEnumerable<LeaseRange> ranges)
    {
        var settled = new List<(LeaseId, SpoolPlace)>();
        lock (_gate)
        {
            foreach (var range in ranges)
            {
                foreach (var lease in range.Within(_entries))
                {
                    if (LeaseRules.After(_entries[lease].State, LeaseEvent.Settled) is null)
                        continue;

                    settled.Add((lease, _entries[lease].Place));
                    Leave(lease, LeaseEvent.Settled);
                }
            }
        }

        return settled;
    }

    /// <summary>
    /// The server requests the output of a result. A request that comes too late, or twice, changes nothing.
    /// </summary>
    public void Ask(LeaseId lease)
    {
        lock (_gate)
        {
            if (!TryMove(lease, LeaseEvent.Asked))
                return;

            _asked.Enqueue(lease);
        }

        HasAsked.Set();
    }

    /// <summary>
    /// Claims the output of a running attempt for sending, until <see cref="EndAhead"/>. False if it has ended or is
    /// being sent.
    /// </summary>
    public bool TryBeginAhead(LeaseId lease)
    {
        lock (_gate)
        {
            ref var entry = ref CollectionsMarshal.GetValueRefOrNullRef(_entries, lease);
            return !Unsafe.IsNullRef(ref entry) && entry.State is LeaseState.Starting or LeaseState.Running
                && !entry.IsSentAhead && (entry.IsSentAhead = true);
        }
    }

    /// <summary>Ends what <see cref="TryBeginAhead"/> has begun, whether or not the output was delivered.</summary>
    public void EndAhead(LeaseId lease)
    {
        lock (_gate)
        {
            ref var entry = ref CollectionsMarshal.GetValueRefOrNullRef(_entries, lease);
            if (Unsafe.IsNullRef(ref entry))
                return;

            entry.IsSentAhead = false;
        }

        AskAgain(lease);
    }

    /// <summary>Takes the next output to send. False if there is none, or all are being sent.</summary>
    public bool TryTakeAsked(out LeaseId lease)
    {
        lock (_gate)
        {
            while (_asked.TryDequeue(out lease))
            {
                if (_entries.TryGetValue(lease, out var entry)
                    && entry is { State: LeaseState.Delivering, IsSentAhead: false })
                    return true;
            }

            return false;
        }
    }

    /// <summary>
    /// The output has not arrived: its turn comes again, after the others. Does nothing if the server no longer asks
    /// for it.
    /// </summary>
    public void AskAgain(LeaseId lease)
    {
        lock (_gate)
        {
            if (!_entries.TryGetValue(lease, out var entry) || entry.State != LeaseState.Delivering)
                return;

            _asked.Enqueue(lease);
        }

        HasAsked.Set();
    }

    /// <summary>The server has received the output.</summary>
    public void Delivered(LeaseId lease)
    {
        lock (_gate)
        {
            TryMove(lease, LeaseEvent.Delivered);
        }
    }

    /// <summary>Has the result announced once more.</summary>
    /// <param name="loss">
    /// Why its bytes are lost, for people: then it is announced as lost. Null if it is intact.
    /// </param>
    public void Withdraw(LeaseId lease, string? loss)
    {
        lock (_gate)
        {
            if (!TryMove(lease, LeaseEvent.Withdrawn))
                return;

            CollectionsMarshal.GetValueRefOrNullRef(_entries, lease).Loss ??= loss;
            _ends.Enqueue(lease);
        }

        HasNews.Set();
    }
}
