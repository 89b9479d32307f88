namespace Artel.Server.Loop;

internal static partial class ClusterLoopLog
{
    [LoggerMessage(LogEvents.CommitFailed, LogLevel.Critical, "What has changed could not be stored; the server stops. Nothing that was answered is missing. {Reason}")]
    public static partial void CommitFailed(this ILogger log, string reason);

    [LoggerMessage(LogEvents.StateBroken, LogLevel.Critical, "A bug has left the state half changed; the server stops. Nothing that was answered is missing.")]
    public static partial void StateBroken(this ILogger log, Exception bug);

    [LoggerMessage(
        LogEvents.ClockStepped, LogLevel.Warning,
        "The clock went {Direction} by {Step}: it was set, or the server did not run. Waits are shifted to match")]
    public static partial void ClockStepped(this ILogger log, string direction, string step);
}
