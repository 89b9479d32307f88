namespace Artel.Server.Loop;

internal static partial class ClusterLoopLog
{
    [LoggerMessage(LogEvents.CommitFailed, LogLevel.Critical, "What has changed could not be stored; the server stops. Nothing that was answered is missing.")]
    public static partial void CommitFailed(this ILogger log, Exception exception);
}
