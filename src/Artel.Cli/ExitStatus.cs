namespace Artel.Cli;

/// <summary>What the exit status of <c>artel</c> says. A contract with scripts: numbers never change their meaning.</summary>
internal static class ExitStatus
{
    public const int Done = 0;

    /// <summary>A task failed, or was cancelled or skipped, for good; or kept output of one is damaged.</summary>
    public const int TaskFailed = 1;

    /// <summary>Wrong usage, a wrong map, or a request that the cluster refuses as it stands.</summary>
    public const int WrongUsage = 2;

    /// <summary>No cluster is configured, or it does not answer.</summary>
    public const int NoCluster = 3;

    public const int NotFound = 4;

    /// <summary>The token is missing, wrong or of another role, or the server is not the one that was pinned.</summary>
    public const int NotAllowed = 5;

    /// <summary>A bug in artel itself, as <c>EX_SOFTWARE</c> of sysexits.h.</summary>
    public const int Bug = 70;

    /// <summary>The time that <c>wait</c> was given is over, as of <c>timeout(1)</c>. What was waited for goes on.</summary>
    public const int TimedOut = 124;

    public const int Interrupted = 130;

    /// <summary>Nobody reads standard output any more: that of a program which SIGPIPE has ended.</summary>
    public const int OutputClosed = 141;

    /// <summary>All of them, for people.</summary>
    public static IReadOnlyList<(int Status, string Meaning)> All { get; } =
    [
        (Done, "done"),
        (TaskFailed, "a task failed, or was cancelled or skipped; of 'logs' and 'fetch': some kept output is damaged, all else was given; of 'doctor': something fails"),
        (WrongUsage, "wrong usage, a wrong map, a file that can not be read or written, or a request that the cluster refuses as it stands"),
        (NoCluster, "no cluster is configured, or it does not answer"),
        (NotFound, "not found: no such job, task or node, or nothing fits the filter"),
        (NotAllowed, "not allowed: the token, its role, or a server that is not the pinned one"),
        (Bug, "a bug in artel"),
        (TimedOut, "of 'wait --timeout': the time is over; what was waited for goes on"),
        (Interrupted, "interrupted"),
        (OutputClosed, "standard output was closed by its reader, as 'head' does; 'run' has cancelled its job"),
    ];

    /// <summary>Status of a process that a signal ended, as shells report it.</summary>
    public static int OfSignal(int signal) => 128 + signal;
}
