using Artel.Server.Loop;
using Artel.Server.Outputs;
using Artel.Server.Storage;
using Artel.Server.Supervision;

namespace Artel.Server.Telemetry;

/// <summary>
/// Whether this server takes work now: its loop runs, what it changes can be kept, and all that works in the background is well. Safe from any
/// thread.
/// </summary>
internal sealed class Readiness(
    ClusterLoop loop, Database database, OutputStore outputs, DiskRoom room, BackgroundParts parts, ServerLife life, TimeProvider time)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>Why it does not; null: it does.</summary>
    public async Task<string?> ProblemAsync(CancellationToken cancellation)
    {
        if (life.Ending.IsCancellationRequested)
        {
            return life.EndReason;
        }

        try
        {
            if (outputs.Failed.IsCompleted)
            {
                return (await outputs.Failed).Message;
            }

            database.ThrowIfFailed();
            if (room.IsVeryLow)
            {
                return room.Problem;
            }

            // Answered when all that was decided before is on disk.
            await loop.AskAsync((state, _) => state.Epoch, cancellation).WaitAsync(Patience, time, cancellation);
            return parts.Problem;
        }
        catch (TimeoutException)
        {
            return "the server has decided nothing for two seconds: its disk may be slow";
        }
        catch (Exception e) when (e is LoopStoppedException or StoreException or IOException)
        {
            return e.Message;
        }
    }
}
