using System.Globalization;
using Artel.Core;
using Artel.Protocol.Tracing;
using Artel.Server.Accounting;
using Artel.Server.Audit;
using Artel.Server.Events;
using Artel.Server.Hosting;
using Artel.Server.Loop;
using Artel.Server.Nodes;
using Artel.Server.People;
using Artel.Server.Schedules;
using Artel.Server.Security;
using Artel.Server.Storage;
using Grpc.Core;
using V1 = Artel.Protocol.V1;

namespace Artel.Server.Api;

/// <summary>The service of people and their programs: jobs here, nodes and tokens in the other files.</summary>
[BindServiceMethod(typeof(BoundedCluster), nameof(BoundedCluster.BindService))]
internal sealed partial class ClusterService(
    ClusterLoop loop, IClusterStore store, Submissions submissions, JobReader jobs, TaskReader tasks,
    OutputReader outputs, ResultReader results, StatsReader stats, EventReader events, ReasonReader reasons,
    JobSignals signals, NodeSessions sessions, CredentialStore credentials, ServerLife life, Vitals vitals, TicketPrinter printer, IdentityAnnouncer announcer,
    HistoryReader history, TaskMapReader maps, AttemptReader attempts, SubmissionReader submitted, OutputSearch search, SettingsReader settings, NodeBoard board,
    IHostApplicationLifetime lifetime, TimeProvider time, ScheduleBook schedules, ScheduleKeeper keeper, LoginCodes codes, ServerOptions options,
    DiskRoom room, JobAccess access, QuotaBook quotas, Admission admission, UsageReader usage, AuditReader audit,
    PlaceCheck places, Revisions revisions) : V1.Cluster.ClusterBase
{
    private const int DefaultPage = 100;
    private const int MaxPage = 1000;

    /// <summary>In place of a number of reopenings: work the request out again.</summary>
    private const int Again = -1;

    /// <summary>A watched job is sent no more often than this.</summary>
    private static readonly TimeSpan WatchPeriod = TimeSpan.FromMilliseconds(100);

    public override Task<V1.SubmitReply> Submit(V1.SubmitRequest request, ServerCallContext context) =>
        request.RequestId.StartsWith(OwnRequests.Prefix, StringComparison.Ordinal)
            ? throw Refusals.Invalid($"a request_id that begins with '{OwnRequests.Prefix}' is the server's own: choose another")
            : submissions.SubmitAsync(
                request, Submitter.Of(context.Principal()), context.CancellationToken, TraceParent.Parse(context.RequestHeaders.GetValue(TraceParent.Header)));

    public override Task<V1.CheckPlacesReply> CheckPlaces(V1.CheckPlacesRequest request, ServerCallContext context) =>
        places.AskAsync(request, context.CancellationToken);

    public override Task<V1.Job> GetJob(V1.GetJobRequest request, ServerCallContext context) =>
        jobs.GetAsync(new JobId(request.Job), context.CancellationToken);

    public override async Task<V1.ListJobsReply> ListJobs(V1.ListJobsRequest request, ServerCallContext context)
    {
        var (page, more) = await jobs.ListAsync(JobQueries.Read(request, context.Principal().Name, PageOf(request.Limit)), context.CancellationToken);
        var reply = new V1.ListJobsReply { More = more };
        reply.Jobs.AddRange(page);
        return reply;
    }

    public override Task WatchJob(V1.GetJobRequest request, IServerStreamWriter<V1.Job> responseStream, ServerCallContext context) =>
        UntilTheEnd(context, async cancellation =>
        {
            using var watch = signals.Watch(new JobId(request.Job));
            while (true)
            {
                var (change, end) = (watch.NextChange, watch.NextEnd);
                var job = await jobs.GetAsync(new JobId(request.Job), cancellation);
                await responseStream.WriteAsync(job, cancellation);
                if (((JobState)job.State).HasEnded())
                {
                    return;
                }

                // The end is told at once.
                await Task.WhenAny(end, Task.Delay(WatchPeriod, time, cancellation));
                await Task.WhenAny(end, change).WaitAsync(cancellation);
            }
        });

    public override async Task<V1.ListTasksReply> ListTasks(V1.ListTasksRequest request, ServerCallContext context)
    {
        var job = new JobId(request.Job);
        var ranges = await RangesOfAsync(job, request.Tasks, context.CancellationToken);
        var (page, more) = await tasks.ListAsync(
            job, ranges, Math.Max(0, request.After), PageOf(request.Limit), Asked.Each("states", request.States), View(context),
            context.CancellationToken);
        var reply = new V1.ListTasksReply { More = more };
        reply.Tasks.AddRange(page);
        return reply;
    }

    public override async Task<V1.Task> GetTask(V1.GetTaskRequest request, ServerCallContext context)
    {
        var task = await tasks.GetAsync(new TaskId(new JobId(request.Job), request.Task), View(context), context.CancellationToken);
        var detailed = await submitted.AddDetailAsync(task, View(context), context.CancellationToken);
        if (detailed.Reason.Length == 0)
        {
            detailed.Reason = reasons.OfOutput(detailed).FirstOrDefault() ?? "";
        }

        return detailed;
    }

    public override async Task<V1.Explanation> Explain(V1.ExplainRequest request, ServerCallContext context)
    {
        var seen = await jobs.LookAsync(new JobId(request.Job), View(context), context.CancellationToken);
        var explanation = new V1.Explanation { Hidden = !seen.Sight.ShowsInside };
        if (request.Task == 0)
        {
            await reasons.ExplainAsync(seen, request.WaitsOnly, explanation, context.CancellationToken);
        }
        else
        {
            await reasons.ExplainAsync(
                new TaskId(seen.Id, request.Task), View(context), explanation, context.CancellationToken);
        }

        return explanation;
    }

    public override Task<V1.FailureGroups> GroupFailures(V1.GroupFailuresRequest request, ServerCallContext context) =>
        stats.GroupFailuresAsync(request, View(context), context.CancellationToken);

    public override Task<V1.JobStats> GetJobStats(V1.GetJobRequest request, ServerCallContext context) =>
        stats.MeasureAsync(new JobId(request.Job), View(context), context.CancellationToken);

    public override Task ReadOutput(V1.ReadOutputRequest request, IServerStreamWriter<V1.OutputChunk> responseStream, ServerCallContext context) =>
        UntilTheEnd(context, cancellation => outputs.ReadAsync(request, View(context), responseStream, cancellation));

    public override Task FetchResults(V1.FetchResultsRequest request, IServerStreamWriter<V1.ResultChunk> responseStream, ServerCallContext context) =>
        UntilTheEnd(context, cancellation => results.ReadAsync(request, View(context), responseStream, cancellation));

    public override Task WatchEvents(V1.WatchEventsRequest request, IServerStreamWriter<V1.Event> responseStream, ServerCallContext context) =>
        UntilTheEnd(context, cancellation => events.ReadAsync(request, View(context), responseStream, cancellation));

    public override Task<V1.JobActionReply> Cancel(V1.JobAction request, ServerCallContext context)
    {
        TaskState[] states = [.. Asked.Each("states", request.States).Select(s => (TaskState)s)];
        var by = context.Principal().Name;
        return ActAsync(
            request,
            (state, job, tasks, within, now) => state.CancelSome(job, tasks, within, now, states, by),
            context);
    }

    public override Task<V1.JobActionReply> Hold(V1.JobAction request, ServerCallContext context) =>
        ActAsync(request, (state, job, _, _, _) => state.Hold(job, held: true) ? Done : null, context);

    public override Task<V1.JobActionReply> Release(V1.JobAction request, ServerCallContext context) =>
        ActAsync(request, (state, job, _, _, _) => state.Hold(job, held: false) ? Done : null, context);

    public override async Task<V1.JobActionReply> Retry(V1.JobAction request, ServerCallContext context)
    {
        TaskState[] states = [.. Asked.Each("states", request.States).Select(s => (TaskState)s)];
        var own = await access.RequireAsync(context.Principal(), request.Job, context.CancellationToken);
        var named = await RangesOfAsync(own.Id, request.Tasks, context.CancellationToken);
        var tasks = TaskSet.Of(named);
        return await InSlicesAsync(own.Id, request, context, async within =>
        {
            while (true)
            {
                // Other terms hold for all that starts from the first slice on, even if only a later one finds tasks to
                // retry.
                var revision = within is null
                    ? await revisions.PrepareRetryAsync(own, request.Changes, context.CancellationToken)
                    : null;
                var (slice, reopenings) = await loop.AskAsync<(TaskSlice? Slice, int Reopenings)>(
                    (state, now) =>
                    {
                        if (within is null && state.View(own.Id) is { } view)
                        {
                            CheckRetry(state, own, view.Counts, named, request.FailedOnly, context);
                            if (revision is not null && state.DocumentOf(own.Id)?.Equals(revision.Before) != true)
                            {
                                // Its terms were changed meanwhile, or it was opened again: these changes are to be
                                // made to those.
                                return (null, Again);
                            }
                        }

                        var slice = state.RetrySome(own.Id, tasks, within, now, request.FailedOnly, states);
                        if (slice is { Changed: > 0 } or { IsDone: false })
                        {
                            revision?.Apply(state, own.Id);
                        }

                        return (slice, state.LastReopeningOf(own.Id));
                    },
                    context.CancellationToken);
                if (reopenings == Again)
                {
                    continue;
                }

                // A job that has ended while its tasks were being retried is left as it is.
                if (slice is null && within is null)
                {
                    slice = await ReopenAsync(
                        own, reopenings, named, tasks, states, request.FailedOnly, revision, context);
                    if (slice is null)
                    {
                        continue;
                    }
                }

                return slice ?? Done;
            }
        });
    }

    /// <summary>Opens an ended job again. Null if another retry was faster: ask again.</summary>
    private async Task<TaskSlice?> ReopenAsync(
        OwnJob own, int reopenings, TaskRange[] named, TaskSet tasks, TaskState[] states, bool failedOnly,
        PreparedRevision? revision, ServerCallContext context)
    {
        var job = own.Id;
        var ended = await store.LoadJobAsync(job, context.CancellationToken) ?? throw Refusals.NoJob(job);
        if (revision is not null && !ended.Document.Span.SequenceEqual(revision.Before.Span))
        {
            return null;
        }

        if (ended.Spec.Deadline <= time.GetUtcNow())
        {
            throw Refusals.NotNow(string.Create(
                CultureInfo.InvariantCulture, $"the deadline of job {job} was {ended.Spec.Deadline:u}: submit it again"));
        }

        var counts = (await store.GetJobAsync(job, context.CancellationToken))?.Counts ?? default;
        ended.Prepare();
        return await loop.AskAsync(
            (state, now) =>
            {
                CheckRetry(state, own, counts, named, failedOnly, context);
                if (revision is not null && state.DocumentOf(job) is not null)
                {
                    return null;
                }

                var slice = state.ReopenSome(ended, reopenings, tasks, now, failedOnly, states);
                if (slice is { Changed: > 0 } or { IsDone: false })
                {
                    revision?.Apply(state, job);
                }

                return slice;
            },
            context.CancellationToken);
    }

    private static int PageOf(int limit) => limit <= 0 ? DefaultPage : Math.Min(limit, MaxPage);

    /// <summary>The tasks that a request names; none stands for all of the job's.</summary>
    private async Task<TaskRange[]> RangesOfAsync(JobId job, IReadOnlyCollection<V1.TaskRange> named, CancellationToken cancellation)
    {
        if (named.Count == 0)
        {
            return [];
        }

        if (named.FirstOrDefault(r => r.First < 1 || r.Last < r.First) is { } wrong)
        {
            throw Refusals.Invalid($"tasks {wrong.First}-{wrong.Last}: a range has a first task from 1 and a last one that is not smaller");
        }

        var count = (await jobs.GetAsync(job, cancellation)).Counts.Total;
        if (named.FirstOrDefault(r => r.Last > count) is { } beyond)
        {
            throw Refusals.NoTask(new TaskId(job, beyond.First > count ? beyond.First : beyond.Last), count);
        }

        return [.. named.Select(r => new TaskRange(r.First, r.Last))];
    }

    /// <summary>The result of an action on an ended job, and of one that has no slices.</summary>
    private static TaskSlice Done { get; } = new(0, null, IsDone: true);

    /// <summary>
    /// A caller that goes on by itself gets an answer after this time, and calls again with the rest.
    /// </summary>
    private static readonly TimeSpan StepTime = TimeSpan.FromSeconds(2);

    private async Task<V1.JobActionReply> ActAsync(
        V1.JobAction request,
        Func<ClusterState, JobId, TaskSet, TaskRange?, DateTimeOffset, TaskSlice?> act,
        ServerCallContext context)
    {
        var cancellation = context.CancellationToken;
        if (request.FailedOnly || request.Changes is not null)
        {
            throw Refusals.Invalid("failed_only and changes are for Retry: leave them out");
        }

        var job = (await access.RequireAsync(context.Principal(), request.Job, cancellation)).Id;
        var tasks = TaskSet.Of(await RangesOfAsync(job, request.Tasks, cancellation));

        // An ended job has nothing left to act on: that is no error, unless there never was such a job.
        return await InSlicesAsync(
            job, request, context,
            async within => await loop.AskAsync((state, now) => act(state, job, tasks, within, now), cancellation) ?? Done);
    }

    /// <summary>
    /// Does an action slice by slice. Other commands run between two slices, and each slice is on disk before the next
    /// one begins: if the server dies, what was done stays done, and the caller asks again for the rest.
    /// </summary>
    private async Task<V1.JobActionReply> InSlicesAsync(
        JobId job, V1.JobAction request, ServerCallContext context, Func<TaskRange?, Task<TaskSlice>> act)
    {
        var begun = time.GetTimestamp();
        TaskRange? within = request.Within is { } rest ? new TaskRange(rest.First, rest.Last) : null;
        var changed = 0;
        while (true)
        {
            var slice = await act(within);
            changed += slice.Changed;
            if (slice.IsDone || (request.Stepwise && time.GetElapsedTime(begun) > StepTime))
            {
                var after = await jobs.GetAsync(job, context.CancellationToken);
                var reply = new V1.JobActionReply { Job = after, Tasks = changed };
                if (!slice.IsDone)
                {
                    var left = slice.Rest ?? TaskSlice.Nothing;
                    reply.Rest = new V1.TaskRange { First = left.First, Last = left.Last };
                }

                return reply;
            }

            within = slice.Rest ?? TaskSlice.Nothing;
        }
    }

    /// <summary>Whoever asks for it, tasks that wait again count for the job's owner. An admin is not held up by that.</summary>
    private void CheckRetry(ClusterState state, OwnJob own, TaskCounts counts, TaskRange[] named, bool failedOnly, ServerCallContext context)
    {
        if (context.Principal().Role == V1.Role.Admin)
        {
            return;
        }

        var some = counts.Failed + (failedOnly ? 0 : counts.Cancelled + counts.Skipped);
        admission.CheckRetry(state, own.Owner, named.Length == 0 ? some : (int)Math.Min(some, named.Sum(r => (long)r.Count)));
    }

    /// <summary>What the caller sees.</summary>
    private Viewpoint View(ServerCallContext context) => new(context.Principal(), options.Privacy);

    private async Task UntilTheEnd(ServerCallContext context, Func<CancellationToken, Task> work)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, life.Ending);
        try
        {
            await work(ending.Token);
        }
        catch (OperationCanceledException) when (life.Ending.IsCancellationRequested)
        {
            throw Refusals.Stopping(life.EndReason);
        }
    }
}
