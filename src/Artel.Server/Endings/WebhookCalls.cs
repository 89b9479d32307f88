using Artel.Protocol.Text;
using Artel.Server.Api;
using Artel.Server.Loop;
using Artel.Server.Storage;
using Artel.Server.Supervision;
using Artel.Server.Wire;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace Artel.Server.Endings;

/// <summary>
/// Calls the webhooks of ended jobs, at least once each. Every host has its own queue, so that one that does not answer holds no other up:
/// of each, a bounded number is in hand and four are called at once; the others wait in their table.
/// </summary>
internal sealed class WebhookCalls(
    EndingRows rows, EndingSignal signal, WebhookHosts hosts, WebhookClient client, IClusterStore store, JobReader jobs, BackgroundParts parts,
    ILogger<WebhookCalls> log)
{
    private const int AtOnce = 4;
    private const int MostInHand = 256;

    /// <summary>Runs until cancelled.</summary>
    /// <exception cref="StoreException">The store has failed.</exception>
    public async Task RunAsync(CancellationToken stopping)
    {
        foreach (var (host, count) in (await rows.CountByHostAsync(CancellationToken.None)).Where(h => !hosts.All.Contains(h.Host)))
        {
            log.WebhookHostUnknown(host, count);
        }

        await Task.WhenAll(hosts.All.Select(host => parts.RunAsync($"calling webhooks of {host}", ending => CallAsync(host, ending), stopping)));
    }

    private async Task CallAsync(string host, CancellationToken stopping)
    {
        using var listener = signal.Listen();
        var ended = listener.Ends;
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        using var slots = new SemaphoreSlim(AtOnce, AtOnce);
        var inHand = new List<Task>();
        var last = 0L;
        var more = ended.ReadAsync(ending.Token).AsTask();
        try
        {
            while (true)
            {
                foreach (var due in await rows.ListAsync(EndingKind.Webhook, host, last, MostInHand - inHand.Count, stopping))
                {
                    inHand.Add(TryCallAsync(due, slots, ending.Token));
                    last = due.Id;
                }

                await Task.WhenAny([more, .. inHand]);
                foreach (var done in inHand.Where(t => t.IsCompleted).ToArray())
                {
                    inHand.Remove(done);
                    await done;
                }

                if (more.IsCompleted)
                {
                    await more;
                    more = ended.ReadAsync(ending.Token).AsTask();
                }
            }
        }
        catch (Exception e) when (stopping.IsCancellationRequested && e is OperationCanceledException or LoopStoppedException)
        {
            // What was not called is on disk.
            return;
        }
        finally
        {
            // Those in hand end with it: none goes on beside the next run.
            await ending.CancelAsync();
            await Task.WhenAll([.. inHand, more]).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>What one call throws is its own: the others would wait behind it for ever. It stays on disk, for the next start.</summary>
    private async Task TryCallAsync(Ending ending, SemaphoreSlim slots, CancellationToken stopping)
    {
        try
        {
            await CallAsync(ending, slots, stopping);
        }
        catch (Exception e) when (!stopping.IsCancellationRequested && !BackgroundParts.EndsServer(e))
        {
            log.WebhookBroken(e, ending.Job.Value);
        }
    }

    private async Task CallAsync(Ending ending, SemaphoreSlim slots, CancellationToken stopping)
    {
        if (await store.GetJobAsync(ending.Job, stopping) is { } stored
            && JobDocument.Read(stored.Document).Submission.Job.OnEnd is { } onEnd && await ReadAsync(ending, stopping) is { } job)
        {
            var delivery = FormattableString.Invariant($"{store.ClusterId}-{ending.Id}");
            var problem = await client.CallAsync(
                onEnd.Webhook, delivery, job, ending.Tries, slots,
                async (reason, pause) =>
                {
                    log.WebhookFailed(ending.Job.Value, reason, Words.Duration(pause));
                    await rows.NoteTryAsync(ending, stopping);
                },
                stopping);
            CrashPoints.Hit(CrashPoint.WebhookAnswered);
            if (problem is not null)
            {
                // Only the host: addresses of webhooks often hold a secret.
                log.WebhookGivenUp(ending.Job.Value, new Uri(onEnd.Webhook).Authority, WebhookClient.MostTries, problem);
            }
        }

        await rows.RemoveAsync([ending], CancellationToken.None);
    }

    /// <summary>The job as it ended: it may be under way again, where somebody has retried it since. Null where it is gone.</summary>
    private async Task<Protocol.V1.Job?> ReadAsync(Ending ending, CancellationToken cancellation)
    {
        try
        {
            var job = await jobs.GetAsync(ending.Job, cancellation);
            (job.State, job.Ended, job.Counts) = (WireWriter.Write(ending.State), ending.Ended.ToTimestamp(), WireWriter.Write(ending.Counts));
            return job;
        }
        catch (RpcException e) when (e.StatusCode == StatusCode.NotFound)
        {
            return null;
        }
    }
}

internal static partial class WebhookLog
{
    [LoggerMessage(LogEvents.WebhookFailed, LogLevel.Debug, "The webhook of job {Job} failed, and is called again in {Pause}: {Reason}")]
    public static partial void WebhookFailed(this ILogger log, long job, string reason, string pause);

    [LoggerMessage(LogEvents.WebhookGivenUp, LogLevel.Warning, "The webhook of job {Job} at {Host} is given up after {Tries} calls: {Reason}")]
    public static partial void WebhookGivenUp(this ILogger log, long job, string host, int tries, string reason);

    [LoggerMessage(LogEvents.WebhookBroken, LogLevel.Error, "The webhook of job {Job} is not called before the next start of the server: a bug was met")]
    public static partial void WebhookBroken(this ILogger log, Exception bug, long job);

    [LoggerMessage(LogEvents.WebhookHostUnknown, LogLevel.Warning,
        "Webhooks at {Host} are still to be called ({Count}), and this server is not told that it may: start it with --webhook-host {Host}")]
    public static partial void WebhookHostUnknown(this ILogger log, string host, long count);
}
