using System.Runtime.Versioning;

namespace Artel.Node.Processes;

/// <summary>
/// Which processes are of which task: what descends from its first one, and orphans of its session or with its tag,
/// with what descends from those. This process is the subreaper of all tasks, so that whoever loses its parent becomes
/// its child (<see cref="Orphans"/>).
/// </summary>
[SupportedOSPlatform("linux")]
internal static class TaskProcesses
{
    /// <summary>
    /// Goes through the processes of these tasks and no others. A task that has just ended may have none.
    /// </summary>
    /// <param name="tasks">All that run, since an orphan may belong to any of them.</param>
    /// <param name="isWanted">Which tasks are asked for.</param>
    /// <returns>Null if /proc cannot be read just now: no further file can be opened.</returns>
    public static Dictionary<LinuxProcess, List<int>>? Of(
        IReadOnlyList<LinuxProcess> tasks, Func<LinuxProcess, bool> isWanted)
    {
        var found = new Dictionary<LinuxProcess, List<int>>();
        foreach (var task in tasks)
        {
            if (isWanted(task) && !TryAddTree(task.Id, found[task] = []))
                return null;
        }

        if (found.Count == 0)
            return found;

        var children = new List<int>();
        if (!ProcFile.TryChildrenOfMainThread(Environment.ProcessId, children))
            return null;

        return children.Count == 0 || TryAddOrphans(children, tasks, found) ? found : null;
    }

    private static bool TryAddOrphans(
        List<int> orphans, IReadOnlyList<LinuxProcess> tasks, Dictionary<LinuxProcess, List<int>> found)
    {
        var byId = new Dictionary<int, LinuxProcess>();
        var byTag = new Dictionary<ulong, LinuxProcess?>();
        foreach (var task in tasks)
        {
            byId[task.Id] = task;
            if (task.Tags.Own is { } own)
                byTag[own] = task;

            // Two that were started in the same moment may share their early tag: then it tells nothing.
            if (task.Tags.Early is { } early && !byTag.TryAdd(early, task))
                byTag[early] = null;
        }

        foreach (var pid in orphans)
        {
            // A task itself, if the thread that started it is gone.
            if (byId.ContainsKey(pid) || Libc.getsid(pid) is var session && session < 0)
                continue;

            if (!byId.TryGetValue(session, out var task))
            {
                // One that is being started leads a session that is no known task's, and may have another's early tag:
                // until its program is executed its memory is that of this process (vfork(2)).
                if (ProcessTags.Of(pid) is not { } tag || !byTag.TryGetValue(tag, out task) || task is null
                    || (session == pid && tag == task.Tags.Early))
                    continue;
            }

            if (found.TryGetValue(task, out var processes) && !TryAddTree(pid, processes))
                return false;
        }

        return true;
    }

    /// <summary>
    /// Not by recursion: a chain of processes may be longer than a stack. False: no further file can be opened.
    /// </summary>
    private static bool TryAddTree(int root, List<int> processes)
    {
        var next = processes.Count;
        processes.Add(root);
        for (; next < processes.Count; next++)
        {
            if (!ProcFile.TryChildren(processes[next], processes))
                return false;
        }

        return true;
    }
}
