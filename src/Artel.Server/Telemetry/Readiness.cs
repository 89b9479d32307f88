using Artel.Server.Loop;
using Artel.Server.Outputs;
using Artel.Server.Storage;
using Artel.Server.Supervision;

namespace Artel.Server.Telemetry;

/// <summary>Whether this server takes work now: its loop runs, what it changes can be kept, and all that works in the background is well. Any thread.</summary>
internal sealed class Readiness(ClusterLoop loop, Database database, OutputStore outputs, BackgroundParts parts, ServerLife life, TimeProvider time)
{
    /// <summary>With less room the next commit may be the last one: what ends the server is no state to be sent work in.</summary>
    private const long LeastBytes = 1024 * 1024;

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
            if (new DriveInfo(database.Folder.Path).AvailableFreeSpace is < LeastBytes and var left)
            {
                return FormattableString.Invariant($"the disk of {database.Folder.Path} is full: {left} bytes are left");
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
