using Artel.Cli.Output;
using Artel.Protocol.V1;

namespace Artel.Cli.Json;

/// <param name="Job">Null: none was made, and <paramref name="Reason"/> says why.</param>
/// <param name="State">Of the job; <c>running</c> while it has not ended.</param>
internal sealed record ScheduledRunJson(DateTimeOffset? At, long? Job, string? State, string? Reason, bool ByHand, bool Missed)
{
    public static ScheduledRunJson Of(ScheduledRun run) => new(
        run.At?.ToDateTimeOffset(),
        run.Job == 0 ? null : run.Job,
        run.State == JobState.Unspecified ? null : StateWords.Of(run.State),
        run.Reason.Length == 0 ? null : run.Reason,
        run.ByHand,
        run.Missed);
}

/// <param name="Next">The next five times; in lists the next one.</param>
/// <param name="Runs">The last one first; in lists only that.</param>
/// <param name="Problem">Why it makes no jobs; null: it does.</param>
/// <param name="Hidden">It is another's: reasons of its runs are left out.</param>
internal sealed record ScheduleJson(
    string Name,
    string Cron,
    string TimeZone,
    string Overlap,
    string Missed,
    string User,
    bool Paused,
    DateTimeOffset? Created,
    string JobName,
    int Tasks,
    IReadOnlyList<DateTimeOffset> Next,
    IReadOnlyList<ScheduledRunJson> Runs,
    string? Problem,
    bool Hidden)
{
    public static ScheduleJson Of(Schedule s) => new(
        s.Name,
        s.Cron,
        s.TimeZone,
        ScheduleWords.Of(s.Overlap),
        ScheduleWords.Of(s.Missed),
        s.User,
        s.Paused,
        s.Created?.ToDateTimeOffset(),
        s.JobName,
        s.TaskCount,
        [.. s.Next.Select(t => t.ToDateTimeOffset())],
        [.. s.Runs.Select(ScheduledRunJson.Of)],
        s.Problem.Length == 0 ? null : s.Problem,
        s.Hidden);
}

internal sealed record ScheduleListJson(IReadOnlyList<ScheduleJson> Schedules);

internal sealed record RemovedScheduleJson(string Removed);
