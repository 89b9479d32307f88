using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Artel.Node.Processes;

/// <summary>
/// The fast path: posix_spawn, one pipe for each stream, and one thread (<see cref="ProcessReactor"/>) that reads the pipes and
/// waits for the ends of all processes, by pidfd, but for short ones, which the thread that starts them can attend. No thread, file or folder per task. What tasks leave behind is this process's
/// to find and to end, so it has one such launcher, and no task is launched by its main thread (<see cref="Orphans"/>).
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed unsafe class LinuxLauncher : IProcessLauncher
{
    /// <summary>The program that runs: also if the file that it was started from has been replaced since.</summary>
    public const string DefaultStarter = "/proc/self/exe";

    /// <summary>Milliseconds. A program that is open for writing is tried again after 1, 2, 4 and so on: for a second in all.</summary>
    private const int LongestBusyWait = 512;

    private readonly ManualResetEventSlim _ends = new();
    private readonly ProcessReactor _reactor;
    private readonly int _devNull;
    private readonly MemoryWatch _memory;
    private readonly StarterProgram _starter;
    private readonly MemoryCgroups? _cgroups;

    private readonly ulong _softOpenFiles = Libc.SoftOpenFiles();

    /// <summary>Tasks inherit this process's soft limit of open files, so it is raised no sooner than when it is needed.</summary>
    private volatile bool _hasRaisedOpenFiles;

    /// <param name="starter">The program with the starter in it, for tasks that run as an account.</param>
    /// <param name="cgroups">Keeps tasks to their memory, and is disposed of with this. Null: they are watched.</param>
    /// <param name="tellLeft">
    /// Called with a description of each process that a task has left and this agent may not end.
    /// </param>
    public LinuxLauncher(
        string starter = DefaultStarter, MemoryCgroups? cgroups = null, Action<string>? tellLeft = null)
    {
        _cgroups = cgroups;
        _reactor = new ProcessReactor(tellLeft);

        // What the agent itself was started with, from a shell's redirection to a supervisor's socket, is no task's.
        Libc.CloseOthersOnExec();
        _starter = new StarterProgram(starter);
        _memory = new MemoryWatch(_reactor.Running);
        _devNull = Libc.open("/dev/null", Libc.OpenCloseOnExec);
        if (_devNull < 0)
            throw new IOException($"/dev/null can not be opened: {Marshal.GetLastPInvokeErrorMessage()}");
    }

    public IReadOnlyList<int> Cpus { get; } = CpuAffinity.OfThisThread();

    /// <summary>
    /// Whether this system has what it takes: pidfd (Linux 5.3), lists of children in /proc, and a working directory for posix_spawn
    /// (glibc 2.29, musl 1.1.24).
    /// </summary>
    public static bool IsSupported
    {
        get
        {
            if (!OperatingSystem.IsLinux() || RuntimeInformation.ProcessArchitecture is not (Architecture.X64 or Architecture.Arm64))
                return false;

            var own = Libc.PidfdOpen(Environment.ProcessId);
            if (own < 0)
                return false;

            _ = Libc.close(own);
            return Orphans.IsSupported && NativeLibrary.TryGetExport(NativeLibrary.GetMainProgramHandle(), "posix_spawn_file_actions_addchdir_np", out _);
        }
    }

    public LaunchResult Launch(LaunchRequest request, IProcessObserver observer, bool isAttended = false)
    {
        if (LaunchFailure.BeforeStart(request) is { } wrong)
            return new LaunchResult(new StartFailure(wrong));

        // As another account it looks for itself: what the agent can see is not what that can.
        var path = request.Account is not null ? "" : ProgramPath.Find(request.Arguments[0], request.Environment, request.WorkingDirectory);
        if (path is null)
            return new LaunchResult(new StartFailure(LaunchFailure.NotOnPath(request)));

        var result = LaunchOnce(path, request, observer, isAttended);
        for (var wait = 1; result.Failure is { IsBusy: true } && wait <= LongestBusyWait && !_ends.Wait(wait); wait *= 2)
            result = LaunchOnce(path, request, observer, isAttended);

        return result;
    }

    private LaunchResult LaunchOnce(string path, LaunchRequest request, IProcessObserver observer, bool isAttended)
    {
        var stdout = stackalloc int[2] { -1, -1 };
        var stderr = stackalloc int[2] { -1, -1 };
        var stdin = _devNull;
        LinuxProcess? process = null;
        StartFailure? failure = null;
        var error = 0;
        try
        {
            if (Libc.pipe2(stdout, Libc.OpenCloseOnExec) != 0 || Libc.pipe2(stderr, Libc.OpenCloseOnExec) != 0
                || !Libc.SetNonBlocking(stdout[0]) || !Libc.SetNonBlocking(stderr[0])
                || (request.Stdin is { Length: > 0 } input && (stdin = MemoryFile.Create(input.Span, "stdin")) < 0))
            {
                error = Marshal.GetLastPInvokeError();
            }
            else
            {
                RaiseOpenFilesIfNear(stderr[1]);
                var started = _reactor.BeginStart();
                ProcessTags.Take();
                var cgroup = request.MemoryLimitBytes is { } limit ? _cgroups?.Create(limit) : null;
                error = Start(path, request, ref cgroup, stdin, stdout[1], stderr[1], out var pid, out failure);
                if (error == 0 && failure is null)
                    OomScore.Expose(pid);
                else
                    cgroup?.Remove();

                if (error == 0 && failure is null && _hasRaisedOpenFiles)
                    Libc.LowerSoftLimit(Libc.LimitOfOpenFiles, _softOpenFiles, pid);

                if (error == 0 && failure is null)
                {
                    var memory = new MemoryLimit(request.MemoryLimitBytes, cgroup);
                    error = Watch(
                        pid, ProcessTags.Give(pid), stdout, stderr, started, memory, observer, isAttended, out process);
                }

                if (process is null)
                    _reactor.AbandonStart(started);
            }
        }
        finally
        {
            if (stdin != _devNull)
                MemoryFile.Close(stdin);

            if (process is null)
            {
                MemoryFile.Close(stdout[0]);
                MemoryFile.Close(stdout[1]);
                MemoryFile.Close(stderr[0]);
                MemoryFile.Close(stderr[1]);
            }
        }

        return process is null
            ? new LaunchResult(failure ?? LaunchFailure.Of(error, request, path))
            : new LaunchResult(process, null);
    }

    /// <summary>
    /// Starts a task in its cgroup. A starter for another account needs memory of its own, so it is moved there when it
    /// has become the task.
    /// </summary>
    /// <param name="cgroup">Null afterwards if the task could not be moved there: then it is watched.</param>
    private int Start(
        string path, LaunchRequest request, ref MemoryCgroups.TaskCgroup? cgroup, int stdin, int stdout, int stderr,
        out int pid, out StartFailure? failure)
    {
        failure = null;
        var error = 0;
        var isInside = false;
        if (request.Account is { } account)
        {
            failure = _starter.Start(account, request, stdin, stdout, stderr, out pid);
        }
        else
        {
            isInside = cgroup is not null && cgroup.Enter();
            error = LinuxSpawn.Start(path, request, stdin, stdout, stderr, out pid);
            if (isInside)
                cgroup!.Leave();
        }

        if (cgroup is not null && !isInside && error == 0 && failure is null && !cgroup.TryAdd(pid))
        {
            cgroup.Remove();
            cgroup = null;
        }

        return error;
    }

    /// <summary>
    /// Raises the soft limit of this process to the hard one when three quarters of it are used. From then on tasks get the earlier one right after
    /// their start, since nothing can set it before: their first instructions may see the higher one.
    /// </summary>
    /// <param name="descriptor">The newest: the system gives the lowest number that is free.</param>
    private void RaiseOpenFilesIfNear(int descriptor)
    {
        if (!_hasRaisedOpenFiles && (ulong)descriptor >= _softOpenFiles / 4 * 3)
            _hasRaisedOpenFiles = Libc.RaiseOpenFiles();
    }

    /// <summary>Call it when no process runs any more: what still runs is then no longer heard of.</summary>
    public void Dispose()
    {
        _ends.Set();
        _memory.Dispose();
        _reactor.Dispose();
        _cgroups?.Dispose();
        _ = Libc.close(_devNull);
    }

    private int Watch(
        int pid, TagPair tags, int* stdout, int* stderr, StartTime started, MemoryLimit memory,
        IProcessObserver observer, bool isAttended, out LinuxProcess? process)
    {
        process = null;
        var pidfd = Libc.PidfdOpen(pid);
        if (pidfd >= 0)
        {
            process = new LinuxProcess(
                pid, tags, pidfd, new PipeEnds(stdout[0], stdout[1]), new PipeEnds(stderr[0], stderr[1]), started,
                memory, observer, _reactor);
            _reactor.Enter(process, started);
            if (isAttended || _reactor.TryServe(process))
            {
                _memory.OnStarted(process);
                return 0;
            }
        }

        // Out of descriptors, right after the start: it is as if the process had not been started.
        var error = Marshal.GetLastPInvokeError();
        if (process is not null)
            _reactor.Leave(process);

        process = null;
        MemoryFile.Close(pidfd);
        ProcessTree.Kill(pid);
        int status;
        Libc.Rusage usage;
        _ = Libc.wait4(pid, &status, 0, &usage);
        memory.Cgroup?.Remove();
        return error;
    }
}
