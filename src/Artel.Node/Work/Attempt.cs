using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Artel.Node.Accounts;
using Artel.Node.Capture;
using Artel.Node.Processes;
using Artel.Node.Spool;
using Artel.Protocol.Timing;
using Artel.Protocol.V1;
using Google.Protobuf.WellKnownTypes;

namespace Artel.Node.Work;

/// <summary>
/// One attempt of a task, from its start to its result. It is started once by a starter thread, hears of its process from the
/// thread of all processes, and may be ended early from any thread.
/// </summary>
internal sealed class Attempt : IProcessObserver
{
    // Sending shorter output after the end takes less time than one notices.
    private const long LongOutput = 4 * 1024 * 1024;

    private readonly GrantedTask _task;
    private readonly Workplace _owner;
    private readonly TimeProvider _time;

    private readonly Lock _gate = new();
    private IRunningProcess? _process;
    private LongTimer? _timer;
    private string? _scratchFolder;
    private string? _scriptFolder;
    private EndReason? _endReason;
    private bool _endsAtOnce;
    private long _tookBytes;
    private ProcessExit? _exit;
    private bool _hasEnded;
    private bool _freedStarter;
    private TimeSpan _spawn;
    private bool _saidLong;

    public Attempt(in GrantedTask task, Allotment allotment, Workplace owner, ResultSpool spool, TimeProvider time)
    {
        _task = task;
        Allotment = allotment;
        _owner = owner;
        _time = time;
        Stdout = new CapturedStream(spool.OutputPath(task.Lease, OutputStream.Stdout), task.Template.OutputLimitBytes);
        Stderr = new CapturedStream(spool.OutputPath(task.Lease, OutputStream.Stderr), task.Template.OutputLimitBytes);
    }

    public LeaseId Lease => _task.Lease;

    public GrantedTask Task => _task;

    public Allotment Allotment { get; }

    public CapturedStream Stdout { get; }

    public CapturedStream Stderr { get; }

    /// <summary>Null before its process exists.</summary>
    public DateTimeOffset? StartedAt { get; private set; }

    /// <summary>Why it has not ended though it was killed, for people. Null if it has, or was not killed.</summary>
    public string? Unended { get; set; }

    /// <summary>The thread that started it serves it, and will look for the next task itself.</summary>
    public bool IsAttended { get; private set; }

    /// <summary>It has ended while a starter attended it, which is about to look for the next one. With the workplace's gate held.</summary>
    public void FreesStarter(ref int comingBack)
    {
        _freedStarter = true;
        comingBack++;
    }

    /// <summary>The starter that started it looks for the next one. With the workplace's gate held.</summary>
    public void StarterIsBack(ref int comingBack)
    {
        if (_freedStarter)
            comingBack--;
    }

