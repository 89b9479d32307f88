using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Artel.Node.Machine;
using Artel.Node.Processes;
using Artel.Protocol.V1;

namespace Artel.Node;

/// <summary>What this machine has for tasks.</summary>
/// <param name="Amounts">Counters are not found out: who starts the node names them.</param>
/// <param name="Gpus">Of each gpu the name or index by which programs are told to use it, as <see cref="NodeAgentOptions.Gpus"/>.</param>
public sealed record MachineResources(Resources Amounts, IReadOnlyList<string> Gpus)
{
    private const int MilliPerCpu = 1000;

    // A task that says nothing of cpus asks for one: a node with less would run none of those.
    private const int LeastMilliCpus = MilliPerCpu;

    private static readonly TimeSpan ToolPatience = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Processors that this process may use, by its affinity and the quotas of its cgroups, at least one; the memory of the machine, or what its cgroups
    /// leave of it; gpus for which there are device files, without those that <c>CUDA_VISIBLE_DEVICES</c> or <c>ROCR_VISIBLE_DEVICES</c> hide.
    /// Asks <c>nvidia-smi</c> where there are such gpus, which may take a few seconds.
    /// </summary>
    public static MachineResources Detect() =>
        OperatingSystem.IsLinux() ? Detect("/", Environment.GetEnvironmentVariable, ToolPatience) : new MachineResources(
            new Resources { MilliCpus = Environment.ProcessorCount * MilliPerCpu, MemoryBytes = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes }, []);

    /// <summary>
    /// The labels that a node on this machine has by default: <c>os</c>, <c>arch</c> and <c>host</c>.
    /// </summary>
    public static IReadOnlyDictionary<string, string> Labels() => new Dictionary<string, string>
    {
        ["os"] = OperatingSystem.IsLinux() ? "linux"
            : OperatingSystem.IsMacOS() ? "macos"
            : OperatingSystem.IsWindows() ? "windows"
            : "other",
        ["arch"] = RuntimeInformation.OSArchitecture.ToString().ToLowerInvariant(),
        ["host"] = Environment.MachineName,
    };

    /// <param name="root">Of the file system that tells it: <c>/</c>.</param>
    /// <param name="variable">The value of a variable of the environment.</param>
    /// <param name="toolPatience">How long to wait for the answer of a tool.</param>
    [SupportedOSPlatform("linux")]
    internal static MachineResources Detect(string root, Func<string, string?> variable, TimeSpan toolPatience)
    {
        var limits = CgroupLimits.Read(root);
        var gpus = GpuDevices.Find(root, variable, toolPatience);
        return new MachineResources(
            new Resources
            {
                MilliCpus = Math.Clamp(limits.MilliCpus ?? int.MaxValue, LeastMilliCpus, CpuAffinity.OfThisThread().Count * MilliPerCpu),
                MemoryBytes = Math.Min(limits.MemoryBytes ?? long.MaxValue, PhysicalMemory(root)),
                MilliGpus = gpus.Count * 1000,
            },
            gpus);
    }

    /// <summary>/proc/meminfo: <c>MemTotal:       24684084 kB</c>.</summary>
    private static long PhysicalMemory(string root)
    {
        var total = SystemFile.Lines(root, "proc/meminfo").FirstOrDefault(l => l.StartsWith("MemTotal:", StringComparison.Ordinal));
        return total is not null && SystemFile.Number(total.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]) is { } kib
            ? kib * 1024
            : GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
    }
}
