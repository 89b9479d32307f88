using System.Globalization;
using System.Runtime.Versioning;

namespace Artel.Node.Processes;

/// <summary>Which agent has worked in a data folder, so that it can be told whether it still lives and whether the folder is the same one and not a copy.</summary>
/// <param name="FirstTag">Of the agent's <see cref="ProcessTags"/>.</param>
/// <param name="Pid">The agent's process id.</param>
/// <param name="StartTicks">When that process started.</param>
/// <param name="Boot">The start of the machine for which all of this holds.</param>
/// <param name="PidNamespace">The namespace of that process id (pid_namespaces(7)).</param>
/// <param name="Folder">Device and inode of the data folder. A copy has others.</param>
[SupportedOSPlatform("linux")]
internal sealed record AgentMark(
    ulong FirstTag, int Pid, long StartTicks, string Boot, string PidNamespace, string Folder)
{
    private const string BootFile = "/proc/sys/kernel/random/boot_id";

    /// <summary>Null if this process has no tags, or the folder cannot be told from a copy.</summary>
    public static AgentMark? OfThisProcess(string folder) =>
        ProcessTags.First is { } tag && ProcFile.ReadStat(Environment.ProcessId) is { } stat && Libc.IdentityOf(folder) is { } identity
            ? new AgentMark(tag, stat.Pid, stat.StartTicks, CurrentBoot(), CurrentNamespace(), identity)
            : null;

    /// <summary>Null if the text is not a mark.</summary>
    public static AgentMark? Parse(string text) =>
        text.Split(' ') is [var tag, var pid, var start, var boot, var pids, var folder]
        && ulong.TryParse(tag, NumberStyles.None, CultureInfo.InvariantCulture, out var first)
        && int.TryParse(pid, NumberStyles.None, CultureInfo.InvariantCulture, out var id)
        && long.TryParse(start, NumberStyles.None, CultureInfo.InvariantCulture, out var ticks)
            ? new AgentMark(first, id, ticks, boot, pids, folder)
            : null;

    /// <summary>
    /// True if it was made in this folder, since the machine was started, and by somebody who saw the same processes.
    /// </summary>
    public bool IsOf(string folder) => IsOfThisSystem && Folder == Libc.IdentityOf(folder);

    /// <summary>
    /// True if the agent is another process that still runs. False for one in another container, about which nothing is
    /// known.
    /// </summary>
    public bool IsAlive() => IsOfThisSystem && Pid != Environment.ProcessId
        && ProcFile.ReadStat(Pid) is { HasEnded: false } stat && stat.StartTicks == StartTicks;

    private bool IsOfThisSystem => Boot == CurrentBoot() && PidNamespace == CurrentNamespace();

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{FirstTag} {Pid} {StartTicks} {Boot} {PidNamespace} {Folder}");

    private static string CurrentNamespace() => new FileInfo("/proc/self/ns/pid").LinkTarget ?? "-";

    private static string CurrentBoot() => File.ReadAllText(BootFile).Trim();
}
