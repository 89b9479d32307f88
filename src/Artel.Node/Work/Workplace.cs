using Artel.Node.Accounts;
using Artel.Node.Leases;
using Artel.Node.Link;
using Artel.Node.Processes;
using Artel.Node.Spool;
using Artel.Protocol.V1;
using Microsoft.Extensions.Logging;

namespace Artel.Node.Work;

/// <summary>
/// Where the node works: owns the resources, starts what fits, and reports to the <see cref="LeaseTable"/> what becomes
/// of each lease. It goes on whether or not there is a link. Any thread.
/// </summary>
internal sealed class Workplace : IDisposable
{
    private const int MostUnended = 16;

    /// <summary>Bytes of output that are kept of an attempt which a stop of the agent has ended.</summary>
    private const long MostOfStopped = 1024 * 1024;

    private readonly object _gate = new();
    private readonly FreeResources _free;
    private readonly JobTemplates _templates = new();
    private readonly IProcessLauncher _launcher;
    private readonly ResultSpool _spool;
    private readonly LeaseTable _leases;
    private readonly TaskText _text;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly int _maxProcesses;
    private readonly Starters _starters;
    private readonly ExclusiveTasks _exclusive;
    private readonly SpoolHealth _health;
    private readonly StartRoom _room;
    private readonly Signal _idle = new();
    private readonly Func<GrantedTask, Attempt> _makeAttempt;
    private volatile bool _anyUnended;
    private NodeState _lastResult = NodeState.Succeeded;
    private bool _draining;
    private volatile bool _stopping;

    public Workplace(
        NodeAgentOptions options,
        IProcessLauncher launcher,
        ResultSpool spool,
        LeaseTable leases,
        ScratchFolders scratch)
    {
        _free = new FreeResources(options.Resources, options.Gpus, launcher.Cpus);
        _launcher = launcher;
        _spool = spool;
        _leases = leases;
        _makeAttempt = MakeAttempt;
        _time = options.Time;
        _log = options.Log;
        _maxProcesses = options.MaxProcesses;
        _text = new TaskText(options.Id, _free.HasGpus, options.EnforcesMemory, options.Log);
        _starters = new Starters(
            _gate,
            TakeNext,
            () => _leases.HasFitting(_free),
            (attempt, attends) => attempt.Start(_launcher, _text, attends));
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
                return _exclusive.Any || _leases.HasExclusiveAssigned;
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
        var counts = _leases.Counts;
        var state = counts.Attempts > 0 ? NodeState.Running : counts.Results > 0 ? _lastResult : NodeState.Waiting;
        return new Heartbeat
        {
            State = state,
            Running = counts.Attempts,
            Backlog = counts.Assigned,
            Problem = Problem ?? "",
            Unended = { Unended() },
        };
    }

    /// <summary>Why it takes no work now, for people; null if it does.</summary>
    public string? Problem => _stopping ? "it is stopping" : _health.Problem ?? _room.Problem;

    /// <summary>Set whenever it may have become idle.</summary>
    public Signal BecameIdle => _idle;

    /// <summary>A new link: the server sends its templates again.</summary>
    public void BeginLink()
    {
        lock (_gate)
        {
            _templates.Clear();
        }

        _leases.BeginLink();
    }

