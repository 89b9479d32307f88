using System.Runtime.Versioning;
using System.Security.Cryptography;

namespace Artel.Node.Processes;

/// <summary>
/// A number on every process of a task that tells whose it is, wherever it has gone. It is the limit of locks (RLIMIT_LOCKS): Linux
/// hands it down to children, across exec and setsid, lets nobody without rights raise it, and has not used it since 2.4.25.
/// Any thread.
/// </summary>
/// <remarks>
/// The agent itself has the first number, so what a task has forked before it got a number of its own is still known to be the
/// agent's. Numbers are random and never used again, so the tags of a dead agent still tell what it has left.
/// </remarks>
[SupportedOSPlatform("linux")]
internal static class ProcessTags
{
    private const ulong MaxTasks = 1UL << 32;
    private const ulong Highest = 1UL << 62;

    private static readonly Lazy<ulong?> OwnTag = new(TagThisProcess);
    private static ulong _given;

    /// <summary>Of this process, which is tagged the first time it is asked for. Null: it is not allowed to, and there are no tags.</summary>
    public static ulong? First => OwnTag.Value;

    /// <summary>Gives a process that was just started a tag of its own. Null: it has none.</summary>
    public static ulong? Give(int pid)
    {
        var tag = First - Interlocked.Increment(ref _given);
        return tag is { } value && Libc.SetLockLimit(pid, value) ? tag : null;
    }

    /// <summary>Null where there is no such process, or it is another user's.</summary>
    public static ulong? Of(int pid) => Libc.LockLimit(pid);

    /// <summary>Whether an agent with this first tag has given this one.</summary>
    public static bool IsOf(ulong first, ulong tag) => tag <= first && first - tag < MaxTasks;

    private static ulong? TagThisProcess()
    {
        // Below the limit that it has, which may be the tag of a task: an agent can run in a task of another.
        var limit = Math.Min(Libc.LockLimit(Environment.ProcessId) ?? 0, Highest);
        var first = (limit / 2) + (BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong))) % ((limit / 2) + 1));
        return limit > 2 * MaxTasks && Libc.SetLockLimit(Environment.ProcessId, first) ? first : null;
    }
}
