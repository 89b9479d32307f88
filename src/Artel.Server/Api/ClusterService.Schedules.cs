using System.Globalization;
using Artel.Protocol.Maps;
using Artel.Server.People;
using Artel.Server.Schedules;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using V1 = Artel.Protocol.V1;

namespace Artel.Server.Api;

/// <summary>Schedules.</summary>
internal sealed partial class ClusterService
{
    private const int TimesShown = 5;
    private const int MaxRunRequestId = 64;

    public override async Task<V1.Schedule> AddSchedule(V1.AddScheduleRequest request, ServerCallContext context)
    {
        var job = request.Job ?? throw Refusals.Invalid("the schedule has no job");
        CheckSchedule(request);
        var by = Submitter.Of(context.Principal());
        submissions.Check(job);
        admission.CheckPriority(job, by);
        var times = Timetable.Parse(request.Cron, request.TimeZone, out var problem) ?? throw Refusals.Invalid(problem);
        var now = time.GetUtcNow();
        if (times.After(now) is null)
        {
            throw Refusals.Invalid($"'{request.Cron}' never comes: there is no such time");
        }

        job.Name = job.Name.Length == 0 ? request.Name : job.Name;
        var user = by.User;
        var schedule = new Schedule(
            0, request.Name, request.Cron, request.TimeZone.Length == 0 ? "UTC" : request.TimeZone,
            request.Overlap == V1.Overlap.Unspecified ? V1.Overlap.Skip : request.Overlap,
            request.Missed == V1.Missed.Unspecified ? V1.Missed.Run : request.Missed, user, job.Name, JobLayout.Of(job).TaskCount, now)
        {
            Times = times,
            Decided = now,
        };
        var document = new V1.Submission { Job = job, User = user, FromAdmin = by.IsAdmin }.ToByteArray();
        if (!by.IsAdmin)
        {
            // Its jobs are checked again, each when it comes: this is for who could not know it otherwise.
            await loop.AskAsync((state, _) => { Admission.CheckLimits(state, job); return true; }, context.CancellationToken);
        }

        return await schedules.AddAsync(schedule, document, present => admission.CheckSchedules(user, present), context.CancellationToken) switch
        {
            AddOutcome.NameTaken => throw new RpcException(new Status(
                StatusCode.AlreadyExists, $"there is a schedule '{request.Name}' already: choose another name, or 'artel schedule rm {request.Name}' first")),
            AddOutcome.TooMany => throw new RpcException(new Status(
                StatusCode.ResourceExhausted, string.Create(CultureInfo.InvariantCulture, $"there are {ScheduleBook.MostSchedules} schedules, and no more are kept: remove some first"))),
            _ => await WriteAsync(Known(request.Name), View(context), context.CancellationToken),
        };
    }

    public override async Task<V1.ListSchedulesReply> ListSchedules(V1.ListSchedulesRequest request, ServerCallContext context)
    {
        var reply = new V1.ListSchedulesReply();
        var last = await schedules.ReadLastRunsAsync(context.CancellationToken);
        var view = View(context);
        reply.Schedules.AddRange(schedules.All.Select(s => Write(s, view, 1, last.TryGetValue(s.Id, out var run) ? [run] : [])));
        return reply;
    }

    public override Task<V1.Schedule> GetSchedule(V1.ScheduleName request, ServerCallContext context) =>
        WriteAsync(Known(request.Name), View(context), context.CancellationToken);

    public override Task<V1.Schedule> PauseSchedule(V1.ScheduleName request, ServerCallContext context) => SetPausedAsync(request, true, context);

    public override Task<V1.Schedule> ResumeSchedule(V1.ScheduleName request, ServerCallContext context) => SetPausedAsync(request, false, context);

    public override Task<V1.SubmitReply> RunSchedule(V1.RunScheduleRequest request, ServerCallContext context)
    {
        if (request.RequestId.Length > MaxRunRequestId)
        {
            throw Refusals.Invalid($"the request_id of a run by hand has at most {MaxRunRequestId} characters");
        }

        return keeper.RunNowAsync(Own(request.Name, context), request.RequestId, context.CancellationToken);
    }

