using Artel.Core;
using Artel.Protocol.V1;

namespace Artel.Server.Schedules;

/// <summary>A schedule as it is kept, without its job. Immutable.</summary>
/// <param name="Id">Never used twice: a schedule that is made again under its name is another one.</param>
/// <param name="User">Who made it, and whose its jobs are.</param>
internal sealed record Schedule(
    long Id, string Name, string Cron, string Zone, Overlap Overlap, Missed Missed, string User, string JobName, int TaskCount, DateTimeOffset Created)
{
    public required Timetable Times { get; init; }

    public bool Paused { get; init; }

    /// <summary>All times up to here are decided.</summary>
    public required DateTimeOffset Decided { get; init; }

    /// <summary>The first time that is not decided; null where there is none.</summary>
    public DateTimeOffset? Next { get; private init; }

    public Schedule DecidedUpTo(DateTimeOffset time) => this with { Decided = time, Next = Times.After(time) };
}

/// <summary>What a time of a schedule led to.</summary>
/// <param name="Job">Null: none, or none yet.</param>
/// <param name="State">Of the job; Running while it has not ended.</param>
/// <param name="Reason">Why there is none; empty: there will be one.</param>
internal sealed record ScheduleRun(DateTimeOffset At, JobId? Job, Core.JobState? State, string Reason, bool ByHand, bool Missed);

/// <summary>A job that was decided on, and is to be submitted.</summary>
/// <param name="Run">Id of its <see cref="ScheduleRun"/>.</param>
/// <param name="Verdict">One that makes a job.</param>
internal sealed record PlannedRun(long Run, Schedule Schedule, DateTimeOffset At, OverlapVerdict Verdict)
{
    /// <summary>The same for the same time, so that a server that was killed over it makes no second job.</summary>
    public string RequestId => FormattableString.Invariant($"{OwnRequests.Prefix}schedule:{Schedule.Id}:{At.ToUnixTimeSeconds()}");
}