    /// <summary>Takes work.</summary>
    /// <returns>Whether some of it is exclusive: then the server should be heard soon.</returns>
    /// <exception cref="InvalidDataException">A grant is of a template that was not sent on this link, or reaches beyond its array.</exception>
    public bool Take(Assign assign)
    {
        var someIsExclusive = false;
        lock (_gate)
        {
            _templates.Add(assign.Templates);
            foreach (var grant in assign.Grants)
            {
                var template = _templates.Of(grant);
                someIsExclusive |= template.Spec.Exclusive;
                if (_draining || Problem is not null)
                    _leases.Decline(grant.Leases);
                else
                    _leases.Assign(new GrantedRange(template, grant));
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
            _templates.Forget(jobs);
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
                running.AddRange(_leases.TakeOut(range, isGivenBack: !revoked));
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
            _leases.GiveBack(count);
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

    /// <summary>Ends what runs, because the agent stops.</summary>
    /// <param name="atOnce">Without the polite signal and the grace.</param>
    public void EndAll(bool atOnce)
    {
        Attempt[] running;
        lock (_gate)
        {
            running = _leases.Attempts();
        }

        foreach (var attempt in running)
        {
            if (atOnce)
                attempt.EndAtOnce(EndReason.Stopped);
            else
                attempt.End(EndReason.Stopped);
        }
    }

    public string? NeverFits(JobTemplate template) => _free.NeverFits(template.Needs);

    /// <summary>An attempt could not be started because this node has no room for it. Its task goes back.</summary>
    /// <param name="reason">For people.</param>
    public void OnShortage(string reason) => _room.Lacks(reason, _leases.Counts.Running);

    public void OnOutputIsLong(Attempt attempt) => OutputIsLong?.Invoke(attempt);

    /// <summary>An attempt was killed and has not ended. The next heartbeat reports it.</summary>
    /// <param name="reason">For people.</param>
    public void OnUnended(Attempt attempt, string reason)
    {
        Log.Unended(_log, attempt.Lease.ToString(), attempt.Task.Template.Job, attempt.Task.Task, reason);
        attempt.Unended = reason;
        _anyUnended = true;
        HealthChanged?.Invoke();
    }

    public void OnStarted(Attempt attempt, int pid)
    {
        Log.AttemptStarted(_log, attempt.Lease.ToString(), attempt.Task.Template.Job, attempt.Task.Task, pid);
        _leases.Started(attempt.Lease, attempt.StartedAt!.Value);
    }

    /// <summary>Keeps the result, and lets go of the attempt.</summary>
    public void OnEnded(Attempt attempt, AttemptResult result, EndReason? reason)
    {
        Log.AttemptEnded(_log, attempt.Lease.ToString(), attempt.Task.Template.Job, attempt.Task.Task, (reason?.ToString() ?? result.Outcome.ToString()));
        var isGivenBack = reason == EndReason.GivenBack || (reason == EndReason.Stopped && attempt.StartedAt is null);
        var isKept = !isGivenBack && reason != EndReason.Revoked && TryKeep(attempt, result, reason, out isGivenBack);
        attempt.Stdout.Dispose();
        attempt.Stderr.Dispose();
        if (!isKept)
            _spool.RemoveOutput(attempt.Lease);

        lock (_gate)
        {
            // What it had is free before the lease is given back: a stopping agent that sees nothing running is at its
            // end.
            _exclusive.Remove(attempt);
            _free.GiveBack(attempt.Task.Template.Needs, attempt.Allotment);
            if (isKept)
                _lastResult = result.State;
            else
                _leases.Dropped(attempt.Lease, isGivenBack);

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

    private IEnumerable<UnendedAttempt> Unended()
    {
        if (!_anyUnended)
            return [];

        // Before the look, so that what comes meanwhile is looked at the next time.
        _anyUnended = false;
        var unended = _leases.Attempts().Where(a => a.Unended is not null).ToArray();
        if (unended.Length > 0)
            _anyUnended = true;

        return unended.Take(MostUnended)
            .Select(a => new UnendedAttempt { Lease = a.Lease.ToLease(), Reason = a.Unended });
    }

    private bool TryKeep(Attempt attempt, AttemptResult result, EndReason? reason, out bool isGivenBack)
    {
        isGivenBack = false;
        try
        {
            if (result.Outcome == AttemptOutcome.Lost)
            {
                _spool.AddWithoutOutput(result, attempt.Stdout, attempt.Stderr);
            }
            else if (reason == EndReason.Stopped && attempt.Stdout.Length + attempt.Stderr.Length > MostOfStopped)
            {
                // A stopping agent has little time to deliver it. What is not taken by then counts as lost with the
                // node.
                var length = ByteText.Of(attempt.Stdout.Length + attempt.Stderr.Length);
                result.Message += $"; its output of {length} was not kept";
                _spool.AddWithoutOutput(result, attempt.Stdout, attempt.Stderr);
            }
            else
            {
                _spool.Add(result, attempt.Stdout, attempt.Stderr);
            }

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
        if (_draining || Problem is not null || _leases.Counts.Attempts >= Math.Min(_maxProcesses, _room.Most)
            || _leases.TakeNext(_free, Term.Holds, NowMilliseconds(), _makeAttempt) is not { } attempt)
            return null;

        if (attempt.Task.Template.Spec.Exclusive)
            _exclusive.Add(attempt);

        return attempt;
    }

    private Attempt MakeAttempt(GrantedTask task) => new(task, _free.Take(task.Template.Needs), this, _spool, _time);

    private long NowMilliseconds() => (long)_time.GetElapsedTime(0).TotalMilliseconds;
}