    public override async Task<V1.RemoveScheduleReply> RemoveSchedule(V1.ScheduleName request, ServerCallContext context)
    {
        var schedule = Own(request.Name, context);
        return await schedules.RemoveAsync(schedule, context.CancellationToken) ? new V1.RemoveScheduleReply() : throw NoSchedule(request.Name);
    }

    private async Task<V1.Schedule> SetPausedAsync(V1.ScheduleName request, bool paused, ServerCallContext context)
    {
        var schedule = Own(request.Name, context);
        if (!await schedules.SetPausedAsync(schedule, paused, time.GetUtcNow(), context.CancellationToken))
        {
            throw NoSchedule(request.Name);
        }

        return await WriteAsync(Known(request.Name), View(context), context.CancellationToken);
    }

    private static void CheckSchedule(V1.AddScheduleRequest request)
    {
        if (!NodeIds.IsValid(request.Name))
        {
            throw Refusals.Invalid($"'{request.Name}' is no name of a schedule: it is 1 to 64 letters, digits, '-', '_' or '.', and begins with none of '-' and '.'");
        }

        if (!System.Enum.IsDefined(request.Overlap))
        {
            throw Refusals.Invalid("unknown overlap: one of skip, after, allow, replace");
        }

        if (!System.Enum.IsDefined(request.Missed))
        {
            throw Refusals.Invalid("unknown missed: one of run, skip");
        }

        var job = request.Job;
        if (job.StartAt is not null || job.Deadline is not null || job.After.Count > 0)
        {
            var what = job.StartAt is not null ? "start_at" : job.Deadline is not null ? "deadline" : "after";
            throw Refusals.Invalid(
                $"the job of a schedule has no {what}: that means one moment or one job, and this one comes again and again. "
                + "Its cron says when it starts, a timeout how long a task may take, --overlap what it waits for");
        }
    }

    private Schedule Known(string name) => schedules.Find(name) ?? throw NoSchedule(name);

    /// <summary>One that the caller may change.</summary>
    private Schedule Own(string name, ServerCallContext context)
    {
        var schedule = Known(name);
        Ownership.Require(context.Principal(), schedule.User, $"schedule '{name}'");
        return schedule;
    }

    private async Task<V1.Schedule> WriteAsync(Schedule schedule, Viewpoint view, CancellationToken cancellation) =>
        Write(schedule, view, TimesShown, await schedules.ReadRunsAsync(schedule, ScheduleRows.KeptRuns, cancellation));

    /// <param name="next">How many times to tell.</param>
    private V1.Schedule Write(Schedule schedule, Viewpoint view, int next, IEnumerable<ScheduleRun> runs)
    {
        // A refusal may quote what is in the job.
        var hidden = !view.Of(schedule.User).ShowsInside;
        var written = new V1.Schedule
        {
            Hidden = hidden,
            Name = schedule.Name,
            Cron = schedule.Cron,
            TimeZone = schedule.Zone,
            Overlap = schedule.Overlap,
            Missed = schedule.Missed,
            User = schedule.User,
            Paused = schedule.Paused,
            Created = schedule.Created.ToTimestamp(),
            JobName = schedule.JobName,
            TaskCount = schedule.TaskCount,
            Problem = schedule.Times.Problem,
        };
        written.Next.AddRange(schedule.Paused ? [] : schedule.Times.Next(time.GetUtcNow(), next).Select(t => t.ToTimestamp()));
        written.Runs.AddRange(runs.Select(r => new V1.ScheduledRun
        {
            At = r.At.ToTimestamp(),
            Job = r.Job?.Value ?? 0,
            Reason = hidden ? "" : r.Reason,
            ByHand = r.ByHand,
            Missed = r.Missed,
            State = (V1.JobState)(r.State ?? 0),
        }));
        return written;
    }

    private static RpcException NoSchedule(string name) => Refusals.NotFound($"there is no schedule '{name}': 'artel schedule ls' lists them");
}
