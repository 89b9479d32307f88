using Artel.Server.Api;
using Artel.Server.Loop;
using Artel.Server.Storage;
using Artel.Server.Wire;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace Artel.Server.Endings;

/// <summary>
/// Calls the webhooks of ended jobs, at least once each. Every host has its own queue, so that one that does not answer holds no other up:
/// of each, a bounded number is in hand and four are called at once; the others wait in their table.
/// </summary>
internal sealed class WebhookCalls(
    EndingRows rows, EndingSignal signal, WebhookHosts hosts, WebhookClient client, IClusterStore store, JobReader jobs, ILogger<WebhookCalls> log)
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

        await Task.WhenAll(hosts.All.Select(host => CallAsync(host, stopping)));
    }

    private async Task CallAsync(string host, CancellationToken stopping)
    {
        var ended = signal.Listen();
        using var slots = new SemaphoreSlim(AtOnce, AtOnce);
        var inHand = new List<Task>();
        var last = 0L;
        var more = ended.ReadAsync(stopping).AsTask();
        try
        {
            while (true)
            {
                foreach (var ending in await rows.ListAsync(EndingKind.Webhook, host, last, MostInHand - inHand.Count, stopping))
                {
                    inHand.Add(CallAsync(ending, slots, stopping));
                    last = ending.Id;
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
                    more = ended.ReadAsync(stopping).AsTask();
                }
            }
        }
        catch (Exception e) when (stopping.IsCancellationRequested && e is OperationCanceledException or LoopStoppedException)
        {
            // Those in hand end with it; what was not called is on disk.
            await Task.WhenAll(inHand).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
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
                    log.WebhookFailed(ending.Job.Value, reason, pause);
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
    public static partial void WebhookFailed(this ILogger log, long job, string reason, TimeSpan pause);

    [LoggerMessage(LogEvents.WebhookGivenUp, LogLevel.Warning, "The webhook of job {Job} at {Host} is given up after {Tries} calls: {Reason}")]
    public static partial void WebhookGivenUp(this ILogger log, long job, string host, int tries, string reason);

    [LoggerMessage(LogEvents.WebhookHostUnknown, LogLevel.Warning,
        "Webhooks at {Host} are still to be called ({Count}), and this server is not told that it may: start it with --webhook-host {Host}")]
    public static partial void WebhookHostUnknown(this ILogger log, string host, long count);
}
