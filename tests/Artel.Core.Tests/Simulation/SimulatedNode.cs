namespace Artel.Core.Tests;

/// <summary>What a simulated server and a simulated node say to each other.</summary>
internal abstract record SimMessage;

internal sealed record Assigned(LeasesGranted Grant) : SimMessage;

internal sealed record Settled(Lease Lease) : SimMessage;

/// <param name="Revoked">Nothing is to be reported.</param>
internal sealed record EndLease(Lease Lease, bool Revoked) : SimMessage;

internal sealed record SaysStarted(Lease Lease) : SimMessage;

internal sealed record SaysEnded(Lease Lease, AttemptResult Result) : SimMessage;

internal sealed record SaysReturned(LeaseRange Leases) : SimMessage;

/// <summary>
/// A node agent as the protocol describes it: runs what it is granted in order as its resources allow, keeps results until they are
/// settled, and presents all it has when it connects.
/// </summary>
internal sealed class SimulatedNode(NodeId id, Resources resources, Func<TaskId, (AttemptResult Result, TimeSpan Time)> program)
{
    private readonly LinkedList<(Lease Lease, TaskId Task, TemplateSpec Spec)> _queue = new();
    private readonly Dictionary<Lease, Process> _running = [];
    private readonly SortedDictionary<(long, long), (Lease Lease, AttemptResult Result)> _spool = [];

    public NodeId Id { get; } = id;

    public Resources Resources { get; } = resources;

    public Incarnation Incarnation { get; private set; } = new(1);

    /// <summary>As the node sees it.</summary>
    public bool Linked { get; private set; }

    public Queue<SimMessage> Inbox { get; } = new();

    public Queue<SimMessage> Outbox { get; } = new();

    /// <summary>How many processes were started.</summary>
    public int Started { get; private set; }

    public bool IsEmpty => _queue.Count == 0 && _running.Count == 0 && _spool.Count == 0;

    /// <summary>A node that does not do as it is told: it keeps what it was told to drop. To see that the checks see it.</summary>
    public bool IgnoresFencing { get; init; }

    /// <summary>What it presents when it connects.</summary>
    public (LeaseRange[] Held, LeaseRange[] Finished) Hello() =>
        ([.. _queue.Select(q => Single(q.Lease)), .. _running.Keys.OrderBy(l => l.Epoch).ThenBy(l => l.Sequence).Select(Single)],
        [.. _spool.Values.Select(s => Single(s.Lease))]);

    public void Open() => Linked = true;

    public void Welcome(IReadOnlyList<Lease> refused)
    {
        foreach (var lease in refused)
        {
            Drop(lease);
        }

        foreach (var lease in _running.Keys.OrderBy(l => l.Epoch).ThenBy(l => l.Sequence))
        {
            Outbox.Enqueue(new SaysStarted(lease));
        }

        foreach (var (lease, result) in _spool.Values)
        {
            Outbox.Enqueue(new SaysEnded(lease, result));
        }
    }

    /// <summary>The link is down. What was on its way to the node is lost.</summary>
    public void Unlink()
    {
        Linked = false;
        Inbox.Clear();
    }

    /// <summary>The agent was killed and started again: its processes are gone, its spool is not.</summary>
    public void Restart()
    {
        Unlink();
        Outbox.Clear();
        Incarnation = new Incarnation(Incarnation.Value + 1);
        _queue.Clear();
        _running.Clear();
    }

    public void Receive(SimMessage message, Func<JobId, int, TemplateSpec> specOf)
    {
        switch (message)
        {
            case Assigned { Grant: var grant } when grant.Incarnation == Incarnation:
                for (var i = 0; i < grant.Leases.Count; i++)
                {
                    _queue.AddLast((grant.Leases[i], new TaskId(grant.Job, grant.FirstTask + i), specOf(grant.Job, grant.Template)));
                }

                break;
            case Settled settled:
                _spool.Remove((settled.Lease.Epoch, settled.Lease.Sequence));
                break;
            case EndLease { Revoked: true } end:
                Drop(end.Lease);
                break;
            case EndLease end when _running.Remove(end.Lease):
                Report(end.Lease, Results.Of(AttemptOutcome.Cancelled));
                break;
            case EndLease end when Dequeue(end.Lease):
                Outbox.Enqueue(new SaysReturned(Single(end.Lease)));
                break;
            default:
                break;
        }
    }

    /// <summary>Ends processes whose time is over, then starts what fits, in order.</summary>
    public void Work(DateTimeOffset now)
    {
        foreach (var (lease, process) in _running.Where(r => r.Value.Until <= now).OrderBy(r => r.Key.Epoch).ThenBy(r => r.Key.Sequence).ToArray())
        {
            _running.Remove(lease);
            Report(lease, process.Result);
        }

        while (_queue.First is { Value: var next } && Fits(next.Spec.Needs))
        {
            _queue.RemoveFirst();
            var (result, time) = program(next.Task);
            _running.Add(next.Lease, new Process(next.Spec.Needs, result, now + time));
            Started++;
            if (Linked)
            {
                Outbox.Enqueue(new SaysStarted(next.Lease));
            }
        }
    }

    /// <summary>Gives back some of what has not started, last granted first.</summary>
    public void GiveBack(int count)
    {
        for (; count > 0 && _queue.Last is { Value: var last }; count--)
        {
            _queue.RemoveLast();
            Outbox.Enqueue(new SaysReturned(Single(last.Lease)));
        }
    }

    private static LeaseRange Single(Lease lease) => new(lease.Epoch, lease.Sequence, 1);

    private bool Fits(Needs needs)
    {
        var load = new Load();
        foreach (var process in _running.Values)
        {
            load.Add(process.Needs, 1);
        }

        return load.Room(Resources, needs, 1) == 1;
    }

    private void Report(Lease lease, AttemptResult result)
    {
        _spool[(lease.Epoch, lease.Sequence)] = (lease, result);
        if (Linked)
        {
            Outbox.Enqueue(new SaysEnded(lease, result));
        }
    }

    private void Drop(Lease lease)
    {
        if (!IgnoresFencing)
        {
            Dequeue(lease);
            _running.Remove(lease);
            _spool.Remove((lease.Epoch, lease.Sequence));
        }
    }

    private bool Dequeue(Lease lease)
    {
        for (var at = _queue.First; at is not null; at = at.Next)
        {
            if (at.Value.Lease == lease)
            {
                _queue.Remove(at);
                return true;
            }
        }

        return false;
    }

    private sealed record Process(Needs Needs, AttemptResult Result, DateTimeOffset Until);
}
