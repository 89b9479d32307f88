using System.Runtime.Versioning;
using Artel.Node.Processes;

namespace Artel.Node.Accounts;

/// <summary>
/// Limits of what an account's processes may use (getrlimit(2)). An agent of root, and its runtime, have raised theirs:
/// a task starts with the usual soft limit of open files instead, which programs that use select(2) rely on, and may
/// raise it up to the hard one.
/// </summary>
[SupportedOSPlatform("linux")]
internal static class AccountLimits
{
    private const ulong UsualOpenFiles = 1024;

    /// <summary>Of the calling process.</summary>
    public static void Apply(Account account)
    {
        if (!account.IsRoot)
            Libc.LowerSoftLimit(Libc.LimitOfOpenFiles, UsualOpenFiles);
    }
}
