using System.Globalization;
using Artel.Node.Capture;
using Artel.Node.Processes;
using Artel.Node.Spool;
using Artel.Protocol.V1;
using Google.Protobuf.WellKnownTypes;

namespace Artel.Node.Work;

/// <summary>
/// One attempt of a task, from its start to its result. It is started once by a starter thread, hears of its process from the
/// thread of all processes, and may be ended early from any thread.
/// </summary>
internal sealed class Attempt : IProcessObserver
{
    private readonly GrantedTask _task;
    private readonly Workplace _owner;
    private readonly TimeProvider _time;

    // Held through the start, so that the end of a very short process is not told before its start.
    private readonly Lock _gate = new();
    private IRunningProcess? _process;
    private ITimer? _timer;
    private string? _scratchFolder;
    private int _ledgerLine = -1;
    private EndReason? _endReason;
    private bool _hasEnded;

    public Attempt(in GrantedTask task, Workplace owner, ResultSpool spool, TimeProvider time)
    {
        _task = task;
        _owner = owner;
        _time = time;
        Stdout = new CapturedStream(spool.OutputPath(task.Lease, OutputStream.Stdout), task.Template.OutputLimitBytes);
        Stderr = new CapturedStream(spool.OutputPath(task.Lease, OutputStream.Stderr), task.Template.OutputLimitBytes);
    }

    public LeaseId Lease => _task.Lease;

    public GrantedTask Task => _task;

    public CapturedStream Stdout { get; }

    public CapturedStream Stderr { get; }

    /// <summary>Null before its process exists.</summary>
    public DateTimeOffset? StartedAt { get; private set; }

    public void Start(IProcessLauncher launcher, TaskText text, ProcessLedger ledger, ScratchFolders scratch)
    {
        var error = "";
        lock (_gate)
        {
            // It may have been ended before its turn to start came.
            if (_endReason is null && TryStart(launcher, text, ledger, scratch, out error))
                return;

            _hasEnded = true;
        }

        Finish(NotStarted(error), ledger: null, scratch);
    }

    /// <summary>Ends the process tree: polite signal, grace, kill. Does nothing where it has ended.</summary>
    public void End(EndReason reason)
    {
        lock (_gate)
        {
            if (_hasEnded)
                return;

            var isFirst = _endReason is null;
            if (isFirst || reason == EndReason.Revoked)
                _endReason = reason;

            if (!isFirst || _process is null)
                return;

            _process.AskToEnd();
            _timer?.Dispose();
            _timer = _time.CreateTimer(_ => _process.Kill(), null, _task.Template.Grace, Timeout.InfiniteTimeSpan);
        }
    }

    void IProcessObserver.OnOutput(OutputStream stream, ReadOnlySpan<byte> data) =>
        (stream == OutputStream.Stdout ? Stdout : Stderr).Append(data);

    void IProcessObserver.OnExit(in ProcessExit exit)
    {
        ProcessLedger? ledger;
        lock (_gate)
        {
            _hasEnded = true;
            _timer?.Dispose();
            ledger = _owner.Ledger;
        }

        Finish(Ended(exit), ledger, _owner.Scratch);
    }

    private bool TryStart(IProcessLauncher launcher, TaskText text, ProcessLedger ledger, ScratchFolders scratch, out string error)
    {
        var template = _task.Template;
        if (_owner.NeverFits(template) is { } misfit)
        {
            error = misfit;
            return false;
        }

        try
        {
            if (template.Spec.Scratch)
                _scratchFolder = scratch.Create(Lease);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            error = $"its scratch folder could not be made: {e.Message}";
            return false;
        }

        var startTicks = ProcessLedger.NowTicks();
        var at = _time.GetUtcNow();
        var result = launcher.Launch(text.Fill(_task, _scratchFolder), this);
        error = result.Error ?? "";
        if (result.Process is not { } process)
            return false;

        _process = process;
        StartedAt = at;
        _ledgerLine = ledger.Add(process.Id, startTicks);
        if (template.Timeout is { } timeout)
            _timer = _time.CreateTimer(_ => End(EndReason.TimedOut), null, timeout, Timeout.InfiniteTimeSpan);

        _owner.OnStarted(this, process.Id);
        return true;
    }

    private void Finish(AttemptResult result, ProcessLedger? ledger, ScratchFolders scratch)
    {
        if (_ledgerLine >= 0)
            ledger?.Remove(_ledgerLine);

        Stdout.Complete();
        Stderr.Complete();
        if ((Stdout.Error ?? Stderr.Error) is { } lost)
        {
            // Without its output this is not the result that it would be taken for.
            result.State = NodeState.Failed;
            result.Outcome = result.Outcome == AttemptOutcome.Succeeded ? AttemptOutcome.Failed : result.Outcome;
            result.Message = lost;
        }

        _owner.OnEnded(this, result, _endReason);
        if (_scratchFolder is { } folder)
            ThreadPool.UnsafeQueueUserWorkItem(_ => scratch.Remove(folder), null);
    }

    private AttemptResult NotStarted(string error) => new()
    {
        Lease = Lease.ToLease(),
        State = NodeState.Failed,
        Outcome = _endReason is null ? AttemptOutcome.NotStarted : AttemptOutcome.Cancelled,
        Message = error,
        Usage = new Usage(),
    };

    private AttemptResult Ended(in ProcessExit exit)
    {
        var outcome = (_endReason, exit) switch
        {
            (EndReason.TimedOut, _) => AttemptOutcome.TimedOut,
            (not null, _) => AttemptOutcome.Cancelled,
            (_, { Signal: not 0 }) => AttemptOutcome.Signalled,
            (_, { ExitStatus: not 0 }) => AttemptOutcome.Failed,
            _ => AttemptOutcome.Succeeded,
        };
        return new AttemptResult
        {
            Lease = Lease.ToLease(),
            State = outcome == AttemptOutcome.Succeeded ? NodeState.Succeeded : NodeState.Failed,
            Outcome = outcome,
            ExitStatus = exit.ExitStatus,
            Signal = exit.Signal,
            Message = outcome == AttemptOutcome.TimedOut
                ? string.Create(CultureInfo.InvariantCulture, $"it ran longer than its timeout of {_task.Template.Timeout!.Value.TotalSeconds:0.###} s")
                : "",
            Started = Timestamp.FromDateTimeOffset(StartedAt!.Value),
            Usage = new Usage
            {
                Wall = Duration.FromTimeSpan(exit.Wall),
                User = Duration.FromTimeSpan(exit.User),
                System = Duration.FromTimeSpan(exit.System),
                PeakMemoryBytes = exit.PeakMemoryBytes,
            },
        };
    }
}
