using System.Globalization;
using Artel.Node.Accounts;
using Artel.Node.Link;
using Artel.Node.Processes;
using Artel.Node.Spool;
using Artel.Protocol.V1;
using Microsoft.Extensions.Logging;

namespace Artel.Node.Work;

/// <summary>
/// Where the node works: owns the backlog, the resources and the attempts, starts what fits, and tells the outbox what happened.
/// It goes on whether or not there is a link. Any thread.
/// </summary>
internal sealed class Workplace : IDisposable
{
    private const int MostUnended = 16;

    private readonly object _gate = new();
    private readonly Backlog _backlog = new();
    private readonly FreeResources _free;
    private readonly Dictionary<LeaseId, Attempt> _attempts = [];
    private readonly Dictionary<(long Job, int Template), JobTemplate> _templates = [];
    private readonly IProcessLauncher _launcher;
    private readonly ResultSpool _spool;
    private readonly Outbox _outbox;
    private readonly TaskText _text;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly int _maxProcesses;
    private readonly Starters _starters;
    private readonly ExclusiveTasks _exclusive;
    private readonly SpoolHealth _health;
    private readonly StartRoom _room;
    private readonly Signal _idle = new();
    private readonly Dictionary<LeaseId, string> _unended = [];
    private NodeState _lastResult = NodeState.Succeeded;
    private bool _draining;
    private volatile bool _stopping;

    public Workplace(NodeAgentOptions options, IProcessLauncher launcher, ResultSpool spool, Outbox outbox, ScratchFolders scratch)
    {
        _free = new FreeResources(options.Resources, options.Gpus, launcher.Cpus);
        _launcher = launcher;
        _spool = spool;
        _outbox = outbox;
        _time = options.Time;
        _log = options.Log;
        _maxProcesses = options.MaxProcesses;
        _text = new TaskText(options.Id, _free.HasGpus, options.EnforcesMemory, options.Log);
        _starters = new Starters(_gate, TakeNext, () => _backlog.HasFitting(_free), (attempt, attends) => attempt.Start(_launcher, _text, attends));
        _health = new SpoolHealth(spool, options);
        _health.Changed += OnHealthChanged;
        _room = new StartRoom(options.Time, options.Log);
        _room.Changed += OnHealthChanged;
        Scratch = scratch;
        RunAs = options.RunAs;
        Term = new ExclusiveTerm(BootTime.Instance);
        _exclusive = new ExclusiveTasks(Term, options.Alarm);
        _starters.Begin();
    }

    /// <summary>Raised when the node cannot keep results or start tasks any more, or can again: a heartbeat should say so at once.</summary>
    public event Action? HealthChanged;

    /// <summary>Raised when a running attempt has written much, by the thread that reads it and must not be kept.</summary>
    public event Action<Attempt>? OutputIsLong;

    public ScratchFolders Scratch { get; }

    /// <summary>As which accounts tasks run. Null: as the agent itself.</summary>
    public RunAs? RunAs { get; }

    /// <summary>Until when exclusive tasks may run.</summary>
    public ExclusiveTerm Term { get; }

    /// <summary>Whether any exclusive task is in the node's hands: then its term has to be kept up.</summary>
    public bool HasExclusive
    {
        get
        {
            lock (_gate)
            {
                return _exclusive.Any || _backlog.HasExclusive;
            }
        }
    }

    /// <summary>The term reaches further: what had to wait for it can be started.</summary>
    public void OnRenewed()
    {
        _exclusive.OnRenewed();
        lock (_gate)
        {
            _starters.WakeAll();
        }
    }

    /// <summary>What a heartbeat says.</summary>
    public Heartbeat Heartbeat()
    {
        lock (_gate)
        {
            var state = _attempts.Count > 0 ? NodeState.Running : _spool.Count > 0 ? _lastResult : NodeState.Waiting;
            return new Heartbeat
            {
                State = state,
                Running = _attempts.Count,
                Backlog = _backlog.Count,
                Problem = Problem ?? "",
                Unended = { _unended.Take(MostUnended).Select(u => new UnendedAttempt { Lease = u.Key.ToLease(), Reason = u.Value }) },
            };
        }
    }

    /// <summary>Why it takes no work now, for people; null if it does.</summary>
    public string? Problem => _stopping ? "it is stopping" : _health.Problem ?? _room.Problem;

    /// <summary>No attempt is running and none waits to be started.</summary>
    public bool IsIdle
    {
        get
        {
            lock (_gate)
            {
                return _attempts.Count == 0 && _backlog.Count == 0;
            }
        }
    }

    /// <summary>There are tasks that have not been started.</summary>
    public bool HasBacklog
    {
        get
        {
            lock (_gate)
            {
                return _backlog.Count > 0;
            }
        }
    }

    /// <summary>Set whenever it may have become idle.</summary>
    public Signal BecameIdle => _idle;

