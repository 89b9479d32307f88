namespace Artel.Protocol.Tasks;

/// <summary>
/// Which variables tasks inherit: from their node's agent, and with <c>--inherit-env</c> from the shell in which they
/// are submitted. What is given by name goes to a task whatever it is.
/// </summary>
public static class InheritedVariables
{
    /// <summary>
    /// What a service manager or a desktop tells one process alone: another that has it speaks in its name, or waits
    /// for sockets that are not there. From systemd.exec(5), "Environment variables set or propagated by the service
    /// manager", and the specifications of D-Bus and freedesktop.org.
    /// </summary>
    private static readonly HashSet<string> OfOneProcess = new(StringComparer.Ordinal)
    {
        "NOTIFY_SOCKET", "LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES", "LISTEN_PIDFDID", "WATCHDOG_PID",
        "WATCHDOG_USEC",
        "MAINPID", "MAINPIDFDID", "MANAGERPID", "MANAGERPIDFDID", "SYSTEMD_EXEC_PID", "SYSTEMD_ACTIVATED", "PIDFILE",
        "FDSTORE",
        "INVOCATION_ID", "JOURNAL_STREAM", "LOG_NAMESPACE", "CREDENTIALS_DIRECTORY", "MEMORY_PRESSURE_WATCH",
        "MEMORY_PRESSURE_WRITE",
        "SERVICE_RESULT", "EXIT_CODE", "EXIT_STATUS", "REMOTE_ADDR", "REMOTE_PORT",
        "RUNTIME_DIRECTORY", "STATE_DIRECTORY", "CACHE_DIRECTORY", "LOGS_DIRECTORY", "CONFIGURATION_DIRECTORY",
        "UPSTART_JOB", "UPSTART_INSTANCE", "UPSTART_SESSION", "UPSTART_FDS", "SUPERVISOR_ENABLED",
        "SUPERVISOR_PROCESS_NAME",
        "SUPERVISOR_GROUP_NAME", "SUPERVISOR_SERVER_URL",
        "DBUS_STARTER_ADDRESS", "DBUS_STARTER_BUS_TYPE", "DESKTOP_STARTUP_ID", "XDG_ACTIVATION_TOKEN",
        "GIO_LAUNCHED_DESKTOP_FILE_PID",
    };

    private static readonly string[] Families = ["ARTEL_", "MONITOR_", "TRIGGER_"];

    /// <summary>
    /// What says where a shell is, or was, and how deep: the task is somewhere else. '_' is the program that the shell
    /// started.
    /// </summary>
    private static readonly HashSet<string> OfShells = new(StringComparer.Ordinal) { "PWD", "OLDPWD", "SHLVL", "_" };

    private static readonly HashSet<string> OfNobody = new(StringComparer.Ordinal) { "PATH", "LANG", "LANGUAGE", "TZ" };

    /// <summary>
    /// For tasks that run as the one who has the variables: all but what is one process's own, and Artel's, which lead
    /// to the cluster and hold its secrets. The few of those that tasks have are set for each.
    /// </summary>
    public static bool IsForTasks(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return !OfOneProcess.Contains(name) && !OfShells.Contains(name)
            && !Array.Exists(Families, f => name.StartsWith(f, StringComparison.Ordinal));
    }

    /// <summary>
    /// For tasks that run as another account: those that are not about the user. Whatever else is there may be a secret
    /// of root's.
    /// </summary>
    public static bool IsForAccounts(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return OfNobody.Contains(name) || name.StartsWith("LC_", StringComparison.Ordinal);
    }
}
