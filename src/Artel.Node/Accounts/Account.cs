using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using System.Text;

namespace Artel.Node.Accounts;

/// <summary>An account of this machine, as the system's user database has it at one moment.</summary>
/// <param name="Name">Its login name.</param>
/// <param name="Uid">User id.</param>
/// <param name="Gid">Primary group.</param>
/// <param name="Groups">All groups, the primary one included.</param>
/// <param name="Home">Home folder, which may not exist.</param>
/// <param name="Shell">Login shell.</param>
public sealed record Account(string Name, uint Uid, uint Gid, IReadOnlyList<uint> Groups, string Home, string Shell)
{
    private const string DefaultShell = "/bin/sh";

    // struct passwd of glibc and musl on 64-bit machines: name, password, uid and gid, comment, home, shell.
    private const int SizeOfPasswd = 48;
    private const int UidOffset = 16;
    private const int GidOffset = 20;
    private const int HomeOffset = 32;
    private const int ShellOffset = 40;
    private const int BufferTooSmall = 34;
    private const int LargestBuffer = 1 << 20;
    private const int MostGroups = 65_536;

    /// <summary>True for root.</summary>
    public bool IsRoot => Uid == 0;

    /// <summary>Looks an account up by name. Null if there is none, or the user database cannot be read.</summary>
    /// <param name="name">A login name.</param>
    /// <param name="error">Why there is none; empty on success.</param>
    [SupportedOSPlatform("linux")]
    public static unsafe Account? Find(string name, out string error)
    {
        error = $"there is no account '{name}' on this machine";
        if (name.Length == 0 || name.Contains('\0', StringComparison.Ordinal))
            return null;

        var passwd = stackalloc byte[SizeOfPasswd];
        for (var size = 4096; size <= LargestBuffer; size *= 4)
        {
            var buffer = new byte[size];
            fixed (byte* text = buffer)
            {
                byte* found;
                var errno = AccountCalls.getpwnam_r(name, passwd, text, (nuint)size, &found);
                if (errno == BufferTooSmall)
                    continue;

                if (found is null)
                {
                    // The standard lists several error numbers that also mean "no such account".
                    return null;
                }

                error = "";
                var uid = *(uint*)(passwd + UidOffset);
                var gid = *(uint*)(passwd + GidOffset);
                var shell = Text(*(byte**)(passwd + ShellOffset));
                var home = Text(*(byte**)(passwd + HomeOffset));
                return new Account(name, uid, gid, GroupsOf(name, gid), home, shell.Length > 0 ? shell : DefaultShell);
            }
        }

        error = $"the entry of account '{name}' in the user database of this machine is too long";
        return null;
    }

    private static unsafe string Text(byte* text) =>
        text is null ? "" : Encoding.UTF8.GetString(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(text));

    [SupportedOSPlatform("linux")]
    private static unsafe uint[] GroupsOf(string name, uint gid)
    {
        for (var size = 64; size <= MostGroups; size *= 4)
        {
            var groups = new uint[size];
            var count = size;
            fixed (uint* start = groups)
            {
                if (AccountCalls.getgrouplist(name, gid, start, &count) >= 0)
                    return groups[..count];
            }
        }

        return [gid];
    }
}
