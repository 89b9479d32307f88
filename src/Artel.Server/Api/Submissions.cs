using System.Collections.Concurrent;
using Artel.Core;
using Artel.Protocol.Maps;
using Artel.Protocol.Tracing;
using Artel.Server.Endings;
using Artel.Server.Loop;
using Artel.Server.Storage;
using Artel.Server.Wire;
using Google.Protobuf;
using V1 = Artel.Protocol.V1;

namespace Artel.Server.Api;

/// <summary>Takes jobs in: checks them, and makes of a repeated request one job only.</summary>
internal sealed class Submissions(ClusterLoop loop, IClusterStore store, WebhookHosts webhooks)
{
    private const int MaxRequestId = 128;
    private readonly ConcurrentDictionary<string, TaskCompletionSource<V1.SubmitReply>> _underWay = new(StringComparer.Ordinal);

    /// <exception cref="Grpc.Core.RpcException">The job has mistakes, or asks for what this server does not do.</exception>
    public void Check(V1.JobSpec job)
    {
        var mistakes = JobSpecs.ValidateSpec(job);
        if (mistakes.Count > 0)
        {
            throw Refusals.Invalid(string.Join('\n', mistakes));
        }

        if (job.OnEnd is { Webhook.Length: > 0 } onEnd && webhooks.Problem(onEnd.Webhook) is { } problem)
        {
            throw Refusals.Invalid(problem);
        }
    }

    /// <param name="parent">The submitter's trace, where it has one.</param>
    public async Task<V1.SubmitReply> SubmitAsync(V1.SubmitRequest request, string user, CancellationToken cancellation, TraceParent? parent = null)
    {
        Check(request.Job ?? throw Refusals.Invalid("the request has no job"));
        if (request.RequestId.Length == 0)
        {
            return await KeepAsync(request, user, parent);
        }

        if (request.RequestId.Length > MaxRequestId)
        {
            throw Refusals.Invalid($"a request_id has at most {MaxRequestId} characters");
        }

        // Two requests with one id at the same time: the second gets the first one's answer.
        var mine = new TaskCompletionSource<V1.SubmitReply>(TaskCreationOptions.RunContinuationsAsynchronously);
        var first = _underWay.GetOrAdd(request.RequestId, mine);
        if (first != mine)
        {
            return await first.Task.WaitAsync(cancellation);
        }

        try
        {
            mine.SetResult(await KeepOnceAsync(request, user, parent));
        }
        catch (Exception e)
        {
            mine.SetException(e);
        }
        finally
        {
            _underWay.TryRemove(request.RequestId, out _);
        }

        return await mine.Task;
    }

    private async Task<V1.SubmitReply> KeepOnceAsync(V1.SubmitRequest request, string user, TraceParent? parent)
    {
        if (await store.FindRequestAsync(request.RequestId, CancellationToken.None) is { } known)
        {
            return new V1.SubmitReply { Job = known.Value, TaskCount = JobLayout.Of(request.Job).TaskCount };
        }

        return await KeepAsync(request, user, parent);
    }

    private async Task<V1.SubmitReply> KeepAsync(V1.SubmitRequest request, string user, TraceParent? parent)
    {
        var submission = new V1.Submission { Job = request.Job, User = user, TraceParent = parent?.ToString() ?? "" };
        var document = submission.ToByteArray();
        var spec = SpecReader.Read(submission);
        var elsewhere = new Dictionary<JobDependency, bool>();
        var readAt = new Dictionary<JobId, int>();
        while (true)
        {
            var (job, warnings, missing) = await loop.AskAsync<(JobId? Job, IReadOnlyList<string> Warnings, JobDependency[] Missing)>(
                (state, now) =>
                {
                    // Everything is refused before anything is changed.
                    if (spec.After.FirstOrDefault(on => on.Task > state.TaskCountOf(on.Job)) is { Job.Value: > 0 } beyond)
                    {
                        throw Refusals.NoTask(new TaskId(beyond.Job, beyond.Task), state.TaskCountOf(beyond.Job)!.Value);
                    }

                    // What the store said of a job that was opened again since is out of date.
                    var missing = state.Elsewhere(spec)
                        .Where(on => !elsewhere.ContainsKey(on) || readAt[on.Job] != state.ReopeningsOf(on.Job)).ToArray();
                    if (missing.Length > 0)
                    {
                        foreach (var on in missing)
                        {
                            readAt[on.Job] = state.ReopeningsOf(on.Job);
                        }

                        return (null, [], missing);
                    }

                    if (!state.HasRoomForLimits(request.Job.Limits.Keys))
                    {
                        throw Refusals.TooManyLimits();
                    }

                    foreach (var (tag, most) in request.Job.Limits)
                    {
                        state.SetLimit(tag, most);
                    }

                    var id = state.Submit(spec, document, request.RequestId, request.Job.Hold, now, elsewhere);
                    return (id, request.Job.Hold ? [] : state.Explain(id, now), []);
                },
                CancellationToken.None);
            if (job is { } made)
            {
                var reply = new V1.SubmitReply { Job = made.Value, TaskCount = spec.TaskCount };
                reply.Warnings.AddRange(warnings);
                return reply;
            }

            // A job that has left the state is in the store by the time the question was answered; it may come back meanwhile, by a retry.
            await FindElsewhereAsync(missing, elsewhere);
        }
    }

    /// <summary>How what the job waits for has ended, as far as it has.</summary>
    private async Task FindElsewhereAsync(IEnumerable<JobDependency> missing, Dictionary<JobDependency, bool> elsewhere)
    {
        foreach (var on in missing)
        {
            elsewhere.Remove(on);
            var job = await store.GetJobAsync(on.Job, CancellationToken.None) ?? throw Refusals.NotFound($"there is no job {on.Job} for this one to wait for");
            if (!job.State.HasEnded())
            {
                // It is being retried: the state knows it by now.
                continue;
            }

            if (on.Task == 0)
            {
                elsewhere[on] = job.State == JobState.Succeeded;
                continue;
            }

            var count = JobDocument.Read(job.Document).Layout.TaskCount;
            if (on.Task > count)
            {
                throw Refusals.NoTask(new TaskId(on.Job, on.Task), count);
            }

            var task = new TaskRange(on.Task, on.Task);
            elsewhere[on] = (await store.ListAttemptsAsync(on.Job, task, CancellationToken.None)).Any(a => a.Next == TaskState.Succeeded);
        }
    }
}
