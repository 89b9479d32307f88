namespace Artel.Server.Storage;

/// <summary>Logs when the disk gets short of room and when there is room again, and gives back what the database's log takes.</summary>
internal sealed class DiskWatch(DiskRoom room, Database database, TimeProvider time, ILogger<DiskWatch> log)
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    public async Task RunAsync(CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(Period, time);
        string? known = null;
        do
        {
            // The figures in it change all the time: what counts is whether there is one, and which.
            var problem = room.Problem;
            var kind = problem is null ? null : room.IsVeryLow ? "very low" : "low";
            if (kind == known)
            {
                continue;
            }

            known = kind;
            if (problem is null)
            {
                log.HasRoom(room.Free);
                continue;
            }

            log.IsShort(problem);

            // What is in the log needs room in the database first: where there is next to none, a failure would end the server.
            if (!room.IsVeryLow)
            {
                await database.CheckpointAsync(stopping);
            }
        }
        while (await IsDueAsync(timer, stopping));
    }

    private static async Task<bool> IsDueAsync(PeriodicTimer timer, CancellationToken stopping)
    {
        try
        {
            return await timer.WaitForNextTickAsync(stopping);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}

internal static partial class DiskWatchLog
{
    [LoggerMessage(LogEvents.DiskIsShort, LogLevel.Warning, "{Problem}")]
    public static partial void IsShort(this ILogger log, string problem);

    [LoggerMessage(LogEvents.DiskHasRoom, LogLevel.Information, "The disk has room again: {Free} bytes are free")]
    public static partial void HasRoom(this ILogger log, long free);
}
