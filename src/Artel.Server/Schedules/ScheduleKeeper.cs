using System.Collections.Concurrent;
using Artel.Core;
using Artel.Server.Api;
using Artel.Server.Loop;
using Artel.Server.People;
using Artel.Server.Storage;
using Artel.Server.Supervision;
using Grpc.Core;
using V1 = Artel.Protocol.V1;

namespace Artel.Server.Schedules;

/// <summary>
/// Looks at the clock and submits what is due. What a time leads to is kept first, then the job is submitted under a request id that is the
/// time's own, then it is noted: killed in between, the next start finds what was decided and submits it again, which gives the same job.
/// </summary>
internal sealed class ScheduleKeeper(ScheduleBook book, Submissions submissions, ClusterLoop loop, TimeProvider time, ILogger<ScheduleKeeper> log)
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(200);

    /// <summary>So many are submitted side by side, and their commits shared. Each may be as large as a job may be.</summary>
    private const int AtOnce = 16;

    private const int LongestReason = 500;

    /// <summary>Runs until cancelled, or until the server takes no more jobs.</summary>
    /// <param name="started">When the server started: times before that were missed.</param>
    /// <exception cref="StoreException">The store has failed.</exception>
    public async Task RunAsync(DateTimeOffset started, CancellationToken stopping)
    {
        var since = started;
        foreach (var schedule in book.All.Where(s => s.Times.Problem.Length > 0))
        {
            log.ScheduleWithoutTimes(schedule.Name, schedule.Times.Problem);
        }

        using var timer = new PeriodicTimer(Look, time);
        try
        {
            await SubmitAsync(await book.ReadPlannedAsync(stopping), stopping);
            do
            {
                var due = 0;
                do
                {
                    // A clock that was set back must not make times of now look as if the server had not run yet.
                    var now = time.GetUtcNow();
                    since = now < since ? now : since;
                    (due, var planned) = await book.DecideAsync(now, since, stopping);
                    await SubmitAsync(planned, stopping);
                }
                while (due > 0);
            }
            while (await timer.WaitForNextTickAsync(stopping));
        }
        catch (Exception e) when (stopping.IsCancellationRequested && e is OperationCanceledException or LoopStoppedException)
        {
            // What was decided and not submitted is on disk.
            log.SchedulesStopped();
        }
    }

    /// <summary>Submits the job of a schedule now, whatever runs of it.</summary>
    /// <param name="requestId">As the caller chose it; may be empty.</param>
    /// <exception cref="RpcException">The job is refused, or the schedule is gone.</exception>
    public async Task<V1.SubmitReply> RunNowAsync(Schedule schedule, string requestId, CancellationToken cancellation)
    {
        var submission = await ReadAsync(schedule, cancellation) ?? throw Refusals.NotFound($"there is no schedule '{schedule.Name}'");
        var request = new V1.SubmitRequest
        {
            Job = submission.Job,
            RequestId = requestId.Length == 0 ? "" : FormattableString.Invariant($"{OwnRequests.Prefix}run:{schedule.Id}:{requestId}"),
        };
        var reply = await submissions.SubmitAsync(request, Submitter.Of(submission, SubmittedBy.Schedule), cancellation);
        await book.NoteByHandAsync(schedule, time.GetUtcNow(), new JobId(reply.Job), CancellationToken.None);
        return reply;
    }

    private async Task SubmitAsync(IReadOnlyList<PlannedRun> planned, CancellationToken stopping)
    {
        if (planned.Count == 0)
        {
            return;
        }

        CrashPoints.Hit(CrashPoint.ScheduleDecided);
        var done = new ConcurrentBag<(PlannedRun, JobId?, string)>();
        await Parallel.ForEachAsync(
            planned,
            new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = stopping },
            async (run, cancellation) => done.Add(await SubmitAsync(run, cancellation)));
        CrashPoints.Hit(CrashPoint.ScheduleSubmitted);
        await book.NoteAsync(done, CancellationToken.None);
    }

    private async Task<(PlannedRun, JobId?, string)> SubmitAsync(PlannedRun run, CancellationToken cancellation)
    {
        try
        {
            if (await ReadAsync(run.Schedule, cancellation) is not { } submission)
            {
                return (run, null, "the schedule was removed");
            }

            if (run.Verdict.Cancel.Count > 0)
            {
                var by = $"schedule {run.Schedule.Name}";
                await loop.AskAsync(
                    (state, now) => run.Verdict.Cancel.Sum(job => state.Cancel(job, [], now, by: by) ?? 0),
                    cancellation);
            }

            submission.Job.After.Add(run.Verdict.After.Select(job => new V1.JobDependency { Job = job.Value, AnyOutcome = true }));
            var reply = await submissions.SubmitAsync(
                new V1.SubmitRequest { Job = submission.Job, RequestId = run.RequestId }, Submitter.Of(submission, SubmittedBy.Schedule), cancellation);
            log.ScheduleRan(run.Schedule.Name, run.At, reply.Job);
            return (run, new JobId(reply.Job), "");
        }
        catch (RpcException e) when (e.StatusCode is not StatusCode.Unavailable)
        {
            var reason = e.Status.Detail.ReplaceLineEndings(" ");
            reason = reason.Length > LongestReason ? reason[..LongestReason] : reason;
            log.ScheduleRefused(run.Schedule.Name, run.At, reason);
            return (run, null, $"refused: {reason}");
        }
        catch (Exception e) when (!cancellation.IsCancellationRequested && !BackgroundParts.EndsServer(e) && e is not RpcException)
        {
            // Of this time only: all schedules would wait behind it for ever.
            log.ScheduleFailed(e, run.Schedule.Name, run.At);
            return (run, null, $"a bug was met ({e.GetType().Name}): the server's log says more");
        }
    }

    private async Task<V1.Submission?> ReadAsync(Schedule schedule, CancellationToken cancellation) =>
        await book.ReadDocumentAsync(schedule, cancellation) is { } document ? V1.Submission.Parser.ParseFrom(document) : null;
}

internal static partial class ScheduleLog
{
    [LoggerMessage(LogEvents.ScheduleFailed, LogLevel.Error, "Schedule '{Schedule}' made no job for {At:u}: a bug was met")]
    public static partial void ScheduleFailed(this ILogger log, Exception bug, string schedule, DateTimeOffset at);

    [LoggerMessage(LogEvents.ScheduleRan, LogLevel.Debug, "Schedule '{Schedule}' made job {Job} for {At:u}")]
    public static partial void ScheduleRan(this ILogger log, string schedule, DateTimeOffset at, long job);

    [LoggerMessage(LogEvents.ScheduleRefused, LogLevel.Warning, "Schedule '{Schedule}' made no job for {At:u}: {Reason}")]
    public static partial void ScheduleRefused(this ILogger log, string schedule, DateTimeOffset at, string reason);

    [LoggerMessage(LogEvents.ScheduleWithoutTimes, LogLevel.Warning, "Schedule '{Schedule}' makes no jobs: {Reason}")]
    public static partial void ScheduleWithoutTimes(this ILogger log, string schedule, string reason);

    [LoggerMessage(LogEvents.SchedulesStopped, LogLevel.Debug, "Schedules stop: what is decided is kept")]
    public static partial void SchedulesStopped(this ILogger log);
}
