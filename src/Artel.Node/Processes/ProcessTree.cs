using System.Runtime.Versioning;

namespace Artel.Node.Processes;

/// <summary>Processes and their descendants.</summary>
[SupportedOSPlatform("linux")]
internal static class ProcessTree
{
    /// <summary>
    /// Kills a process and all that descends from it. False: not even the process itself, because it is gone or another user's.
    /// </summary>
    /// <remarks>
    /// From the top down, and each before its children are listed: who has been sent SIGKILL can not fork any more, so the list is
    /// whole, and its children's ids stay theirs, for nobody is left to reap them. Children of one who was dead before it was
    /// looked at are the subreaper's by then.
    /// </remarks>
    public static bool Kill(int root)
    {
        if (Libc.kill(root, Libc.SigKill) != 0)
            return false;

        // Not by recursion: a chain of processes may be longer than a stack.
        var killed = new Stack<int>([root]);
        while (killed.TryPop(out var parent))
        {
            foreach (var child in ProcFile.Children(parent))
            {
                if (Libc.kill(child, Libc.SigKill) == 0)
                    killed.Push(child);
            }
        }

        return true;
    }
}
