using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Artel.Node.Processes;

/// <summary>
/// One process of the fast path. One thread at a time serves it: first the one that started it, if that attends it,
/// then that of <see cref="ProcessReactor"/>. Only <see cref="AskToEnd"/> and <see cref="Kill"/> are for others, and
/// <see cref="_gate"/> keeps them from signalling a process id that was given back.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed unsafe class LinuxProcess(
    int pid, TagPair tags, int pidfd, PipeEnds stdout, PipeEnds stderr, StartTime started, MemoryLimit memory,
    IProcessObserver observer, ProcessReactor reactor)
    : IRunningProcess
{
    // How long the thread that started it serves it. A task of this length hardly feels the change to the reactor.
    private const int FirstMilliseconds = 20;

    // Of the thread that attends it.
    private const int AttendBufferSize = 64 * 1024;
    private const int NoRoomMilliseconds = 100;

    // How long the end waits for killed processes to be gone. They are at once, unless the system itself holds them (state D).
    private static readonly TimeSpan TreePatience = TimeSpan.FromSeconds(2);

    // Killed processes are gone at once: one that is still there after this time is reported.
    private static readonly TimeSpan UnendedAfter = TimeSpan.FromSeconds(3);

    // The system counts the pages of each cpu in batches of twice the number of cpus, of 32 at least, and its sums may be wrong by as much
    // (percpu_counter_batch of Linux). So may both that are compared.
    private static readonly long CountingErrorKib = 2L * Environment.ProcessorCount * Math.Max(32, 2 * Environment.ProcessorCount) * (Environment.SystemPageSize / 1024);

    private readonly Lock _gate = new();
    private int _pidfd = pidfd;
    private bool _askedToEnd;
    private bool _killed;
    private long _killedAt;
    private string? _unended;
    private bool _reaped;
    private long _endedAt;
    private long _treeKilledAt;
    private ProcessExit _exit;
    private long _sampledPeak;
    private long _treePeak;

    public int Id => pid;

    /// <summary>What all of its processes have, see <see cref="ProcessTags"/>.</summary>
    public TagPair Tags => tags;

    /// <summary>No process of its tree is older (<see cref="ProcFile.NowTicks"/>).</summary>
    public long StartTicks => started.Ticks;

    /// <summary>By which the reactor knows it.</summary>
    public ulong Key { get; set; }

    /// <summary>Whether its descriptors have to be taken out of epoll.</summary>
    public bool IsInEpoll { get; set; }

    public int ExitDescriptor => _pidfd;

    public OutputPipe Stdout { get; } = new(OutputStream.Stdout, stdout.Reader, observer, reactor);

    public OutputPipe Stderr { get; } = new(OutputStream.Stderr, stderr.Reader, observer, reactor);

    /// <summary>The process itself has ended; its tree may still hold the pipes.</summary>
    public bool HasEnded => _endedAt != 0;

    /// <summary>What all of its processes may take. Null: it is not limited.</summary>
    public long? MemoryLimitBytes => memory.Bytes;

    /// <summary>The cgroup in which the kernel keeps it to that. Null if it is watched or not limited.</summary>
    public MemoryCgroups.TaskCgroup? Cgroup => memory.Cgroup;

    /// <summary>True if <see cref="MemoryWatch"/> keeps it to its limit.</summary>
    public bool IsWatched => memory is { Bytes: not null, Cgroup: null };

    /// <summary>What its processes took, with what they share counted for each, when that was last looked through. <see cref="MemoryWatch"/>'s only.</summary>
    public long LargestSum { get; set; }

    public TimeSpan Age => Stopwatch.GetElapsedTime(started.Timestamp);

    public void AskToEnd()
    {
        lock (_gate)
        {
            _askedToEnd = true;
            if (!_reaped)
                _ = Libc.kill(-pid, Libc.SigTerm);
        }
    }

    public void Kill()
    {
        lock (_gate)
        {
            _killed = true;
            if (_killedAt == 0)
                _killedAt = Stopwatch.GetTimestamp();

            if (!_reaped)
                KillTree();
        }
    }

    /// <inheritdoc/>
    /// <remarks>
    /// A short task costs no change of threads, neither at its end nor before the next one's start, and no registration with epoll: the thread
    /// that waits for it here is the one that started it, as in the simplest loop that starts processes.
    /// </remarks>
    public void Attend()
    {
        var buffer = stackalloc byte[AttendBufferSize];
        var waits = stackalloc Libc.PollDescriptor[3];
        var until = Environment.TickCount64 + FirstMilliseconds;
        while (!HasEnded)
        {
            var left = (int)(until - Environment.TickCount64);
            if (left <= 0)
            {
                if (reactor.TryServe(this))
                    return;

                // The system has no room for it there now: it goes on here.
                left = NoRoomMilliseconds;
            }

            waits[0] = new Libc.PollDescriptor { Descriptor = _pidfd, Events = Libc.EpollIn };
            waits[1] = new Libc.PollDescriptor { Descriptor = Stdout.DescriptorToPoll, Events = Libc.EpollIn };
            waits[2] = new Libc.PollDescriptor { Descriptor = Stderr.DescriptorToPoll, Events = Libc.EpollIn };
            if (Libc.poll(waits, 3, left) <= 0)
                continue;

            if (waits[1].Returned != 0)
                Stdout.OnReadable(this, buffer, AttendBufferSize, mayWait: false);

            if (waits[2].Returned != 0)
                Stderr.OnReadable(this, buffer, AttendBufferSize, mayWait: false);

            if (waits[0].Returned != 0)
                OnExited();
        }

        if (!TryReap(buffer, AttendBufferSize))
        {
            reactor.FinishLater(this);
            return;
        }

        reactor.Leave(this);
        Conclude(buffer, AttendBufferSize);
    }

    /// <summary>
    /// The process has ended: it is a zombie until it is reaped, so its id and its group's still mean it. Whoever serves it.
    /// </summary>
    public void OnExited()
    {
        // Before it is closed, as with the pipes.
        if (IsInEpoll)
            reactor.Epoll.Remove(_pidfd);

        _ = Libc.close(_pidfd);
        _pidfd = -1;
        _ = Libc.close(stdout.Writer);
        _ = Libc.close(stderr.Writer);
        _endedAt = Stopwatch.GetTimestamp();
    }

    /// <summary>
    /// After the end: kills what is left of its tree, wherever it went. False: others of its tree still have their
    /// grace, or have just been killed. Whoever serves it.
    /// </summary>
    public bool TryReap(byte* buffer, int size)
    {
        // The zombie keeps the numbers of its group and session from being given to someone else meanwhile.
        if (_askedToEnd && !_killed && (IsOutputOpen(buffer, size) || reactor.HasOrphanIn(pid)))
            return false;

        if (_treeKilledAt == 0)
        {
            _treeKilledAt = Stopwatch.GetTimestamp();
            _ = Libc.kill(-pid, Libc.SigKill);
        }

        if (reactor.EndOrphansOf(this) && Stopwatch.GetElapsedTime(_treeKilledAt) < TreePatience)
            return false;

        LeaveCgroup();
        Reap();
        return true;
    }

    /// <summary>
    /// After it was reaped: reads what is left of its output and tells the end. May wait for the disk.
    /// </summary>
    /// <remarks>
    /// Whether someone still holds the pipes does not matter: the tree is dead by then and has written what it could;
    /// and a process that is just being started holds copies of all descriptors until its exec.
    /// </remarks>
    public void Conclude(byte* buffer, int size)
    {
        Stdout.Drain(this, buffer, size, mayWait: true);
        Stderr.Drain(this, buffer, size, mayWait: true);
        Stdout.Close(this);
        Stderr.Close(this);
        reactor.Disk.Forget(this);
        observer.OnExit(_exit);
    }

    /// <summary>
    /// Notes how much memory it has used so far. The system's own number (ru_maxrss) starts with that of the agent: between vfork
    /// and exec the process lives in the agent's memory, and that counts. Whoever serves it.
    /// </summary>
    public void SampleMemory()
    {
        if (!HasEnded)
            _sampledPeak = Math.Max(_sampledPeak, ProcFile.PeakMemoryBytes(pid));
    }

    /// <summary>If it was killed and has not ended, tells why. The reactor only.</summary>
    public void LookIfUnended()
    {
        var killedAt = Volatile.Read(ref _killedAt);
        if (HasEnded || killedAt == 0 || Stopwatch.GetElapsedTime(killedAt) < UnendedAfter)
            return;

        if (Unkillable.Describe(pid) is { } reason && reason != _unended)
        {
            _unended = reason;
            observer.OnUnended(reason);
        }
    }

    /// <summary>All of its processes were seen to take so much. <see cref="MemoryWatch"/> only.</summary>
    public void NoteMemory(long bytes) => Volatile.Write(ref _treePeak, Math.Max(_treePeak, bytes));

    /// <summary>They take more than they may. <see cref="MemoryWatch"/> only.</summary>
    public void TellMemoryExceeded(long bytes) => observer.OnMemoryExceeded(bytes);

    /// <summary>
    /// If the kernel killed one of its processes because of the limit, that ended the task, whatever its first process
    /// made of it. The cgroup has the peak.
    /// </summary>
    private void LeaveCgroup()
    {
        if (memory.Cgroup is not { } cgroup)
            return;

        NoteMemory(cgroup.PeakBytes());
        var kills = cgroup.Kills();
        if (kills > 0)
            observer.OnMemoryExceeded(memory.Bytes!.Value);

        // They were this task's: nobody else's end is to be taken for one of them.
        while (kills-- > 0)
            reactor.TryClaimKernelKill();

        cgroup.Remove();
    }

    /// <summary>By descent, which nobody escapes while its parents live, and by group. Whom that misses, the end finds among the orphans.</summary>
    private void KillTree()
    {
        ProcessTree.Kill(pid);
        _ = Libc.kill(-pid, Libc.SigKill);
    }

    private bool IsOutputOpen(byte* buffer, int size)
    {
        Stdout.Drain(this, buffer, size, mayWait: false);
        Stderr.Drain(this, buffer, size, mayWait: false);
        return Stdout.IsOpen || Stderr.IsOpen;
    }

    private void Reap()
    {
        int status;
        Libc.Rusage usage = default;
        Libc.Rusage own = default;
        int reaped;
        lock (_gate)
        {
            do
            {
                reaped = Libc.wait4(pid, &status, 0, &usage);
            }
            while (reaped < 0 && Marshal.GetLastPInvokeError() == Errno.Interrupted);

            _reaped = true;
        }

        if (reaped != pid)
            throw new InvalidOperationException($"process {pid} was reaped by someone else: {Marshal.GetLastPInvokeErrorMessage()}");

        _ = Libc.getrusage(Libc.RusageSelf, &own);
        var peak = usage.MaxRssKib > own.MaxRssKib + CountingErrorKib ? usage.MaxRssKib * 1024 : _sampledPeak;
        peak = Math.Max(peak, Volatile.Read(ref _treePeak));
        var signal = status & 0x7f;
        _exit = new ProcessExit(
            signal == 0 ? (status >> 8) & 0xff : 0,
            signal,
            Stopwatch.GetElapsedTime(started.Timestamp, _endedAt),
            Time(usage.UserSeconds, usage.UserMicroseconds),
            Time(usage.SystemSeconds, usage.SystemMicroseconds),
            peak,
            signal == Libc.SigKill && !_killed && reactor.TryClaimKernelKill());
    }

    private static TimeSpan Time(long seconds, long microseconds) =>
        TimeSpan.FromSeconds(seconds) + TimeSpan.FromMicroseconds(microseconds);
}
