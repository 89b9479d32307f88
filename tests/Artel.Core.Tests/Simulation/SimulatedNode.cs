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

/// <param name="SentAt">By the node's own clock.</param>
/// <param name="Problem">Why it takes no work; empty if it takes some.</param>
internal sealed record SaysAlive(DateTimeOffset SentAt, string Problem) : SimMessage;

/// <summary>The server has heard a heartbeat.</summary>
internal sealed record Renewed(DateTimeOffset SentAt) : SimMessage;

/// <summary>
/// A node agent as the protocol describes it: runs what it is granted in order as its resources allow, keeps results until they are
/// settled, and presents all it has when it connects.
/// </summary>
/// <param name="clockRate">How fast its clock goes.</param>
internal sealed class SimulatedNode(
    NodeId id, Resources resources, double clockRate, Func<TaskId, (AttemptResult Result, TimeSpan Time)> program)
{
    /// <summary>As the server tells its nodes: three quarters of the time until they are lost.</summary>
    private static readonly TimeSpan ExclusiveTerm = ClusterRules.Default.LostAfter * 0.75;

    private static readonly DateTimeOffset Boot = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly LinkedList<(Lease Lease, TaskId Task, TemplateSpec Spec)> _queue = new();
    private readonly Dictionary<Lease, Process> _running = [];
    private readonly SortedDictionary<(long, long), (Lease Lease, AttemptResult Result)> _spool = [];
    private DateTimeOffset _renewed = DateTimeOffset.MinValue;
    private DateTimeOffset _helloAt;

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

    /// <summary>Exclusive tasks of which it runs a process now.</summary>
    public IEnumerable<TaskId> RunsExclusively => _running.Values.Where(p => p.Spec.Exclusive).Select(p => p.Task);

    /// <summary>
    /// Why it takes no work, as it says in its hello and with each heartbeat; empty if it takes some. It returns what
    /// it has not started, and whatever comes.
    /// </summary>
    public string Problem { get; private set; } = "";

    /// <summary>It is short of something, and can start nothing until it has it again.</summary>
    public void RunShort() => Problem = IsStopping ? Problem : "it is short of memory";

    /// <summary>It has what it was short of.</summary>
    public void HaveAgain() => Problem = IsStopping ? Problem : "";

    /// <summary>
    /// It was told to stop: it ends when what runs has ended, and takes nothing until it is started again.
    /// </summary>
    public void Stop()
    {
        IsStopping = true;
        Problem = "it is stopping";
    }

    public bool IsStopping { get; private set; }

    /// <summary>A node that goes on with exclusive tasks whatever its term says. To see that the checks see it.</summary>
    public bool IgnoresTerm { get; init; }

    /// <summary>A node that does not do as it is told: it keeps what it was told to drop. To see that the checks see it.</summary>
    public bool IgnoresFencing { get; init; }

    /// <summary>What it presents when it connects.</summary>
    public (LeaseRange[] Held, LeaseRange[] Finished) Hello(DateTimeOffset now)
    {
        _helloAt = Local(now);
        return ([.. _queue.Select(q => Single(q.Lease)), .. _running.Keys.OrderBy(l => l.Epoch).ThenBy(l => l.Sequence).Select(Single)],
            [.. _spool.Values.Select(s => Single(s.Lease))]);
    }

    public void Open() => Linked = true;

    public void Welcome(IReadOnlyList<Lease> refused)
    {
        Renew(_helloAt);
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
        (IsStopping, Problem) = (false, "");
        _queue.Clear();
        _running.Clear();
    }

    /// <summary>
    /// An agent that goes on somewhere, cut off, while another is started in its name: what that one starts with, this one knows
    /// nothing of.
    /// </summary>
    public SimulatedNode SplitOff()
    {
        var ghost = new SimulatedNode(Id, Resources, clockRate, program) { Incarnation = Incarnation, _renewed = _renewed, IgnoresTerm = IgnoresTerm };
        foreach (var (lease, process) in _running)
        {
            ghost._running.Add(lease, process);
        }

        Restart();
        return ghost;
    }

    /// <summary>A heartbeat is sent.</summary>
    public void Beat(DateTimeOffset now)
    {
        if (Linked)
        {
            Outbox.Enqueue(new SaysAlive(Local(now), Problem));
        }
    }

    /// <summary>Ends exclusive tasks whose term is over.</summary>
    public void Expire(DateTimeOffset now)
    {
        if (TermHolds(now))
        {
            return;
        }

        foreach (var lease in _running.Where(r => r.Value.Spec.Exclusive).Select(r => r.Key).OrderBy(l => l.Epoch).ThenBy(l => l.Sequence).ToArray())
        {
            _running.Remove(lease);
            Report(lease, Results.Of(AttemptOutcome.Cancelled));
        }
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
            case Renewed renewed:
                Renew(renewed.SentAt);
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

        if (Problem.Length > 0 && Linked)
        {
            GiveBack(int.MaxValue);
        }

        while (Problem.Length == 0
            && _queue.FirstOrDefault(q => !q.Spec.Exclusive || TermHolds(now)) is { Spec: not null } next
            && Fits(next.Spec.Needs))
        {
            Dequeue(next.Lease);
            var (result, time) = program(next.Task);
            _running.Add(next.Lease, new Process(next.Task, next.Spec, result, now + time));
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
            load.Add(process.Spec.Needs, 1);
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

    private void Renew(DateTimeOffset sentAt) => _renewed = sentAt > _renewed ? sentAt : _renewed;

    private bool TermHolds(DateTimeOffset now) => IgnoresTerm || Local(now) - _renewed < ExclusiveTerm;

    private DateTimeOffset Local(DateTimeOffset now) => Boot + ((now - Boot) * clockRate);

    private sealed record Process(TaskId Task, TemplateSpec Spec, AttemptResult Result, DateTimeOffset Until);
}
