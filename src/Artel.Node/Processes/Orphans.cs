using System.Globalization;
using System.Runtime.Versioning;

namespace Artel.Node.Processes;

/// <summary>
/// Processes of tasks whose parents are gone. This process is their subreaper, so they become its children however they left
/// their task, and it has to reap them. Owned by <see cref="ProcessReactor"/>; callers take turns.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed unsafe class Orphans : IDisposable
{
    private readonly List<int> _living = [];
    private readonly int _children;

    /// <remarks>
    /// The system gives orphans to the main thread, and no task is started there, so one read of one small file tells whether
    /// there are any. This is done at the end of each task.
    /// </remarks>
    public Orphans()
    {
        Libc.BecomeSubreaper();
        _children = Libc.open(MainThreadsChildren, Libc.OpenCloseOnExec);
    }

    /// <summary>Whether this system lists the children of a process (CONFIG_PROC_CHILDREN).</summary>
    public static bool IsSupported => File.Exists(MainThreadsChildren);

    private static string MainThreadsChildren { get; } =
        string.Create(CultureInfo.InvariantCulture, $"/proc/self/task/{Environment.ProcessId}/children");

    /// <summary>Reaps those that have ended and gives the others. Valid until the next call.</summary>
    /// <param name="isTask">Whether this is the first process of a task, which someone else waits for.</param>
    public List<int> Reap(Func<int, bool> isTask)
    {
        // Some thousand numbers. Should there be more, the others come when these are gone.
        const int size = 16 * 1024;
        var buffer = stackalloc byte[size];
        _living.Clear();
        var length = (int)Libc.pread(_children, buffer, size, 0);
        if (length <= 0)
            return _living;

        // Tasks have sessions of their own: what is in this one's, artel-server for one, has come from no task.
        var ownSession = Libc.getsid(0);
        foreach (var pid in ProcFile.Numbers(new ReadOnlySpan<byte>(buffer, length)))
        {
            if (Libc.getsid(pid) != ownSession && !isTask(pid) && !Libc.TryReap(pid))
                _living.Add(pid);
        }

        return _living;
    }

    public void Dispose() => _ = Libc.close(_children);
}
