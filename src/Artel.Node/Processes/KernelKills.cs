using System.Buffers.Text;
using System.Runtime.Versioning;

namespace Artel.Node.Processes;

/// <summary>
/// How many processes the kernel has killed for want of memory, in the machine or in a cgroup: <c>oom_kill</c> of /proc/vmstat (Linux 4.13). That is
/// all a process without special rights can learn, so whose end that was is a conclusion: of one that SIGKILL ended, which nobody here has sent,
/// while the count grew. Owned by <see cref="ProcessReactor"/>; callers take turns.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed unsafe class KernelKills : IDisposable
{
    private readonly int _file = Libc.open("/proc/vmstat", Libc.OpenCloseOnExec);
    private long _claimed;
    private long _lately;

    public KernelKills() => _lately = _claimed = Count();

    /// <summary>
    /// Call it about once in a second while anything runs: a kill that nobody has claimed by the second call after it was of some other process.
    /// </summary>
    /// <param name="wasAway">It was not called for long: then all that was killed meanwhile was of others.</param>
    public void Look(bool wasAway)
    {
        var now = Count();
        _claimed = Math.Max(_claimed, wasAway ? now : _lately);
        _lately = now;
    }

    /// <summary>A process was ended by SIGKILL: whether it may have been the kernel that sent it. Each kill is claimed once.</summary>
    public bool TryClaim()
    {
        if (Count() <= _claimed)
            return false;

        _claimed++;
        return true;
    }

    public void Dispose() => _ = Libc.close(_file);

    private long Count()
    {
        const int size = 16 * 1024;
        var buffer = stackalloc byte[size];
        var length = _file < 0 ? 0 : (int)Libc.pread(_file, buffer, size, 0);
        var label = "\noom_kill "u8;
        var text = new ReadOnlySpan<byte>(buffer, Math.Max(0, length));
        var at = text.IndexOf(label);
        return at >= 0 && Utf8Parser.TryParse(text[(at + label.Length)..], out long count, out _) ? count : 0;
    }
}