    /// <summary>The leases in the node's hands: those held (queued or running), and those finished and spooled.</summary>
    public (List<LeaseRange> Held, List<LeaseRange> Finished) Leases()
    {
        lock (_gate)
        {
            var finished = _spool.Leases();
            var running = _attempts.Keys.Except(finished);
            return ([.. LeaseRanges.Of(running), .. _backlog.Leases()], LeaseRanges.Of(finished));
        }
    }

    /// <summary>A new link: templates are sent anew, and starts and ends are told again, for they may not have arrived.</summary>
    public void BeginLink()
    {
        lock (_gate)
        {
            _templates.Clear();
            foreach (var attempt in _attempts.Values)
            {
                if (attempt.StartedAt is { } at)
                    _outbox.AddStarted(attempt.Lease, at);
            }
        }

        foreach (var lease in _spool.Leases())
            _outbox.AddEnded(lease);
    }

    /// <summary>Takes work.</summary>
    /// <returns>Whether some of it is exclusive: then the server should be heard soon.</returns>
    /// <exception cref="InvalidDataException">A grant is of a template that was not sent on this link, or reaches beyond its array.</exception>
    public bool Take(Assign assign)
    {
        var someIsExclusive = false;
        lock (_gate)
        {
            foreach (var definition in assign.Templates)
                _templates[(definition.Job, definition.Template)] = new JobTemplate(definition.Job, definition.Spec, definition.Trace, definition.User);

            foreach (var grant in assign.Grants)
            {
                if (!_templates.TryGetValue((grant.Job, grant.Template), out var template))
                {
                    throw new InvalidDataException(string.Create(
                        CultureInfo.InvariantCulture, $"granted template {grant.Template} of job {grant.Job}, which was not sent on this link"));
                }

                if (!template.HasPositions(grant.FirstPosition, grant.Leases.Count))
                {
                    throw new InvalidDataException(string.Create(
                        CultureInfo.InvariantCulture, $"granted tasks beyond the array of template {grant.Template} of job {grant.Job}"));
                }

                if (!template.HasEntries(grant))
                {
                    throw new InvalidDataException(string.Create(
                        CultureInfo.InvariantCulture, $"granted tasks of template {grant.Template} of job {grant.Job} with entries for other tasks than these"));
                }

                someIsExclusive |= template.Spec.Exclusive;
                if (_draining || Problem is not null)
                    _outbox.AddReturned([grant.Leases]);
                else
                    _backlog.Add(new GrantedRange(template, grant));
            }

            _starters.Wake();
        }

        return someIsExclusive;
    }

    /// <summary>These jobs have ended: their templates are of no use any more. What still runs of them keeps its own.</summary>
    public void ForgetTemplates(IReadOnlyCollection<long> jobs)
    {
        lock (_gate)
        {
            foreach (var key in _templates.Keys.Where(k => jobs.Contains(k.Job)).ToArray())
                _templates.Remove(key);
        }
    }

    /// <summary>
    /// Ends these attempts. Those that have not started are dropped; unless revoked they are told as returned, so that the server
    /// need not guess whether they were started.
    /// </summary>
    public void End(IEnumerable<LeaseRange> leases, bool revoked)
    {
        var running = new List<Attempt>();
        lock (_gate)
        {
            foreach (var range in leases)
            {
                var dropped = _backlog.TakeOut(range);
                if (!revoked)
                    _outbox.AddReturned(dropped);

                running.AddRange(range.Within(_attempts).Select(l => _attempts[l]));
            }
        }

        foreach (var attempt in running)
            attempt.End(revoked ? EndReason.Revoked : EndReason.Cancelled);

        _idle.Set();
    }

    /// <summary>Gives back up to so many leases that have not started, the last granted first.</summary>
    public void GiveBack(int count)
    {
        lock (_gate)
        {
            _outbox.AddReturned(_backlog.TakeLast(count));
        }

        _idle.Set();
    }

    /// <summary>While draining nothing starts, and what has not started is given back.</summary>
    public void Drain(bool draining)
    {
        lock (_gate)
        {
            if (_draining != draining)
                Log.Draining(_log, draining);

            _draining = draining;
            _starters.WakeAll();
        }

        if (draining)
            GiveBack(int.MaxValue);
    }

    /// <summary>
    /// The agent is about to end: from here on, whatever a server says, nothing starts, and what has not started is given back.
    /// </summary>
    public void BeginStop()
    {
        _stopping = true;
        OnHealthChanged();
    }

    /// <summary>Ends what runs and gives it back.</summary>
    /// <param name="atOnce">Without the polite signal and the grace.</param>
    public void EndAll(bool atOnce)
    {
        Attempt[] running;
        lock (_gate)
        {
            running = [.. _attempts.Values];
        }

        foreach (var attempt in running)
        {
            if (atOnce)
                attempt.EndAtOnce(EndReason.GivenBack);
            else
                attempt.End(EndReason.GivenBack);
        }
    }

