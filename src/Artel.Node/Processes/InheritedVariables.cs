namespace Artel.Node.Processes;

/// <summary>Which variables of the agent's environment its tasks get.</summary>
internal static class InheritedVariables
{
    // What a service manager tells one process alone: who else has it speaks in its name, or waits for sockets that are
    // not there.
    private static readonly HashSet<string> OfServices = new(StringComparer.Ordinal)
    {
        "NOTIFY_SOCKET", "LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES", "LISTEN_PIDFDID", "WATCHDOG_PID", "WATCHDOG_USEC", "MAINPID", "MANAGERPID",
        "CREDENTIALS_DIRECTORY", "JOURNAL_STREAM",
    };

    private static readonly HashSet<string> OfNobody = new(StringComparer.Ordinal) { "PATH", "LANG", "LANGUAGE", "TZ" };

    /// <summary>
    /// For tasks that run as the agent itself: all but Artel's own, which lead to the cluster and hold its secrets. The
    /// few that tasks have are set for each.
    /// </summary>
    public static bool IsForTasks(string name) => !name.StartsWith("ARTEL_", StringComparison.Ordinal) && !OfServices.Contains(name);

    /// <summary>
    /// For tasks that run as another account: those that are not about the user. Whatever else is there may be a secret
    /// of root's.
    /// </summary>
    public static bool IsForAccounts(string name) => OfNobody.Contains(name) || name.StartsWith("LC_", StringComparison.Ordinal);
}
