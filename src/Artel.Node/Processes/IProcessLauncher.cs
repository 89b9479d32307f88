namespace Artel.Node.Processes;

/// <summary>
/// Starts processes and tells an observer what they write and how they end. Two implementations: <see cref="LinuxLauncher"/>
/// and <see cref="PortableLauncher"/>. Any thread may launch.
/// </summary>
internal interface IProcessLauncher : IDisposable
{
    /// <summary>Numbers of the cpus that it can pin a process to, rising. Empty: it can not.</summary>
    IReadOnlyList<int> Cpus { get; }

    /// <summary>
    /// Starts a process in a group of its own. Everything that can be expected to go wrong comes back as
    /// <see cref="LaunchResult.Error"/>; then the observer hears nothing.
    /// </summary>
    /// <param name="isAttended">
    /// The caller calls <see cref="IRunningProcess.Attend"/> as soon as it can: before that the observer may not be told of anything.
    /// </param>
    LaunchResult Launch(LaunchRequest request, IProcessObserver observer, bool isAttended = false);
}

/// <summary>What became of a start: a process, or why there is none.</summary>
internal readonly record struct LaunchResult(IRunningProcess? Process, StartFailure? Failure)
{
    public LaunchResult(StartFailure failure)
        : this(null, failure)
    {
    }

    public string? Error => Failure?.Reason;
}

/// <summary>
/// Hears of one process: its output in order, then its end, each once it is there. It may hear of the end before Launch has
/// returned. Those of one stream come one at a time, and the end after them.
/// </summary>
internal interface IProcessObserver
{
    /// <summary>
    /// How many bytes of a stream <see cref="OnOutput"/> takes now without waiting for a disk. Called by the thread
    /// that serves all processes, which must not wait: if there is no room, another thread calls
    /// <see cref="OnOutput"/>.
    /// </summary>
    int RoomOf(OutputStream stream);

    void OnOutput(OutputStream stream, ReadOnlySpan<byte> data);

    /// <summary>
    /// The process has ended, its group was killed, and all its output was given to <see cref="OnOutput"/>. May wait
    /// for a disk.
    /// </summary>
    void OnExit(in ProcessExit exit);

    /// <summary>
    /// All its processes together take more than <see cref="LaunchRequest.MemoryLimitBytes"/>. From another thread, and again and again as long as
    /// that holds.
    /// </summary>
    void OnMemoryExceeded(long bytes);

    /// <summary>
    /// It was killed some seconds ago and has not ended. From the thread that serves all processes; again if the reason
    /// changes.
    /// </summary>
    /// <param name="reason">Which processes, of which users, and why, for people.</param>
    void OnUnended(string reason)
    {
    }
}

/// <summary>A process that was started.</summary>
internal interface IRunningProcess
{
    int Id { get; }

    /// <summary>
    /// Serves the process on the calling thread, which started it and has nothing else to do, for its first moments, at most some 20 ms: its
    /// observer may hear of its output and its end meanwhile. Once, and only of one that was launched so. Where that is of no use it returns at once.
    /// </summary>
    void Attend();

    /// <summary>The polite signal (SIGTERM) to the whole group; nothing where it has ended. Any thread. From then on the end is told when the whole tree has let go of its output.</summary>
    void AskToEnd();

    /// <summary>Ends the whole group at once; nothing where it has ended. Any thread.</summary>
    void Kill();
}

/// <summary>How a process ended.</summary>
/// <param name="ExitStatus">0 where <paramref name="Signal"/> is set.</param>
/// <param name="Signal">0: it was no signal.</param>
/// <param name="Wall">From its start to its end.</param>
/// <param name="User">Processor time in user mode, with that of the children it has waited for.</param>
/// <param name="System">Processor time in the kernel, likewise.</param>
/// <param name="PeakMemoryBytes">Most that it and its children had together, as far as was seen. 0 where it was too short to be measured.</param>
/// <param name="IsKilledByKernel">The kernel ended it because there was no memory left, in the machine or in a cgroup.</param>
internal readonly record struct ProcessExit(
    int ExitStatus, int Signal, TimeSpan Wall, TimeSpan User, TimeSpan System, long PeakMemoryBytes, bool IsKilledByKernel = false);
