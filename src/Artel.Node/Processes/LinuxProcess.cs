using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Artel.Node.Processes;

/// <summary>
/// One process of the fast path. Served by one thread at a time: the one that started it, while it attends it, after that that of
/// <see cref="ProcessReactor"/>; a stream that has grown long is read by <see cref="DiskThreads"/>. Only <see cref="AskToEnd"/> and <see cref="Kill"/> are for others, and <see cref="_gate"/> keeps them
/// from signalling a process id that was given back.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed unsafe class LinuxProcess(
    int pid, TagPair tags, int pidfd, PipeEnds stdout, PipeEnds stderr, StartTime started, MemoryLimit memory, IProcessObserver observer,
    ProcessReactor reactor)
    : IRunningProcess
{
    private const int ReadsPerEvent = 4;

    // How long the thread that started it serves it. A task of this length hardly feels the change to the reactor.
    private const int FirstMilliseconds = 20;

    // Of the thread that attends it.
    private const int AttendBufferSize = 64 * 1024;
    private const int NoRoomMilliseconds = 100;

    // More than a pipe holds, so that nothing is left behind; not without end, for someone who left the group may go on writing.
    private const int ReadsAtEnd = 32;

    // How long the end waits for killed processes to be gone. They are at once, unless the system itself holds them (state D).
    private static readonly TimeSpan TreePatience = TimeSpan.FromSeconds(2);

    // Killed processes are gone at once: one that is still there after this time is worth a word.
    private static readonly TimeSpan UnendedAfter = TimeSpan.FromSeconds(3);

    // The system counts the pages of each cpu in batches of twice the number of cpus, of 32 at least, and its sums may be wrong by as much
    // (percpu_counter_batch of Linux). So may both that are compared.
    private static readonly long CountingErrorKib = 2L * Environment.ProcessorCount * Math.Max(32, 2 * Environment.ProcessorCount) * (Environment.SystemPageSize / 1024);

    private readonly Lock _gate = new();
    private readonly Lock _readingStdout = new();
    private readonly Lock _readingStderr = new();
    private volatile bool _stdoutIsLong;
    private volatile bool _stderrIsLong;
    private int _pidfd = pidfd;
    private int _stdout = stdout.Reader;
    private int _stderr = stderr.Reader;
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

    public int StdoutDescriptor => _stdout;

    public int StderrDescriptor => _stderr;

    /// <summary>The process itself has ended; its tree may still hold the pipes.</summary>
    public bool HasEnded => _endedAt != 0;

    /// <summary>What all of its processes may take. Null: it is not limited.</summary>
    public long? MemoryLimitBytes => memory.Bytes;

    /// <summary>The cgroup in which the kernel keeps it to that. Null: it is watched.</summary>
    public MemoryCgroups.TaskCgroup? Cgroup => memory.Cgroup;

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
            waits[1] = new Libc.PollDescriptor { Descriptor = _stdoutIsLong ? -1 : _stdout, Events = Libc.EpollIn };
            waits[2] = new Libc.PollDescriptor { Descriptor = _stderrIsLong ? -1 : _stderr, Events = Libc.EpollIn };
            if (Libc.poll(waits, 3, left) <= 0)
                continue;

            if (waits[1].Returned != 0)
                OnReadable(OutputStream.Stdout, buffer, AttendBufferSize, mayWait: false);

            if (waits[2].Returned != 0)
                OnReadable(OutputStream.Stderr, buffer, AttendBufferSize, mayWait: false);

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

    /// <summary>Whether a stream has grown long: then <see cref="DiskThreads"/> reads it.</summary>
    public bool IsLong(OutputStream stream) => stream == OutputStream.Stdout ? _stdoutIsLong : _stderrIsLong;

    /// <summary>Reads what is there, but only so much that no other process is kept waiting. Whoever serves it.</summary>
    /// <param name="mayWait">For the disk.</param>
    public void OnReadable(OutputStream stream, byte* buffer, int size, bool mayWait)
    {
        for (var i = 0; i < ReadsPerEvent; i++)
        {
            if (!ReadOnce(stream, buffer, size, mayWait))
                return;
        }
    }

    /// <summary>
    /// The process has ended: it is a zombie until it is reaped, so its id and its group's still mean it. Whoever serves it.
    /// </summary>
    public void OnExited()
    {
        CloseDescriptor(ref _pidfd);
        _ = Libc.close(stdout.Writer);
        _ = Libc.close(stderr.Writer);
        _endedAt = Stopwatch.GetTimestamp();
    }

    /// <summary>
    /// After the end: kills what is left of its tree, wherever it went. False: others of its tree still have their grace, or have just been killed.
    /// Whoever serves it.
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

    /// <summary>After it was reaped: reads what is left of its output and tells the end. May wait for the disk.</summary>
    /// <remarks>
    /// Whether someone still holds the pipes does not matter: the tree is dead by then and has written what it could; and a process
    /// that is just being started holds copies of all descriptors until its exec.
    /// </remarks>
    public void Conclude(byte* buffer, int size)
    {
        Drain(OutputStream.Stdout, buffer, size, mayWait: true);
        Drain(OutputStream.Stderr, buffer, size, mayWait: true);
        lock (_readingStdout)
        {
            CloseDescriptor(ref _stdout);
        }

        lock (_readingStderr)
        {
            CloseDescriptor(ref _stderr);
        }

        if (_stdoutIsLong || _stderrIsLong)
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
        if (HasEnded || Volatile.Read(ref _killedAt) is not (not 0 and var killed) || Stopwatch.GetElapsedTime(killed) < UnendedAfter)
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
    /// What the kernel killed of it because of its limit has ended it, whatever its first process made of that; its cgroup knows the peak.
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
        Drain(OutputStream.Stdout, buffer, size, mayWait: false);
        Drain(OutputStream.Stderr, buffer, size, mayWait: false);
        return Volatile.Read(ref _stdout) >= 0 || Volatile.Read(ref _stderr) >= 0;
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

    private void Drain(OutputStream stream, byte* buffer, int size, bool mayWait)
    {
        for (var i = 0; i < ReadsAtEnd && ReadOnce(stream, buffer, size, mayWait); i++)
        {
        }
    }

    /// <summary>False: nothing more for now, or not for the caller.</summary>
    private bool ReadOnce(OutputStream stream, byte* buffer, int size, bool mayWait)
    {
        if (!mayWait && IsLong(stream))
            return false;

        // Where epoll took the one pipe and not the other, both threads may come here for a moment.
        lock (stream == OutputStream.Stdout ? _readingStdout : _readingStderr)
        {
            ref var descriptor = ref stream == OutputStream.Stdout ? ref _stdout : ref _stderr;
            if (descriptor < 0)
                return false;

            if (!mayWait)
            {
                var room = observer.RoomOf(stream);
                if (room == 0 && TryHandOver(stream, descriptor))
                    return false;

                // If the system has no room to hand it over, it is written here.
                size = room > 0 ? Math.Min(size, room) : size;
            }

            nint count;
            do
            {
                count = Libc.read(descriptor, buffer, size);
            }
            while (count < 0 && Marshal.GetLastPInvokeError() == Errno.Interrupted);

            if (count > 0)
            {
                observer.OnOutput(stream, new ReadOnlySpan<byte>(buffer, (int)count));
                return true;
            }

            if (count == 0 || Marshal.GetLastPInvokeError() != Errno.TryAgain)
                CloseDescriptor(ref descriptor);

            return false;
        }
    }

    /// <summary>Lets <see cref="DiskThreads"/> read a stream from here on. With its lock held.</summary>
    private bool TryHandOver(OutputStream stream, int descriptor)
    {
        if (IsLong(stream))
            return true;

        // Said before, so that whoever sees its first event there sees this too.
        Set(true);
        if (!reactor.Disk.TryTake(this, stream, descriptor))
        {
            Set(false);
            return false;
        }

        if (IsInEpoll)
            reactor.Epoll.Remove(descriptor);

        return true;

        void Set(bool isLong)
        {
            if (stream == OutputStream.Stdout)
                _stdoutIsLong = isLong;
            else
                _stderrIsLong = isLong;
        }
    }

    private static TimeSpan Time(long seconds, long microseconds) =>
        TimeSpan.FromSeconds(seconds) + TimeSpan.FromMicroseconds(microseconds);

    /// <remarks>
    /// Taken out of epoll first: a process that is just being started holds copies of all descriptors until its exec, and
    /// as long as one copy is open epoll would go on reporting it.
    /// </remarks>
    private void CloseDescriptor(ref int descriptor)
    {
        if (descriptor >= 0)
        {
            if (IsInEpoll)
                reactor.Epoll.Remove(descriptor);

            if (_stdoutIsLong || _stderrIsLong)
                reactor.Disk.Remove(descriptor);

            _ = Libc.close(descriptor);
        }

        descriptor = -1;
    }
}
