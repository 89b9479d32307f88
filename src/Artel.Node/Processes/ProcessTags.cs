using System.Runtime.Versioning;
using System.Security.Cryptography;

namespace Artel.Node.Processes;

/// <summary>
/// A number on every process of a task that tells whose it is, wherever it has gone. It is the limit of locks (RLIMIT_LOCKS): Linux
/// hands it down to children, across exec and setsid, lets nobody without rights raise it, and has not used it since 2.4.25.
/// Any thread.
/// </summary>
/// <remarks>
/// This process takes a number before each start, so that no child is ever without one, and the process gets one of its own right
/// after. Two that are started in the same moment may begin with the same number: what they fork until they have their own is then
/// taken to be of both. Each number is lower than those before, so it needs no rights. They are random and never used again, so
/// those of a dead agent still tell what it has left.
/// </remarks>
[SupportedOSPlatform("linux")]
internal static class ProcessTags
{
    private const ulong MaxTags = 1UL << 32;
    private const ulong Highest = 1UL << 62;

    private static readonly Lazy<ulong?> FirstTag = new(TagThisProcess);
    private static ulong _last;

    /// <summary>Of this process when it is first asked for. Null: it is not allowed to have one, and there are no tags.</summary>
    public static ulong? First => FirstTag.Value;

    /// <summary>Call it before a process is started.</summary>
    public static void Take()
    {
        if (First is not null)
            _ = Libc.SetLockLimit(Environment.ProcessId, Interlocked.Decrement(ref _last));
    }

    /// <summary>Gives a process that was just started a tag of its own.</summary>
    public static TagPair Give(int pid)
    {
        if (First is null)
            return default;

        var early = Libc.LockLimit(pid);
        var own = Interlocked.Decrement(ref _last);
        return new TagPair(early, Libc.SetLockLimit(pid, own) ? own : null);
    }

    /// <summary>Null where there is no such process, or it is another user's.</summary>
    public static ulong? Of(int pid) => Libc.LockLimit(pid);

    /// <summary>Whether an agent with this first tag has given this one.</summary>
    public static bool IsOf(ulong first, ulong tag) => tag <= first && first - tag < MaxTags;

    private static ulong? TagThisProcess()
    {
        // Below the limit that it has, which may be the tag of a task: an agent can run in a task of another.
        var limit = Math.Min(Libc.LockLimit(Environment.ProcessId) ?? 0, Highest);
        var first = (limit / 2) + (BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong))) % ((limit / 2) + 1));
        _last = first;
        return limit > 2 * MaxTags && Libc.SetLockLimit(Environment.ProcessId, first) ? first : null;
    }
}

/// <summary>The tags of one task: of what it forked in its first moment, and of all the rest.</summary>
internal readonly record struct TagPair(ulong? Early, ulong? Own)
{
    public bool Has(ulong? tag) => tag is not null && (tag == Own || tag == Early);
}
