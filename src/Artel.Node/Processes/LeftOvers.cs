using System.Runtime.Versioning;
using Artel.Protocol.Files;

namespace Artel.Node.Processes;

/// <summary>
/// The last net, for an agent that died together with its guardian: a file in the data folder has the first tag of the agent that
/// works there, and the next agent ends what still has a tag of that one. Call it with the data folder locked.
/// </summary>
[SupportedOSPlatform("linux")]
internal static class LeftOvers
{
    private const string FileName = "tag";

    /// <summary>Notes that this process is the agent that works in the folder from now on. Call it before anything is started.</summary>
    public static void Note(string folder)
    {
        var file = Path.Combine(folder, FileName);
        if (AgentMark.OfThisProcess(folder) is { } mark)
            OwnerOnly.WriteText(file, mark.ToString());
        else
            File.Delete(file);
    }

    /// <summary>
    /// The living agent that has made the note in the folder, or null. If the folder can be locked, it is a copy of
    /// that agent's, or the file system does not keep locks.
    /// </summary>
    /// <param name="isCopy">False: it is the folder of that agent.</param>
    public static int? LivingAgent(string folder, out bool isCopy)
    {
        var mark = MarkIn(folder);
        isCopy = mark is not null && !mark.IsOf(folder);
        return mark is not null && mark.IsAlive() ? mark.Pid : null;
    }

    /// <summary>
    /// Ends what the agent that was noted last has left running. Returns the ids of what it ended. What a living agent has started is never
    /// left over: a folder with its note is a copy.
    /// </summary>
    public static IReadOnlyCollection<int> End(string folder)
    {
        var ended = new HashSet<int>();
        if (MarkIn(folder) is not { } mark || !mark.IsOf(folder) || mark.IsAlive())
            return ended;

        // Tasks have sessions of their own: this agent's is not one of them, even if it runs in a task of the earlier one.
        var ownSession = Libc.getsid(0);
        int before;
        do
        {
            before = ended.Count;
            foreach (var pid in ProcFile.Pids())
            {
                if (ProcessTags.Of(pid) is { } tag && ProcessTags.IsOf(mark.FirstTag, tag) && Libc.getsid(pid) != ownSession && ProcessTree.Kill(pid))
                    ended.Add(pid);
            }
        }
        while (ended.Count > before);

        return ended;
    }

    private static AgentMark? MarkIn(string folder)
    {
        var path = Path.Combine(folder, FileName);
        return File.Exists(path) ? AgentMark.Parse(File.ReadAllText(path)) : null;
    }
}
