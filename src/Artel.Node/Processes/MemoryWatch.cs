using System.Diagnostics;
using System.Runtime.Versioning;

namespace Artel.Node.Processes;

/// <summary>
/// A thread that looks now and then at how much memory the processes of each task take together, notes the most, and
/// reports a task that takes more than its limit, or in which the kernel has killed a process because of it. One look
/// serves all tasks. While nothing runs it sleeps, and short tasks without a limit cost nothing.
/// </summary>
/// <remarks>
/// The nearer a task is to its limit the sooner it looks again: as soon as the rest could be filled at <see cref="FillBytesPerSecond"/>. So a task gets
/// over its limit by what it can fill in <see cref="ShortestPause"/>, or in the time of a look where that is long.
/// </remarks>
[SupportedOSPlatform("linux")]
internal sealed class MemoryWatch : IDisposable
{
    // About what one thread can fill, since the system clears each page before.
    private const double FillBytesPerSecond = 2L << 30;

    // A look is to take no more than this part of one cpu.
    private const int PauseOfLooks = 20;

    // Sharing that is counted more than once is looked through again only when the sum has grown by so much.
    private const double WorthALook = 1.05;

    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);

    // Of a task without a limit only the peak is told: younger ones are not worth a look.
    private static readonly TimeSpan LeastAge = TimeSpan.FromMilliseconds(500);

    private readonly object _gate = new();
    private readonly Func<IReadOnlyList<LinuxProcess>> _running;
    private readonly Thread _thread;
    private volatile bool _isIdle;
    private bool _closes;
    private long _due;
    private long _peaksDue;

    /// <param name="running">The tasks that run now. Asked by its thread.</param>
    public MemoryWatch(Func<IReadOnlyList<LinuxProcess>> running)
    {
        _running = running;
        _thread = new Thread(Run) { Name = "artel-memory", IsBackground = true };
        _thread.Start();
    }

    /// <summary>A task is among those that run from now on. Any thread; it mostly costs a look at two fields.</summary>
    public void OnStarted(LinuxProcess process)
    {
        if (!_isIdle && !process.IsWatched)
            return;

        lock (_gate)
        {
            var due = After(process.IsWatched ? ShortestPause : LeastAge);
            _due = _isIdle ? due : Math.Min(_due, due);
            _isIdle = false;

            Monitor.Pulse(_gate);
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _closes = true;
            Monitor.Pulse(_gate);
        }

        _thread.Join();
    }

    private void Run()
    {
        while (AwaitTurn())
        {
            var tasks = _running();
            if (tasks.Count == 0)
            {
                // Said before it is looked again: who starts after that look sees it and wakes this thread.
                _isIdle = true;
                if (_running().Count == 0)
                    continue;

                _isIdle = false;
            }

            lock (_gate)
            {
                _due = long.MaxValue;
            }

            var pause = tasks.Any(t => t.IsWatched || t.Age >= LeastAge) ? Look(tasks) : LongestPause;
            lock (_gate)
            {
                // A task that was started during the look may have asked for an earlier one.
                _due = Math.Min(_due, After(pause));
            }
        }
    }

    /// <summary>False: it closes.</summary>
    private bool AwaitTurn()
    {
        lock (_gate)
        {
            while (!_closes)
            {
                var left = _due - Stopwatch.GetTimestamp();
                if (_isIdle)
                    Monitor.Wait(_gate);
                else if (left > 0)
                    Monitor.Wait(_gate, Stopwatch.GetElapsedTime(0, left) + TimeSpan.FromMilliseconds(1));
                else
                    return true;
            }

            return false;
        }
    }

    /// <summary>Returns after what time to look again.</summary>
    private TimeSpan Look(IReadOnlyList<LinuxProcess> tasks)
    {
        var began = Stopwatch.GetTimestamp();
        if (TaskProcesses.Of(tasks, t => t.IsWatched) is not { } found)
            return ShortestPause;

        var pause = LookAtLimited(found);
        var least = Stopwatch.GetElapsedTime(began) * PauseOfLooks;
        NotePeaks(tasks);
        pause = pause > least ? pause : least;
        return pause > ShortestPause ? pause : ShortestPause;
    }

    /// <summary>
    /// If the kernel keeps a task to its limit and has killed one of its processes, the others are to end too.
    /// </summary>
    private static void LookAtKills(LinuxProcess task)
    {
        if (task is { Cgroup: { } cgroup, MemoryLimitBytes: { } limit } && task.Age >= LeastAge && cgroup.Kills() > 0)
            task.TellMemoryExceeded(limit);
    }

    /// <summary>Returns when the first of them may have reached its limit.</summary>
    private static TimeSpan LookAtLimited(Dictionary<LinuxProcess, List<int>> found)
    {
        var pause = LongestPause;
        foreach (var (task, processes) in found)
        {
            var limit = task.MemoryLimitBytes!.Value;
            var taken = processes.Sum(ProcFile.TakenMemoryBytes);
            if (taken > limit)
                taken = processes.Sum(ProcFile.ShareOfMemoryBytes);

            task.NoteMemory(taken);
            if (taken > limit)
                task.TellMemoryExceeded(taken);

            var untilFull = TimeSpan.FromSeconds(Math.Max(0, limit - taken) / FillBytesPerSecond);
            pause = untilFull < pause ? untilFull : pause;
        }

        return pause;
    }

    /// <summary>
    /// Looks at tasks without a limit and at those in a cgroup, however many processes they have: the tasks that are
    /// kept to a limit here do not wait for it.
    /// </summary>
    private void NotePeaks(IReadOnlyList<LinuxProcess> tasks)
    {
        var began = Stopwatch.GetTimestamp();
        if (began < _peaksDue)
            return;

        foreach (var task in tasks)
            LookAtKills(task);

        if (TaskProcesses.Of(tasks, t => t.MemoryLimitBytes is null && t.Age >= LeastAge) is not { } found)
            return;

        foreach (var (task, processes) in found)
            NotePeak(task, processes);

        var least = Stopwatch.GetElapsedTime(began) * PauseOfLooks;
        _peaksDue = After(least > LongestPause ? least : LongestPause - ShortestPause);
    }

    private static void NotePeak(LinuxProcess task, List<int> processes)
    {
        var taken = processes.Sum(ProcFile.TakenMemoryBytes);
        if (processes.Count == 1)
        {
            task.NoteMemory(taken);
        }
        else if (taken > task.LargestSum * WorthALook)
        {
            task.LargestSum = taken;
            task.NoteMemory(processes.Sum(ProcFile.ShareOfMemoryBytes));
        }
    }

    private static long After(TimeSpan pause) => Stopwatch.GetTimestamp() + (long)(pause.TotalSeconds * Stopwatch.Frequency);
}
