using Artel.Protocol.V1;
using Google.Protobuf.WellKnownTypes;

namespace Artel.Node.Link;

/// <summary>
/// What the server is still to be told on this link: starts, ends and returns of leases. Many may come while one message is on its
/// way; they go together with the next. It needs no bound of its own: each entry is a lease that the server granted, and no
/// lease is in it twice. Any thread.
/// </summary>
internal sealed class Outbox
{
    private const int StartedAtOnce = 4096;

    private readonly Lock _gate = new();
    private readonly Dictionary<LeaseId, DateTimeOffset> _started = [];
    private readonly Queue<LeaseId> _ended = new();
    private readonly Queue<LeaseRange> _returned = new();

    // At most as many as PlaceInspector takes at a time.
    private readonly Queue<Inspected> _inspected = new();

    // Ends queued or sent on this link, until they are settled: so none is told twice.
    private readonly HashSet<LeaseId> _told = [];

    /// <summary>Set when something was put in.</summary>
    public Signal HasMore { get; } = new();

    public bool IsEmpty
    {
        get
        {
            lock (_gate)
            {
                return _started.Count == 0 && _ended.Count == 0 && _returned.Count == 0 && _inspected.Count == 0;
            }
        }
    }

    /// <summary>Of one lease: before <see cref="AddEnded"/>.</summary>
    public void AddStarted(LeaseId lease, DateTimeOffset at)
    {
        lock (_gate)
        {
            _started[lease] = at;
        }

        HasMore.Set();
    }

    /// <summary>The result is in the spool.</summary>
    public void AddEnded(LeaseId lease)
    {
        lock (_gate)
        {
            if (!_told.Add(lease))
                return;

            _started.Remove(lease);
            _ended.Enqueue(lease);
        }

        HasMore.Set();
    }

    public void AddReturned(IEnumerable<LeaseRange> leases)
    {
        lock (_gate)
        {
            foreach (var range in leases)
                _returned.Enqueue(range);
        }

        HasMore.Set();
    }

    public void AddInspected(Inspected answer)
    {
        lock (_gate)
        {
            _inspected.Enqueue(answer);
        }

        HasMore.Set();
    }

    public void Settled(IEnumerable<LeaseId> leases)
    {
        lock (_gate)
        {
            foreach (var lease in leases)
                _told.Remove(lease);
        }
    }

    /// <summary>
    /// For a new link: forgets everything. What was told on the old one may not have arrived; the caller then presents what it
    /// holds, and puts in again what the server can not see from that.
    /// </summary>
    public void Clear()
    {
        lock (_gate)
        {
            _started.Clear();
            _ended.Clear();
            _returned.Clear();
            _inspected.Clear();
            _told.Clear();
        }
    }

    public Returned? TakeReturned()
    {
        lock (_gate)
        {
            if (_returned.Count == 0)
                return null;

            var message = new Returned();
            message.Leases.Add(_returned);
            _returned.Clear();
            return message;
        }
    }

    /// <summary>Starts of attempts that have not ended: of a short one the end, which says when it started, is all there is to tell.</summary>
    public Started? TakeStarted()
    {
        lock (_gate)
        {
            if (_started.Count == 0)
                return null;

            var message = new Started();
            foreach (var (lease, at) in _started.Take(StartedAtOnce).ToArray())
            {
                _started.Remove(lease);
                message.Attempts.Add(new AttemptStarted { Lease = lease.ToLease(), At = Timestamp.FromDateTimeOffset(at) });
            }

            return message;
        }
    }

    public Inspected? TakeInspected()
    {
        lock (_gate)
        {
            return _inspected.TryDequeue(out var answer) ? answer : null;
        }
    }

    public LeaseId? TakeEnded()
    {
        lock (_gate)
        {
            return _ended.TryDequeue(out var lease) ? lease : null;
        }
    }
}
