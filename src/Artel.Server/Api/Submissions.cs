using System.Collections.Concurrent;
using Artel.Core;
using Artel.Protocol.Maps;
using Artel.Protocol.Tracing;
using Artel.Server.Endings;
using Artel.Server.Loop;
using Artel.Server.People;
using Artel.Server.Storage;
using Artel.Server.Wire;
using Google.Protobuf;
using Grpc.Core;
using V1 = Artel.Protocol.V1;

namespace Artel.Server.Api;

/// <summary>Takes jobs in: checks them, and makes of a repeated request one job only.</summary>
internal sealed class Submissions(
    ClusterLoop loop, IClusterStore store, WebhookHosts webhooks, JobDocuments documents, DiskRoom room, Admission admission, ServerOptions options)
{
    private const int MaxRequestId = 128;

    /// <summary>A job that takes less on the disk is accepted until half of the reserve is used up.</summary>
    private const int SmallJob = 64 * 1024;
    private readonly ConcurrentDictionary<(string User, string RequestId), UnderWay> _underWay = [];

    /// <exception cref="Grpc.Core.RpcException">The job has mistakes, or asks for what this server does not do.</exception>
    public void Check(V1.JobSpec job)
    {
        var mistakes = JobSpecs.ValidateSpec(job);
        if (mistakes.Count > 0)
        {
            throw Refusals.Invalid(string.Join('\n', mistakes));
        }

        OutputLimits.Check(job, options.MaxOutputLimit);
        if (job.OnEnd is { Webhook.Length: > 0 } onEnd && webhooks.Problem(onEnd.Webhook) is { } problem)
        {
            throw Refusals.Invalid(problem);
        }
    }

    /// <summary>Takes a job in, once for each request id of its user.</summary>
    /// <param name="parent">The submitter's trace, where it has one.</param>
    /// <exception cref="Grpc.Core.RpcException">It is refused.</exception>
    public async Task<V1.SubmitReply> SubmitAsync(V1.SubmitRequest request, Submitter by, CancellationToken cancellation, TraceParent? parent = null)
    {
        Check(request.Job ?? throw Refusals.Invalid("the request has no job"));

        // Before it is compared with an earlier request of the same id, which was kept like this.
        OutputLimits.Cap(request.Job, options.MaxOutputLimit);
        if (request.RequestId.Length == 0)
        {
            return await KeepAsync(request, by, parent);
        }

        if (request.RequestId.Length > MaxRequestId)
        {
            throw Refusals.Invalid($"a request_id has at most {MaxRequestId} characters");
        }

        while (true)
        {
            var mine = new UnderWay(request.Job, new TaskCompletionSource<V1.SubmitReply>(TaskCreationOptions.RunContinuationsAsynchronously));
            var first = _underWay.GetOrAdd((by.User, request.RequestId), mine);
            if (first == mine)
                return await AnswerAsync(request, by, parent, mine);

            // Two requests with one id at the same time: the second gets the first one's answer.
            if (IsSame(request, first.Job))
                return await first.Reply.Task.WaitAsync(cancellation);

            // The other job is made, and this one is refused, or the other one is refused: then this may be the job that the id stands for.
            await ((Task)first.Reply.Task.WaitAsync(cancellation)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            cancellation.ThrowIfCancellationRequested();
            if (first.Reply.Task.IsCompletedSuccessfully)
                throw OtherJob(request.RequestId, new JobId((await first.Reply.Task).Job));
        }
    }

    private async Task<V1.SubmitReply> AnswerAsync(V1.SubmitRequest request, Submitter by, TraceParent? parent, UnderWay mine)
    {
        try
        {
            var reply = await KeepOnceAsync(request, by, parent);
            _underWay.TryRemove((by.User, request.RequestId), out _);
            mine.Reply.SetResult(reply);
        }
        catch (Exception e)
        {
            // Whoever waits for it looks again, and must not find it still.
            _underWay.TryRemove((by.User, request.RequestId), out _);
            mine.Reply.SetException(e);
        }

        return await mine.Reply.Task;
    }

    private async Task<V1.SubmitReply> KeepOnceAsync(V1.SubmitRequest request, Submitter by, TraceParent? parent)
    {
        if (await store.FindRequestAsync(by.User, request.RequestId, CancellationToken.None) is not { } known)
        {
            return await KeepAsync(request, by, parent);
        }

        // Compared as it was kept: the order of what has none, such as variables, may be another on the wire.
        var kept = JobDocument.Read((await store.GetJobAsync(known, CancellationToken.None) ?? throw Refusals.NoJob(known)).Document);

        // If its terms were changed since, nobody can tell any more whether it was the same.
        return kept.Submission.Changes.Count > 0 || IsSame(request, kept.Submission.Job)
            ? new V1.SubmitReply { Job = known.Value, TaskCount = kept.Layout.TaskCount }
            : throw OtherJob(request.RequestId, known);
    }

    /// <summary>What the server submits by itself is the same by its id alone: it may have found out meanwhile what else the job waits for.</summary>
    private static bool IsSame(V1.SubmitRequest request, V1.JobSpec first) =>
        request.RequestId.StartsWith(OwnRequests.Prefix, StringComparison.Ordinal) || request.Job.Equals(first);

    private static RpcException OtherJob(string requestId, JobId first) => new(new Status(
        StatusCode.AlreadyExists,
        $"the request_id '{requestId}' was used for another job, {first}: give each job an id of its own, and repeat it only with the same job"));

    private async Task<V1.SubmitReply> KeepAsync(V1.SubmitRequest request, Submitter by, TraceParent? parent)
    {
        admission.CheckPriority(request.Job, by);
        var submission = new V1.Submission
        {
            Job = request.Job,
            User = by.User,
            TraceParent = parent?.ToString() ?? "",
            FromAdmin = by.IsAdmin,
            FromEnd = by.By == SubmittedBy.End,
        };
        var document = submission.ToByteArray();

        // It is written into the log of the database first, and then into the database.
        if (room.IsVeryLow || (document.Length > SmallJob && !room.TryPromise(2L * document.Length)))
        {
            throw Refusals.NoRoom(room.Refusal(document.Length).Message);
        }

        try
        {
            return await KeepAsync(request, by, submission, document);
        }
        finally
        {
            room.GiveBack(document.Length > SmallJob ? 2L * document.Length : 0);
        }
    }

    private async Task<V1.SubmitReply> KeepAsync(V1.SubmitRequest request, Submitter by, V1.Submission submission, byte[] document)
    {
        var read = new JobDocument(submission);
        documents.Know(document, read);
        var spec = SpecReader.Read(submission, read.Layout);

        // Built here, however large it is: the loop only takes it in.
        var prepared = new PreparedJob(spec);
        KeyValuePair<string, int?>[] limits = [.. request.Job.Limits.Select(l => KeyValuePair.Create(l.Key, (int?)l.Value))];
        var elsewhere = new Dictionary<JobDependency, bool>();
        var readAt = new Dictionary<JobId, int>();
        while (true)
        {
            var (job, warnings, missing) = await loop.AskAsync<(JobId? Job, IReadOnlyList<string> Warnings, JobDependency[] Missing)>(
                (state, now) =>
                {
                    // Everything is refused before anything is changed.
                    var missing = Missing(state, spec, elsewhere, readAt);
                    if (missing.Length > 0)
                    {
                        return (null, [], missing);
                    }

                    admission.CheckJob(state, by, request.Job, spec.TaskCount, document.Length);
                    if (limits.Length > 0 && !state.SetLimits(limits))
                    {
                        throw Refusals.TooManyLimits();
                    }

                    var id = state.Submit(prepared, document, request.RequestId, request.Job.Hold, now, elsewhere);
                    return (id, request.Job.Hold ? [] : AttentionText.Of(state, id, now), []);
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

    /// <summary>
    /// The dependencies of a job that only the store has, and that have not been read from it yet. For the loop.
    /// </summary>
    /// <param name="elsewhere">What was read.</param>
    /// <param name="readAt">At which reopening of each job; brought up to date for what is missing.</param>
    /// <exception cref="RpcException">The job waits for a task that an unfinished job does not have.</exception>
    internal static JobDependency[] Missing(
        ClusterState state, JobSpec spec, Dictionary<JobDependency, bool> elsewhere, Dictionary<JobId, int> readAt)
    {
        if (spec.After.FirstOrDefault(on => on.Task > state.TaskCountOf(on.Job)) is { Job.Value: > 0 } beyond)
        {
            throw Refusals.NoTask(new TaskId(beyond.Job, beyond.Task), state.TaskCountOf(beyond.Job)!.Value);
        }

        // What the store said of a job that was opened again since is out of date.
        var missing = state.Elsewhere(spec)
            .Where(on => !elsewhere.ContainsKey(on) || readAt[on.Job] != state.LastReopeningOf(on.Job)).ToArray();
        foreach (var on in missing)
        {
            readAt[on.Job] = state.LastReopeningOf(on.Job);
        }

        return missing;
    }

    /// <summary>How what the job waits for has ended, as far as it has.</summary>
    internal async Task FindElsewhereAsync(
        IEnumerable<JobDependency> missing, Dictionary<JobDependency, bool> elsewhere)
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

    private sealed record UnderWay(V1.JobSpec Job, TaskCompletionSource<V1.SubmitReply> Reply);
}
