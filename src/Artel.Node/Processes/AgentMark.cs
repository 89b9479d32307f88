using System.Globalization;
using System.Runtime.Versioning;

namespace Artel.Node.Processes;

/// <summary>Which agent has worked in a data folder, so that it can be told whether it still lives and whether the folder is the same one and not a copy.</summary>
/// <param name="FirstTag">Of the agent's <see cref="ProcessTags"/>.</param>
/// <param name="Pid">The agent's process id.</param>
/// <param name="StartTicks">When that process started.</param>
/// <param name="Boot">The start of the machine for which all of this holds.</param>
/// <param name="Folder">Device and inode of the data folder. A copy has others.</param>
[SupportedOSPlatform("linux")]
internal sealed record AgentMark(ulong FirstTag, int Pid, long StartTicks, string Boot, string Folder)
{
    private const string BootFile = "/proc/sys/kernel/random/boot_id";

    /// <summary>Null if this process has no tags, or the folder cannot be told from a copy.</summary>
    public static AgentMark? OfThisProcess(string folder) =>
        ProcessTags.First is { } tag && ProcFile.ReadStat(Environment.ProcessId) is { } stat && Libc.IdentityOf(folder) is { } identity
            ? new AgentMark(tag, stat.Pid, stat.StartTicks, CurrentBoot(), identity)
            : null;

    /// <summary>Null if the text is not a mark.</summary>
    public static AgentMark? Parse(string text) =>
        text.Split(' ') is [var tag, var pid, var start, var boot, var folder]
        && ulong.TryParse(tag, NumberStyles.None, CultureInfo.InvariantCulture, out var first)
        && int.TryParse(pid, NumberStyles.None, CultureInfo.InvariantCulture, out var id)
        && long.TryParse(start, NumberStyles.None, CultureInfo.InvariantCulture, out var ticks)
            ? new AgentMark(first, id, ticks, boot, folder)
            : null;

    /// <summary>Whether it was made in this folder since the machine was started.</summary>
    public bool IsOf(string folder) => Boot == CurrentBoot() && Folder == Libc.IdentityOf(folder);

    /// <summary>Whether the agent is another process that still runs.</summary>
    public bool IsAlive() => Pid != Environment.ProcessId && ProcFile.ReadStat(Pid) is { HasEnded: false } stat && stat.StartTicks == StartTicks;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{FirstTag} {Pid} {StartTicks} {Boot} {Folder}");

    private static string CurrentBoot() => File.ReadAllText(BootFile).Trim();
}
