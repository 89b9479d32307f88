namespace Artel.Node.Machine;

/// <summary>
/// What the cgroups of this process leave it (cgroups(7), proc_pid_mountinfo(5)): its own and those above it, of version 1, 2 or both side by
/// side, as far up as they are mounted here.
/// </summary>
/// <param name="MilliCpus">Thousandths of a cpu by the narrowest quota. Null: there is none.</param>
/// <param name="MemoryBytes">The lowest limit. Null: there is none.</param>
internal sealed record CgroupLimits(int? MilliCpus, long? MemoryBytes)
{
    private const int Version1Controllers = 1;
    private const int Version1Path = 2;

    // The fields of a line of mountinfo that stand before its optional ones, and then those behind the dash.
    private const int MountRoot = 3;
    private const int MountPoint = 4;
    private const int TypeBehindDash = 1;
    private const int OptionsBehindDash = 3;

    public static CgroupLimits Read(string root)
    {
        long? cpus = null;
        long? memory = null;
        var mounts = Mounts(root);
        foreach (var line in SystemFile.Lines(root, "proc/self/cgroup"))
        {
            // 4:memory:/path or, of version 2, 0::/path.
            var fields = line.Split(':', 3);
            if (fields.Length < 3)
                continue;

            var controllers = fields[Version1Controllers];
            if (controllers.Length == 0)
            {
                foreach (var folder in Folders(mounts, "", fields[Version1Path]))
                {
                    cpus = Least(cpus, QuotaOf(SystemFile.Text(root, $"{folder}/cpu.max")?.Split(' ')));
                    memory = Least(memory, SystemFile.Number(SystemFile.Text(root, $"{folder}/memory.max")));
                }
            }

            if (controllers.Split(',').Contains("cpu"))
            {
                foreach (var folder in Folders(mounts, "cpu", fields[Version1Path]))
                    cpus = Least(cpus, QuotaOf([SystemFile.Text(root, $"{folder}/cpu.cfs_quota_us"), SystemFile.Text(root, $"{folder}/cpu.cfs_period_us")]));
            }

            if (controllers.Split(',').Contains("memory"))
            {
                // Without a limit it is the largest number of pages, which is more than any machine has.
                foreach (var folder in Folders(mounts, "memory", fields[Version1Path]))
                    memory = Least(memory, SystemFile.Number(SystemFile.Text(root, $"{folder}/memory.limit_in_bytes")));
            }
        }

        return new CgroupLimits((int?)cpus, memory);
    }

    /// <summary>The folder of this process's own cgroup, or null if it is not mounted here.</summary>
    /// <param name="controller">Of version 1; empty: version 2.</param>
    public static string? OwnFolder(string root, string controller)
    {
        foreach (var line in SystemFile.Lines(root, "proc/self/cgroup"))
        {
            var fields = line.Split(':', 3);
            if (fields.Length != 3 || !fields[Version1Controllers].Split(',').Contains(controller))
                continue;

            return Folders(Mounts(root), controller, fields[Version1Path])
                .Select(f => Path.Combine(root, f.TrimStart('/')))
                .FirstOrDefault(Directory.Exists);
        }

        return null;
    }

    /// <summary>Time that may be used in each period, both in microseconds. No quota is <c>max</c> or -1.</summary>
    private static long? QuotaOf(string?[]? words) =>
        words is [var quota, var period] && SystemFile.Number(quota) is { } used and > 0 && SystemFile.Number(period) is { } each and > 0
            ? Math.Clamp(used * 1000 / each, 1, int.MaxValue)
            : null;

    private static long? Least(long? one, long? other) => one is null || other < one ? other ?? one : one;

    /// <summary>The folder of a cgroup and those above it, from the inside out.</summary>
    private static IEnumerable<string> Folders(List<Mount> mounts, string controller, string path)
    {
        foreach (var mount in mounts.Where(m => m.Has(controller)))
        {
            // In a container the mount may show the tree from the container's own cgroup on; and what is outside of the namespace begins with /..
            var isInside = path.StartsWith(mount.Root, StringComparison.Ordinal) && !path.StartsWith("/..", StringComparison.Ordinal);
            var folder = isInside ? path[mount.Root.Length..].Trim('/') : "";
            for (; folder.Length > 0; folder = folder[..Math.Max(0, folder.LastIndexOf('/'))])
                yield return $"{mount.Point}/{folder}";

            yield return mount.Point;
        }
    }

    private static List<Mount> Mounts(string root)
    {
        var mounts = new List<Mount>();
        foreach (var line in SystemFile.Lines(root, "proc/self/mountinfo"))
        {
            var fields = line.Split(' ');
            var dash = Array.IndexOf(fields, "-");
            if (dash <= MountPoint || dash + OptionsBehindDash >= fields.Length)
                continue;

            var controllers = fields[dash + TypeBehindDash] switch
            {
                "cgroup2" => [""],
                "cgroup" => fields[dash + OptionsBehindDash].Split(','),
                _ => [],
            };
            if (controllers.Length > 0)
                mounts.Add(new Mount(Unescape(fields[MountRoot]), Unescape(fields[MountPoint]), controllers));
        }

        return mounts;
    }

    private static string Unescape(string path) => path.Replace("\\040", " ", StringComparison.Ordinal);

    /// <param name="Root">The cgroup that is seen at its point.</param>
    /// <param name="Point">Where it is mounted.</param>
    /// <param name="Controllers">Of version 1; of version 2 an empty name.</param>
    private sealed record Mount(string Root, string Point, string[] Controllers)
    {
        public bool Has(string controller) => Controllers.Contains(controller);
    }
}
