using System.Diagnostics;
using System.Globalization;
using System.Runtime.Versioning;
using Artel.Node.Accounts;

namespace Artel.Node.Processes;

/// <summary>
/// The parent of node agents, which ends what they leave behind when they are killed. Both are subreapers: what descends from a
/// task can leave its group, its session and its parents, but comes to the agent, and if that is gone to the guardian. The agent
/// in turn watches the guardian (<see cref="Watch"/>), so either of them can be killed at any time.
/// </summary>
public static class Guardian
{
    /// <summary>
    /// The variable by which an agent learns the process id of its guardian and, after a space, the descriptor of its
    /// <see cref="GuardianAlarm"/> where it has one.
    /// </summary>
    public const string Variable = "ARTEL_GUARDIAN";

    // For what an agent had started for itself, artel-server for one: that ends by itself when its standard input does.
    private static readonly TimeSpan HelpersGrace = TimeSpan.FromSeconds(20);

    // For the killed to be gone. They are at once, unless the system itself holds them (state D).
    private static readonly TimeSpan KillPatience = TimeSpan.FromSeconds(5);

    /// <summary>Only Linux has what it takes.</summary>
    [SupportedOSPlatformGuard("linux")]
    public static bool IsSupported { get; } = OperatingSystem.IsLinux() && LinuxLauncher.IsSupported;

    /// <summary>Before the first agent is started. What they are to have as <see cref="Variable"/>.</summary>
    [SupportedOSPlatform("linux")]
    public static string Begin()
    {
        Libc.BecomeSubreaper();
        return Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>
    /// For an agent whose tasks run as other accounts, and for its guardian: from here on nobody but root may trace this process, or look at its memory,
    /// descriptors and environment.
    /// </summary>
    /// <exception cref="IOException">The system does not allow it.</exception>
    [SupportedOSPlatform("linux")]
    public static void CloseToOthers()
    {
        if (!AccountCalls.BecomeUndumpable())
            throw new IOException("this process cannot be closed to others (prctl PR_SET_DUMPABLE)");
    }

    /// <summary>
    /// How an agent learns that its guardian is gone, and nobody would end what the agent leaves behind: the token is cancelled.
    /// Until then it costs a thread that waits.
    /// </summary>
    /// <param name="guardian">What the agent has as <see cref="Variable"/>. Who is not the parent of this process is gone.</param>
    /// <param name="alarm">How to tell the guardian that this agent lives.</param>
    [SupportedOSPlatform("linux")]
    public static CancellationToken Watch(string guardian, out GuardianAlarm alarm)
    {
        var space = guardian.IndexOf(' ', StringComparison.Ordinal);
        var isNumber = int.TryParse(space < 0 ? guardian : guardian[..space], NumberStyles.None, CultureInfo.InvariantCulture, out var pid);
        alarm = space > 0 && int.TryParse(guardian.AsSpan(space + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var pipe)
            ? GuardianAlarm.Of(pipe)
            : GuardianAlarm.None;

        // The parent is asked for after the descriptor was opened: then that is the parent's, and not that of a later process with its id.
        var pidfd = isNumber ? Libc.PidfdOpen(pid) : -1;
        if (pidfd < 0 || Libc.getppid() != pid)
            return new CancellationToken(canceled: true);

        var gone = new CancellationTokenSource();
        new Thread(WaitForEnd) { Name = "artel-guarded", IsBackground = true }.Start();
        return gone.Token;

        void WaitForEnd()
        {
            while (!Libc.AwaitEnd(pidfd, -1))
            {
            }

            gone.Cancel();
        }
    }

    /// <summary>
    /// After an agent has ended: kills what has come to this process from it, and returns when that is gone. What is in this
    /// process's session was started by itself, other agents for one, and is left alone.
    /// </summary>
    [SupportedOSPlatform("linux")]
    public static void EndOrphans() => EndOrphans(session: 0);

    /// <param name="session">Of the agent, where it had one of its own: what is in that is its helpers, and has time to end by itself.</param>
    [SupportedOSPlatform("linux")]
    internal static void EndOrphans(int session)
    {
        EndChildren(pid => Libc.getsid(pid) != session);
        if (session != 0)
        {
            var watch = Stopwatch.StartNew();
            foreach (var helper in Children(pid => true))
                Await(helper, HelpersGrace - watch.Elapsed);

            EndChildren(pid => true);
        }

        MemoryCgroups.RemoveLeftOvers();
    }

    /// <summary>Again and again, since the children of what was killed come here next, until there are none.</summary>
    [SupportedOSPlatform("linux")]
    private static void EndChildren(Func<int, bool> which)
    {
        var watch = Stopwatch.StartNew();
        while (watch.Elapsed < KillPatience)
        {
            // A kill that is not allowed is that of another user's process, which nothing can be done about.
            var killed = Children(which).Where(ProcessTree.Kill).ToArray();
            if (killed.Length == 0)
                return;

            foreach (var pid in killed)
                Await(pid, KillPatience - watch.Elapsed);
        }
    }

    /// <summary>The living children of this process that are in other sessions, when the others of those are reaped.</summary>
    [SupportedOSPlatform("linux")]
    private static List<int> Children(Func<int, bool> which)
    {
        var ownSession = Libc.getsid(0);
        return ProcFile.Children(Environment.ProcessId).FindAll(pid => Libc.getsid(pid) != ownSession && which(pid) && !Libc.TryReap(pid));
    }

    [SupportedOSPlatform("linux")]
    private static void Await(int pid, TimeSpan patience)
    {
        var pidfd = Libc.PidfdOpen(pid);
        if (pidfd < 0)
            return;

        _ = Libc.AwaitEnd(pidfd, (int)Math.Max(0, patience.TotalMilliseconds));
        _ = Libc.close(pidfd);
    }
}
