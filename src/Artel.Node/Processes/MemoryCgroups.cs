using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Artel.Node.Machine;

namespace Artel.Node.Processes;

/// <summary>
/// A cgroup for each task with a memory limit, so that the kernel keeps it to that (cgroups(7)): of version 2, or of
/// version 1's memory controller, if this process may make cgroups below its own. They are below one whose name has the
/// agent's process id and start time: what a dead agent has left is removed by the next one, and by its guardian. Any
/// thread.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed class MemoryCgroups : IDisposable
{
    /// <summary>
    /// What a process needs of the kernel before it has begun counts in a cgroup. Smaller limits are left to
    /// <see cref="MemoryWatch"/>.
    /// </summary>
    public const long LeastLimit = 4 << 20;

    private const string Prefix = "artel-";
    private const string AgentLeaf = "agent";
    private const string Limit1 = "memory.limit_in_bytes";

    private static int _opened;

    private readonly Lock _gate = new();
    private readonly string _own;
    private readonly string _folder;
    private readonly List<string> _busy = [];
    private readonly int _home;
    private long _next;

    private MemoryCgroups(string own, string folder, int version, int home) =>
        (_own, _folder, Version, _home) = (own, folder, version, home);

    /// <summary>1 or 2.</summary>
    public int Version { get; }

    /// <summary>Null if there is no memory controller in which this process may make cgroups.</summary>
    public static MemoryCgroups? Open() => Open(1) ?? Open(2);

    /// <summary>
    /// Removes what dead agents have left beside the cgroup of this one. For the start of an agent, and for its
    /// guardian.
    /// </summary>
    public static void RemoveLeftOvers()
    {
        foreach (var controller in (string[])["memory", ""])
        {
            if (CgroupLimits.OwnFolder("/", controller) is not { } own)
                continue;

            RemoveLeftOvers(own);
            if (Path.GetFileName(own) == AgentLeaf)
                RemoveLeftOvers(Path.GetDirectoryName(own)!);
        }
    }

    /// <summary>A cgroup with this limit, or null: then the task is watched.</summary>
    public TaskCgroup? Create(long limit)
    {
        if (limit < LeastLimit)
            return null;

        RemoveBusy();
        var folder = Path.Combine(_folder, Interlocked.Increment(ref _next).ToString(CultureInfo.InvariantCulture));
        try
        {
            Directory.CreateDirectory(folder);
            var bytes = limit.ToString(CultureInfo.InvariantCulture);
            File.WriteAllText(Path.Combine(folder, Version == 1 ? Limit1 : "memory.max"), bytes);

            // What is swapped out counts too. There are kernels without this file, which then do not count it.
            if (Version == 1)
                TryWrite(Path.Combine(folder, "memory.memsw.limit_in_bytes"), bytes);
            else
                TryWrite(Path.Combine(folder, "memory.swap.max"), "0");

            return new TaskCgroup(this, folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Remove(folder);
            return null;
        }
    }

    public void Dispose()
    {
        RemoveBusy();
        TryRemove(_folder);
        _ = Libc.close(_home);
    }

    /// <summary>Back to where this thread was before <see cref="TaskCgroup.Enter"/>.</summary>
    internal unsafe void Leave()
    {
        const int tries = 1000;
        var zero = (byte)'0';
        for (var i = 0; i < tries; i++)
        {
            if (Libc.pwrite(_home, &zero, 1, 0) == 1)
                return;
        }

        // What it starts next would be held to another task's limit.
        throw new InvalidOperationException(
            $"a thread cannot go back to its cgroup {_own}: {Marshal.GetLastPInvokeErrorMessage()}");
    }

    /// <summary>As soon as its last process is gone: the killed take a moment.</summary>
    internal void Remove(string folder)
    {
        if (TryRemove(folder))
            return;

        lock (_gate)
        {
            _busy.Add(folder);
        }
    }

    /// <summary>
    /// In version 2 a cgroup has processes or cgroups with controllers, never both: if its only processes are this one
    /// and its parent, the guardian, both go into one below it.
    /// </summary>
    private static string? PrepareVersion2(string own)
    {
        const string memory = "memory";
        if (SystemFile.Text(own, "cgroup.controllers")?.Split(' ').Contains(memory) != true)
            return null;

        var control = Path.Combine(own, "cgroup.subtree_control");
        if (SystemFile.Text(own, "cgroup.subtree_control")?.Split(' ').Contains(memory) == true
            || TryWrite(control, "+memory"))
            return own;

        int[] ours = [Environment.ProcessId, Libc.getppid()];
        var all = SystemFile.Lines(own, "cgroup.procs");
        if (all.Any(p => !int.TryParse(p, NumberStyles.None, CultureInfo.InvariantCulture, out var pid)
            || !ours.Contains(pid)))
            return null;

        var leaf = Path.Combine(own, AgentLeaf);
        try
        {
            Directory.CreateDirectory(leaf);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }

        var isMoved = all.All(p => TryWrite(Path.Combine(leaf, "cgroup.procs"), p));
        return isMoved && TryWrite(control, "+memory") ? own : null;
    }

    private static MemoryCgroups? Open(int version)
    {
        if (CgroupLimits.OwnFolder("/", version == 1 ? "memory" : "") is not { } found
            || (version == 1 ? found : PrepareVersion2(found)) is not { } own
            || ProcFile.ReadStat(Environment.ProcessId) is not { } self)
            return null;

        RemoveLeftOvers(own);
        var name = string.Create(
            CultureInfo.InvariantCulture, $"{Prefix}{self.Pid}-{self.StartTicks}-{Interlocked.Increment(ref _opened)}");
        var folder = Path.Combine(own, name);
        try
        {
            Directory.CreateDirectory(folder);
            if (version == 2 && !TryWrite(Path.Combine(folder, "cgroup.subtree_control"), "+memory"))
            {
                TryRemove(folder);
                return null;
            }

            var home = version == 1
                ? Libc.open(Path.Combine(own, "tasks"), Libc.OpenReadWrite | Libc.OpenCloseOnExec)
                : -1;
            var cgroups = new MemoryCgroups(own, folder, version, home);

            // Tried once: a controller may be mounted and not let itself be set.
            if ((version == 2 || home >= 0) && cgroups.Create(LeastLimit) is { } probe)
            {
                probe.Remove();
                return cgroups;
            }

            cgroups.Dispose();
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static void RemoveLeftOvers(string own)
    {
        try
        {
            foreach (var folder in Directory.EnumerateDirectories(own, Prefix + "*"))
            {
                if (Path.GetFileName(folder)[Prefix.Length..].Split('-') is not [var pid, var start, _]
                    || !int.TryParse(pid, NumberStyles.None, CultureInfo.InvariantCulture, out var agent)
                    || !long.TryParse(start, NumberStyles.None, CultureInfo.InvariantCulture, out var ticks)
                    || ProcFile.ReadStat(agent) is { HasEnded: false } living && living.StartTicks == ticks)
                    continue;

                foreach (var task in Directory.GetDirectories(folder))
                    TryRemove(task);

                TryRemove(folder);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It may not be looked into: then nothing of an agent's is there.
        }
    }

    private void RemoveBusy()
    {
        lock (_gate)
        {
            _busy.RemoveAll(TryRemove);
        }
    }

    private static bool TryRemove(string folder)
    {
        try
        {
            Directory.Delete(folder);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return !Directory.Exists(folder);
        }
    }

    private static bool TryWrite(string file, string text)
    {
        try
        {
            using var stream = new FileStream(
                file, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
            stream.Write(System.Text.Encoding.ASCII.GetBytes(text));
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>The cgroup of one task.</summary>
    internal sealed class TaskCgroup(MemoryCgroups owner, string folder)
    {
        /// <summary>
        /// From here on what this thread starts is born in the cgroup. Only version 1 has cgroups of threads. Call
        /// <see cref="Leave"/> after it, on the same thread.
        /// </summary>
        /// <remarks>
        /// Writing 0 means the calling thread, and costs none of the locks that moving another process takes.
        /// </remarks>
        public bool Enter() => owner.Version == 1 && TryWrite(Path.Combine(folder, "tasks"), "0");

        public void Leave() => owner.Leave();

        /// <summary>
        /// Moves a process here that was just started, and what it has started already. False if that is not allowed,
        /// or if it has ended.
        /// </summary>
        public bool TryAdd(int pid)
        {
            if (!TryMove(pid))
                return false;

            var pending = new Stack<int>(ProcFile.Children(pid));
            var seen = new HashSet<int>();
            while (pending.TryPop(out var next))
            {
                if (!seen.Add(next) || !TryMove(next))
                    continue;

                foreach (var child in ProcFile.Children(next))
                    pending.Push(child);
            }

            return true;
        }

        /// <summary>How many processes the kernel has killed because of the limit.</summary>
        public long Kills() => Field(owner.Version == 1 ? "memory.oom_control" : "memory.events", "oom_kill ");

        /// <summary>
        /// The most that its processes had together. Without the files that are in memory still, which the system
        /// could take back.
        /// </summary>
        public long PeakBytes()
        {
            var isVersion1 = owner.Version == 1;
            var most = SystemFile.Text(folder, isVersion1 ? "memory.max_usage_in_bytes" : "memory.peak");
            var files = Field("memory.stat", isVersion1 ? "total_cache " : "file ");
            return Math.Max(0, (SystemFile.Number(most) ?? 0) - files);
        }

        /// <summary>After the end of its last process, or a moment before.</summary>
        public void Remove() => owner.Remove(folder);

        private long Field(string file, string name) => SystemFile.Lines(folder, file)
            .Where(l => l.StartsWith(name, StringComparison.Ordinal))
            .Select(l => SystemFile.Number(l[name.Length..]) ?? 0)
            .FirstOrDefault();

        private bool TryMove(int pid) =>
            TryWrite(Path.Combine(folder, "cgroup.procs"), pid.ToString(CultureInfo.InvariantCulture));
    }
}
