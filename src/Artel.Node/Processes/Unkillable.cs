using System.Globalization;
using System.Runtime.Versioning;

namespace Artel.Node.Processes;

/// <summary>
/// Describes for people which processes SIGKILL does not end, and why. Never with their arguments, which may be
/// private.
/// </summary>
[SupportedOSPlatform("linux")]
internal static class Unkillable
{
    private const int MostNamed = 3;

    // The first processes of a large tree say enough.
    private const int MostLooked = 1000;

    /// <summary>Describes a process and its descendants. Null if none of them is left.</summary>
    public static string? Describe(int root)
    {
        var named = new List<string>();
        var pending = new Queue<int>([root]);
        for (var looked = 0; looked < MostLooked && named.Count < MostNamed; looked++)
        {
            if (!pending.TryDequeue(out var pid))
                break;

            if (DescribeOne(pid) is { } text)
                named.Add(text);

            foreach (var child in ProcFile.Children(pid))
                pending.Enqueue(child);
        }

        return named.Count == 0 ? null : string.Join(", ", named);
    }

    private static string? DescribeOne(int pid)
    {
        if (ProcFile.ReadStat(pid) is not { HasEnded: false } stat || ProcFile.OwnerOf(pid) is not { } uid)
            return null;

        var owner = uid == 0 ? "root" : string.Create(CultureInfo.InvariantCulture, $"user id {uid}");
        var who = string.Create(CultureInfo.InvariantCulture, $"process {pid} of {owner}");

        // Signal 0 asks whether it may be sent one.
        if (Libc.kill(pid, 0) != 0)
            return $"{who} may not be ended by this agent, which is another user";

        return stat.IsUninterruptible
            ? $"{who} waits in the kernel for a device or a file system (state D), which no signal ends"
            : $"{who} is still being ended";
    }
}
