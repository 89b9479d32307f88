using System.Runtime.Versioning;

namespace Artel.Node.Processes;

/// <summary>Which processes are of which task: of its session, or with its tag wherever they have gone.</summary>
[SupportedOSPlatform("linux")]
internal static class TaskProcesses
{
    /// <summary>
    /// One walk through all processes there are, with two cheap system calls for each. Of a task that has just ended there may be none.
    /// </summary>
    /// <returns>Null where /proc can not be listed just now: no further file can be opened.</returns>
    public static Dictionary<LinuxProcess, List<int>>? Of(IReadOnlyList<LinuxProcess> tasks)
    {
        var bySession = new Dictionary<int, LinuxProcess>();
        var byTag = new Dictionary<ulong, LinuxProcess?>();
        foreach (var task in tasks)
        {
            bySession[task.Id] = task;
            if (task.Tags.Own is { } own)
                byTag[own] = task;

            // Two that were started in the same moment may share their early tag: then it tells nothing.
            if (task.Tags.Early is { } early && !byTag.TryAdd(early, task))
                byTag[early] = null;
        }

        List<int> all;
        try
        {
            all = [.. ProcFile.Pids()];
        }
        catch (IOException)
        {
            return null;
        }

        var found = new Dictionary<LinuxProcess, List<int>>();
        var ownSession = Libc.getsid(0);
        foreach (var pid in all)
        {
            var session = Libc.getsid(pid);
            if (session < 0 || session == ownSession)
                continue;

            if (!bySession.TryGetValue(session, out var task) && ProcessTags.Of(pid) is { } tag && byTag.TryGetValue(tag, out task)
                && tag == task?.Tags.Early && IsBeingStarted(pid, session))
            {
                continue;
            }

            if (task is null)
                continue;

            if (!found.TryGetValue(task, out var processes))
                found.Add(task, processes = []);

            processes.Add(pid);
        }

        return found;
    }

    /// <summary>
    /// Whether this may be a task that is being started in this moment and is nobody's yet. It may have another's early tag, and until its
    /// program is executed its memory is that of this process (vfork(2)), which must not be taken for the other task's.
    /// </summary>
    private static bool IsBeingStarted(int pid, int session) => pid == session && ProcFile.ReadStat(pid)?.Parent == Environment.ProcessId;
}