    /// <summary>A running attempt, for a live tail.</summary>
    public Attempt? Find(LeaseId lease)
    {
        lock (_gate)
        {
            return _attempts.GetValueOrDefault(lease);
        }
    }

    public string? NeverFits(JobTemplate template) => _free.NeverFits(template.Needs);

    /// <summary>An attempt could not be started because this node has no room for it. Its task goes back.</summary>
    /// <param name="reason">For people.</param>
    public void OnShortage(string reason)
    {
        int others;
        lock (_gate)
        {
            others = _attempts.Values.Count(a => a.StartedAt is not null);
        }

        _room.Lacks(reason, others);
    }

    public void OnOutputIsLong(Attempt attempt) => OutputIsLong?.Invoke(attempt);

    /// <summary>An attempt was killed and has not ended. A heartbeat says so.</summary>
    /// <param name="reason">For people.</param>
    public void OnUnended(Attempt attempt, string reason)
    {
        Log.Unended(_log, attempt.Lease.ToString(), attempt.Task.Template.Job, attempt.Task.Task, reason);
        lock (_gate)
        {
            if (!_attempts.ContainsKey(attempt.Lease))
                return;

            _unended[attempt.Lease] = reason;
        }

        HealthChanged?.Invoke();
    }

    public void OnStarted(Attempt attempt, int pid)
    {
        Log.AttemptStarted(_log, attempt.Lease.ToString(), attempt.Task.Template.Job, attempt.Task.Task, pid);
        _outbox.AddStarted(attempt.Lease, attempt.StartedAt!.Value);
    }

    /// <summary>Keeps the result, then lets go of the attempt: in this order, so that its lease is in one of the two at any time.</summary>
    public void OnEnded(Attempt attempt, AttemptResult result, EndReason? reason)
    {
        Log.AttemptEnded(_log, attempt.Lease.ToString(), attempt.Task.Template.Job, attempt.Task.Task, (reason?.ToString() ?? result.Outcome.ToString()));
        var isGivenBack = reason == EndReason.GivenBack;
        var isKept = reason is not (EndReason.GivenBack or EndReason.Revoked) && TryKeep(attempt, result, out isGivenBack);
        attempt.Stdout.Dispose();
        attempt.Stderr.Dispose();
        if (!isKept)
            _spool.RemoveOutput(attempt.Lease);

        lock (_gate)
        {
            _attempts.Remove(attempt.Lease);
            _unended.Remove(attempt.Lease);
            _exclusive.Remove(attempt);
            _free.GiveBack(attempt.Task.Template.Needs, attempt.Allotment);

            // Together with its removal: a stopping agent that sees nothing running has it all in the outbox, and a new link
            // presents no lease as held that was given back before.
            if (isKept)
            {
                _lastResult = result.State;
                _outbox.AddEnded(attempt.Lease);
            }
            else if (isGivenBack)
            {
                _outbox.AddReturned(LeaseRanges.Of([attempt.Lease]));
            }

            _starters.OnEnded(attempt);
        }

        _idle.Set();
    }

    /// <summary>Call it when nothing runs any more.</summary>
    public void Dispose()
    {
        _starters.Dispose();
        _health.Dispose();
        _room.Dispose();
        _exclusive.Dispose();
    }

    /// <summary>
    /// Whether something of an attempt could not be written because nothing can be on this node: then it is no failure of the task,
    /// which goes back.
    /// </summary>
    public bool IsDiskAtFault() => !_health.IsWritable();

    /// <summary>The server hears of the problem before it gets leases back, so that it does not grant them here again.</summary>
    private void OnHealthChanged()
    {
        HealthChanged?.Invoke();
        lock (_gate)
        {
            _starters.WakeAll();
        }

        if (Problem is not null)
            GiveBack(int.MaxValue);
    }

    private bool TryKeep(Attempt attempt, AttemptResult result, out bool isGivenBack)
    {
        isGivenBack = false;
        try
        {
            _spool.Add(result, attempt.Stdout, attempt.Stderr);
            _health.Kept();
            return true;
        }
        catch (IOException e)
        {
            _health.Failed(e);
            isGivenBack = true;
            return false;
        }
    }

    /// <summary>Takes what can be started now. With the gate held.</summary>
    private Attempt? TakeNext()
    {
        if (_draining || Problem is not null || _attempts.Count >= Math.Min(_maxProcesses, _room.Most) || _backlog.TakeNext(_free, Term.Holds, NowMilliseconds()) is not { } task)
            return null;

        var attempt = new Attempt(task, _free.Take(task.Template.Needs), this, _spool, _time);
        _attempts.Add(task.Lease, attempt);
        if (task.Template.Spec.Exclusive)
            _exclusive.Add(attempt);

        return attempt;
    }

    private long NowMilliseconds() => (long)_time.GetElapsedTime(0).TotalMilliseconds;
}