    /// <summary>Starts its process, or ends with why there is none. Once.</summary>
    /// <param name="attends">The calling thread has nothing else to do: it serves the process for its first moments.</param>
    public void Start(IProcessLauncher launcher, TaskText text, bool attends)
    {
        IsAttended = attends;
        var at = _time.GetUtcNow();
        if (!TryLaunch(launcher, text, out var process, out var error))
        {
            lock (_gate)
            {
                _hasEnded = true;
            }

            Finish(NotStarted(error));
            return;
        }

        ProcessExit? exit;
        lock (_gate)
        {
            _process = process;
            StartedAt = at;
            exit = _exit;
            _hasEnded = exit is not null;
            _owner.OnStarted(this, process.Id);
            if (!_hasEnded)
                Watch(process);
        }

        if (exit is { } early)
            Finish(Ended(early));

        if (attends)
            process.Attend();

        IsAttended = false;
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

            AskToEnd(_process);
        }
    }

    /// <summary>Kills the process tree, also where it has its grace already. Does nothing where it has ended.</summary>
    public void EndAtOnce(EndReason reason)
    {
        lock (_gate)
        {
            if (_hasEnded)
                return;

            _endReason ??= reason;
            _endsAtOnce = true;
            _process?.Kill();
        }
    }

    int IProcessObserver.RoomOf(OutputStream stream) => (stream == OutputStream.Stdout ? Stdout : Stderr).Room;

    void IProcessObserver.OnOutput(OutputStream stream, ReadOnlySpan<byte> data)
    {
        var captured = stream == OutputStream.Stdout ? Stdout : Stderr;
        captured.Append(data);
        if (captured.Length >= LongOutput && !_saidLong)
        {
            _saidLong = true;
            _owner.OnOutputIsLong(this);
        }
    }

    void IProcessObserver.OnMemoryExceeded(long bytes)
    {
        lock (_gate)
        {
            _tookBytes = bytes;
        }

        EndAtOnce(EndReason.OutOfMemory);
    }

    void IProcessObserver.OnUnended(string reason) => _owner.OnUnended(this, reason);

    void IProcessObserver.OnExit(in ProcessExit exit)
    {
        lock (_gate)
        {
            // So short a process that its start is not through yet: that will finish the attempt. The thread that serves all
            // processes must not wait for it.
            _exit = exit;
            if (_process is null)
                return;

            _hasEnded = true;
            _timer?.Dispose();
        }

        Finish(Ended(exit));
    }

    private bool TryLaunch(IProcessLauncher launcher, TaskText text, [NotNullWhen(true)] out IRunningProcess? process, out string error)
    {
        process = null;
        error = "";
        lock (_gate)
        {
            // It was ended before its turn came.
            if (_endReason is not null)
                return false;
        }

        if (_owner.NeverFits(_task.Template) is { } misfit)
        {
            error = misfit;
            return false;
        }

        if (!TryFindAccount(out var account, out error))
            return false;

        try
        {
            if (_task.Template.Spec.Scratch)
                _scratchFolder = _owner.Scratch.Create(Lease, account);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            error = $"its scratch folder could not be made: {e.Message}";
            GiveBackIfDiskIsAtFault();
            return false;
        }

        var request = text.Fill(_task, Allotment, _scratchFolder, account);
        try
        {
            request = WithScript(request, account);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            error = $"its script could not be put into a file here: {e.Message}";
            GiveBackIfDiskIsAtFault();
            return false;
        }

        var before = _time.GetTimestamp();
        var result = launcher.Launch(request, this, IsAttended);
        _spawn = _time.GetElapsedTime(before);
        error = result.Error ?? "";
        process = result.Process;
        if (result.Failure is { IsShortage: true } lack)
        {
            _owner.OnShortage(lack.Reason);
            GiveBack();
        }

        return process is not null;
    }

    /// <summary>
    /// Puts the script into a file here if the task runs as the agent. Otherwise the starter does so as the task's
    /// account, in a folder that it gets.
    /// </summary>
    private LaunchRequest WithScript(LaunchRequest request, Account? account)
    {
        if (_task.Template.Script is not var (script, argument))
            return request;

        _scriptFolder = _owner.Scratch.OfScript(Lease);
        var place = new ScriptPlace(argument, script.Path, script.Content.Memory, _scriptFolder);
        if (account is null)
            return place.PlaceIn(request);

        _owner.Scratch.Create(_scriptFolder, account);
        return request with { Script = place };
    }

    /// <summary>False: there is none for its user. An account of null is the agent's own.</summary>
    private bool TryFindAccount(out Account? account, out string error)
    {
        account = null;
        error = "";
        if (_owner.RunAs is not { } runAs || !OperatingSystem.IsLinux())
            return true;

        account = runAs.AccountFor(_task.Template.User, out error);
        return account is not null;
    }

    /// <summary>What holds while it runs. With the gate held.</summary>
    private void Watch(IRunningProcess process)
    {
        if (_endsAtOnce)
            process.Kill();
        else if (_endReason is not null)
            AskToEnd(process);
        else if (_task.Template.Timeout is { } timeout)
            _timer = LongTimer.Start(_time, timeout, () => End(EndReason.TimedOut));
    }

    private void AskToEnd(IRunningProcess process)
    {
        process.AskToEnd();
        _timer?.Dispose();
        _timer = LongTimer.Start(_time, _task.Template.Grace, process.Kill);
    }

    private void Finish(AttemptResult result)
    {
        Stdout.Complete();
        Stderr.Complete();
        if ((Stdout.Error ?? Stderr.Error) is { } lost)
        {
            GiveBackIfDiskIsAtFault();

            // Without its output it is not the result that it would be taken for. Nor has the task failed, if there is
            // room again by now.
            if (_endReason is null)
                result = SpooledResult.Lost(result, lost).Result;
            else
                result.Message = lost;
        }

        _owner.OnEnded(this, result, _endReason);
        if (_scratchFolder is { } folder)
            ThreadPool.UnsafeQueueUserWorkItem(_ => _owner.Scratch.Remove(folder), null);

        if (_scriptFolder is { } copy)
            ThreadPool.UnsafeQueueUserWorkItem(_ => _owner.Scratch.Remove(copy), null);
    }

    private void GiveBackIfDiskIsAtFault()
    {
        if (_owner.IsDiskAtFault())
            GiveBack();
    }

    private void GiveBack()
    {
        lock (_gate)
        {
            _endReason ??= EndReason.GivenBack;
        }
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
            (EndReason.OutOfMemory, _) or (null, { IsKilledByKernel: true }) => AttemptOutcome.OutOfMemory,
            (EndReason.Stopped, _) => AttemptOutcome.Moved,
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
            Message = _endReason switch
            {
                EndReason.TimedOut => string.Create(CultureInfo.InvariantCulture, $"it ran longer than its timeout of {_task.Template.Timeout!.Value.TotalSeconds:0.###} s"),
                EndReason.OutOfMemory => $"it took {ByteText.Of(_tookBytes)} of {ByteText.Of(_task.Template.Needs.MemoryBytes)}",
                null when exit.IsKilledByKernel => $"the kernel ended it for want of memory{(exit.PeakMemoryBytes > 0 ? $", when it had taken {ByteText.Of(exit.PeakMemoryBytes)} at most" : "")}",
                EndReason.Expired => "it is exclusive, and its node did not hear from the server for too long",
                EndReason.Stopped => "ended by a stop or restart of the agent",
                _ => "",
            },
            Started = Timestamp.FromDateTimeOffset(StartedAt!.Value),
            SpawnMicroseconds = (int)Math.Clamp(_spawn.TotalMicroseconds, 1, int.MaxValue),
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
