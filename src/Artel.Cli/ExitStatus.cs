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

    /// <summary>Status of a process that a signal ended, as shells report it.</summary>
    public static int OfSignal(int signal) => 128 + signal;
}
