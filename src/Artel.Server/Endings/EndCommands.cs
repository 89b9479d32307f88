using Artel.Server.Api;
using Artel.Server.Loop;
using Artel.Server.People;
using Artel.Server.Storage;
using Artel.Server.Supervision;
using Artel.Server.Wire;
using Grpc.Core;
using V1 = Artel.Protocol.V1;

namespace Artel.Server.Endings;

/// <summary>
/// Submits the commands of ended jobs as jobs of their own, each once: the request id is the ending's own, so that one that was submitted
/// and not noted gives the same job again.
/// </summary>
internal sealed class EndCommands(
    EndingRows rows, EndingSignal signal, IClusterStore store, Submissions submissions, ServerLife life, ILogger<EndCommands> log)
{
    private const int Page = 64;

    /// <summary>Runs until cancelled.</summary>
    /// <exception cref="StoreException">The store has failed.</exception>
    public async Task RunAsync(CancellationToken stopping)
    {
        using var listener = signal.Listen();
        var ended = listener.Ends;
        try
        {
            do
            {
                while (await rows.ListAsync(EndingKind.Command, null, 0, Page, stopping) is { Count: > 0 } page)
                {
                    await Parallel.ForEachAsync(page, new ParallelOptions { MaxDegreeOfParallelism = Page, CancellationToken = stopping }, SubmitAsync);
                    CrashPoints.Hit(CrashPoint.OnEndSubmitted);
                    await rows.RemoveAsync(page, CancellationToken.None);
                }
            }
            while (await ended.ReadAsync(stopping));
        }
        catch (Exception e) when (stopping.IsCancellationRequested && e is OperationCanceledException or LoopStoppedException)
        {
            // What was not submitted is on disk.
            return;
        }
    }

    private async ValueTask SubmitAsync(Ending ending, CancellationToken cancellation)
    {
        try
        {
            if (await store.GetJobAsync(ending.Job, cancellation) is not { } stored)
            {
                // Removed since: nobody is left to tell of it.
                return;
            }

            var submission = JobDocument.Read(stored.Document).Submission;
            var url = life.Addresses.Count > 0 ? $"https://{life.Addresses[0]}/v1/jobs/{ending.Job}" : "";
            var request = new V1.SubmitRequest
            {
                Job = EndCommand.Of(ending, submission.Job, url),
                RequestId = FormattableString.Invariant($"{OwnRequests.Prefix}on-end:{ending.Id}"),
            };
            await submissions.SubmitAsync(request, Submitter.Of(submission, SubmittedBy.End), cancellation);
        }
        catch (RpcException e) when (e.StatusCode is not StatusCode.Unavailable)
        {
            log.OnEndRefused(ending.Job.Value, e.Status.Detail.ReplaceLineEndings(" "));
        }
        catch (Exception e) when (!cancellation.IsCancellationRequested && !BackgroundParts.EndsServer(e) && e is not RpcException)
        {
            // Of this ending only: the others would wait behind it for ever.
            log.OnEndFailed(e, ending.Job.Value);
        }
    }
}

internal static partial class EndCommandsLog
{
    [LoggerMessage(LogEvents.OnEndRefused, LogLevel.Warning, "The command on the end of job {Job} can not be submitted: {Reason}")]
    public static partial void OnEndRefused(this ILogger log, long job, string reason);

    [LoggerMessage(LogEvents.OnEndFailed, LogLevel.Error, "The command on the end of job {Job} is given up: a bug was met")]
    public static partial void OnEndFailed(this ILogger log, Exception bug, long job);
}
