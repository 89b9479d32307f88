using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Artel.Node.Processes;

/// <summary>
/// The one thread that serves all processes, by epoll: but for those that are still served by the thread that started
/// them (<see cref="LinuxProcess.Attend"/>). It never waits for a disk: what may is left to <see cref="DiskThreads"/>.
/// Reading ourselves, instead of letting processes write to files, is what makes caps exact and lets a process write on
/// undisturbed when its cap is reached.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed unsafe class ProcessReactor : IDisposable
{
    private const int BufferSize = 64 * 1024;

    // Processes that have ended but whose output is still held open are looked at this often.
    private const int EndingPollMilliseconds = 10;

    // When the memory of a process is looked at: first at this age, then at ages that grow by half. Short tasks cost nothing.
    private const int FirstSampleMilliseconds = 30;

    // While anything runs, ended orphans are reaped this often, and kills of the kernel counted; there is no event for them.
    private const int OrphansMilliseconds = 1000;

    private readonly Lock _gate = new();

    // Taken before the other, by whoever looks at what processes leave behind.
    private readonly Lock _leftoversGate = new();
    private readonly Dictionary<ulong, LinuxProcess> _processes = [];
    private readonly PriorityQueue<LinuxProcess, long> _samples = new();
    private readonly Dictionary<ulong, LinuxProcess> _ending = [];
    private readonly List<LinuxProcess> _handedOver = [];
    private readonly List<ulong> _finished = [];
    private readonly List<StartTime> _starting = [];

    // Processes that a task has left and that may not be killed. Each is reported once.
    private readonly HashSet<int> _left = [];
    private readonly Orphans _orphans = new();
    private readonly KernelKills _kernelKills = new();
    private readonly byte* _buffer = (byte*)NativeMemory.Alloc(BufferSize);
    private readonly Thread _thread;
    private readonly Func<int, bool> _isTask;
    private readonly Action<string>? _tellLeft;
    private ulong _nextKey = 1;
    private long _orphansSeenAt;
    private bool _anyEntered;
    private bool _isAsleep;
    private volatile bool _stopping;

    private enum Source : ulong
    {
        Exit = 0,
        Stdout = OutputStream.Stdout,
        Stderr = OutputStream.Stderr,
    }

    /// <param name="tellLeft">
    /// Called with a description of each process that a task has left and this agent may not end.
    /// </param>
    public ProcessReactor(Action<string>? tellLeft = null)
    {
        _isTask = IsTask;
        _tellLeft = tellLeft;
        _thread = new Thread(Run) { Name = "artel-processes", IsBackground = true };
        _thread.Start();
    }

    /// <summary>What its processes take their descriptors out of before they close them.</summary>
    public Epoll Epoll { get; } = new();

    /// <summary>Where output that is too long for memory is read.</summary>
    public DiskThreads Disk { get; } = new();

    /// <summary>Call it just before a process is started, so that an orphan is never taken for older than its task. Any thread.</summary>
    public StartTime BeginStart()
    {
        var start = new StartTime(Stopwatch.GetTimestamp(), ProcFile.NowTicks());
        lock (_gate)
        {
            _starting.Add(start);
        }

        return start;
    }

    /// <summary>Nothing came of the start. Any thread.</summary>
    public void AbandonStart(StartTime start)
    {
        lock (_gate)
        {
            _starting.Remove(start);
        }
    }

    /// <summary>From here on the process counts as one that runs, whoever serves it. Any thread.</summary>
    public void Enter(LinuxProcess process, StartTime start)
    {
        bool wakes;
        lock (_gate)
        {
            process.Key = _nextKey++;
            _starting.Remove(start);
            _processes.Add(process.Key, process);
            _anyEntered = true;
            wakes = _isAsleep;
            _isAsleep = false;
        }

        if (wakes)
            Epoll.Wake();
    }

    /// <summary>The process is over, or there was none after all. Any thread.</summary>
    public void Leave(LinuxProcess process)
    {
        lock (_gate)
        {
            _processes.Remove(process.Key);
        }
    }

    /// <summary>
    /// From here on the observer of this process, which has entered, is told what happens. False: the system has no room for it (the
    /// error number is the last one). Any thread.
    /// </summary>
    public bool TryServe(LinuxProcess process)
    {
        bool isFirst;
        lock (_gate)
        {
            isFirst = _samples.Count == 0;
            _samples.Enqueue(process, Environment.TickCount64 + FirstSampleMilliseconds);
        }

        if (isFirst)
            Epoll.Wake();

        // The exit comes last: what it sets off needs the pipes.
        var (key, exit) = (process.Key, process.ExitDescriptor);
        var (stdout, stderr) = (process.Stdout.Descriptor, process.Stderr.Descriptor);
        process.IsInEpoll = true;
        if ((process.Stdout.IsLong || Epoll.TryAdd(stdout, Data(key, Source.Stdout)))
            && (process.Stderr.IsLong || Epoll.TryAdd(stderr, Data(key, Source.Stderr)))
            && Epoll.TryAdd(exit, Data(key, Source.Exit)))
            return true;

        var error = Marshal.GetLastPInvokeError();
        Epoll.Remove(stdout);
        Epoll.Remove(stderr);
        process.IsInEpoll = false;
        Marshal.SetLastPInvokeError(error);
        return false;
    }

    /// <summary>The process has ended, but others of its tree have their grace, or are not gone yet: waiting for that is the reactor's. Any thread.</summary>
    public void FinishLater(LinuxProcess process)
    {
        lock (_gate)
        {
            _handedOver.Add(process);
        }

        Epoll.Wake();
    }

    /// <summary>The tasks whose first process was not reaped yet. Any thread.</summary>
    public IReadOnlyList<LinuxProcess> Running()
    {
        lock (_gate)
        {
            return _processes.Count == 0 ? [] : [.. _processes.Values];
        }
    }

    /// <summary>See <see cref="KernelKills.TryClaim"/>. Any thread.</summary>
    public bool TryClaimKernelKill()
    {
        lock (_leftoversGate)
        {
            return _kernelKills.TryClaim();
        }
    }

    /// <summary>
    /// Kills the orphans of a task whose first process has ended, and those that can be nobody else's. False: there are none.
    /// Any thread.
    /// </summary>
    public bool EndOrphansOf(LinuxProcess? task)
    {
        var any = false;
        lock (_leftoversGate)
        {
            foreach (var pid in _orphans.Reap(_isTask))
            {
                if (BelongsToAnother(pid, task))
                    continue;

                if (ProcessTree.Kill(pid))
                    any = true;
                else if (Marshal.GetLastPInvokeError() == Errno.NotPermitted && _left.Add(pid)
                    && Unkillable.Describe(pid) is { } reason)
                    _tellLeft?.Invoke(reason);
            }
        }

        return any;
    }

    /// <summary>Whether there is an orphan in a group, that is, one that was asked to end too. Any thread.</summary>
    public bool HasOrphanIn(int group)
    {
        lock (_leftoversGate)
        {
            foreach (var pid in _orphans.Reap(_isTask))
            {
                if (Libc.getpgid(pid) == group)
                    return true;
            }
        }

        return false;
    }

    public void Dispose()
    {
        _stopping = true;
        Epoll.Wake();
        _thread.Join();
        Disk.Dispose();
        Epoll.Dispose();
        _orphans.Dispose();
        _kernelKills.Dispose();
        NativeMemory.Free(_buffer);
    }

    private static ulong Data(ulong key, Source source) => (key << 2) | (ulong)source;

    private void Run()
    {
        Span<ulong> ready = stackalloc ulong[Epoll.MostAtOnce];
        while (!_stopping)
        {
            foreach (var data in ready[..Epoll.Wait(ready, Timeout())])
                Handle(data);

            TakeOver();
            FinishEnding();
            SampleMemory();
            LookAfterOrphans();
        }
    }

    private void Handle(ulong data)
    {
        var key = data >> 2;
        LinuxProcess? process;
        lock (_gate)
        {
            // None: it finished earlier in this batch.
            if (!_processes.TryGetValue(key, out process))
                return;
        }

        switch ((Source)(data & 3))
        {
            case Source.Exit:
                process.OnExited();
                _ending[key] = process;
                break;
            case Source.Stdout:
                process.Stdout.OnReadable(process, _buffer, BufferSize, mayWait: false);
                break;
            case Source.Stderr:
                process.Stderr.OnReadable(process, _buffer, BufferSize, mayWait: false);
                break;
        }
    }

    private void TakeOver()
    {
        lock (_gate)
        {
            foreach (var process in _handedOver)
                _ending[process.Key] = process;

            _handedOver.Clear();
        }
    }

    private void FinishEnding()
    {
        foreach (var (key, process) in _ending)
        {
            if (process.TryReap(_buffer, BufferSize))
                _finished.Add(key);
        }

        foreach (var key in _finished)
        {
            _ending.Remove(key, out var process);
            lock (_gate)
            {
                _processes.Remove(key);
            }

            Disk.Conclude(process!);
        }

        _finished.Clear();
    }

    private void SampleMemory()
    {
        var now = Environment.TickCount64;
        while (true)
        {
            LinuxProcess? process;
            lock (_gate)
            {
                if (!_samples.TryPeek(out process, out var due) || due > now)
                    return;

                _samples.Dequeue();
            }

            if (process.HasEnded)
                continue;

            process.SampleMemory();
            var pause = Math.Max(FirstSampleMilliseconds, (long)process.Age.TotalMilliseconds / 2);
            lock (_gate)
            {
                _samples.Enqueue(process, now + pause);
            }
        }
    }

    private void LookAfterOrphans()
    {
        var now = Environment.TickCount64;
        if (now - _orphansSeenAt < OrphansMilliseconds)
            return;

        lock (_leftoversGate)
        {
            _kernelKills.Look(wasAway: now - _orphansSeenAt > 2 * OrphansMilliseconds);
        }

        _orphansSeenAt = now;
        EndOrphansOf(null);
        foreach (var process in Running())
            process.LookIfUnended();
    }

    private bool IsTask(int pid)
    {
        lock (_gate)
        {
            return _processes.Values.Any(p => p.Id == pid);
        }
    }

    /// <summary>
    /// Whether an orphan is of a task that has not ended, or may be: who has shed its tag and its session may be of any task that
    /// is older.
    /// </summary>
    private bool BelongsToAnother(int pid, LinuxProcess? task)
    {
        var tag = ProcessTags.Of(pid);
        var session = Libc.getsid(pid);
        lock (_gate)
        {
            var owners = _processes.Values.Where(p => p.Tags.Has(tag) || p.Id == session).ToList();
            if (owners.Count > 0)
                return owners.Exists(p => p != task);
        }

        if (ProcFile.ReadStat(pid) is not { StartTicks: var ticks })
            return false;

        lock (_gate)
        {
            return _starting.Any(s => s.Ticks <= ticks) || _processes.Values.Any(p => p != task && p.StartTicks <= ticks);
        }
    }

    private int Timeout()
    {
        if (_ending.Count > 0)
            return EndingPollMilliseconds;

        lock (_gate)
        {
            if (_samples.TryPeek(out _, out var due))
                return (int)Math.Clamp(due - Environment.TickCount64, 0, OrphansMilliseconds);

            // While processes come and go it looks after orphans, and else sleeps until one comes.
            _isAsleep = _processes.Count == 0 && !_anyEntered;
            _anyEntered = false;
            return _isAsleep ? -1 : OrphansMilliseconds;
        }
    }
}
