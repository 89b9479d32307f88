using Artel.Core;
using Artel.Protocol.V1;
using Artel.Server.Storage;
using Microsoft.Data.Sqlite;

namespace Artel.Server.Schedules;

/// <summary>Schedules in the tables of migration 5.</summary>
internal static class ScheduleRows
{
    /// <summary>What is kept of the times that are over, for each schedule. Jobs that have not ended come on top.</summary>
    public const int KeptRuns = 20;

    private const string RunColumns =
        "at, schedule_runs.job, state, reason, by_hand, missed, schedule FROM schedule_runs LEFT JOIN jobs ON jobs.job = schedule_runs.job";

    public static List<Schedule> ReadAll(SqliteConnection connection) => connection.Query(
        "SELECT schedule, name, cron, zone, overlap, missed, user, job_name, task_count, created, paused, decided FROM schedules",
        row => new Schedule(
            row.GetInt64(0), row.GetString(1), row.GetString(2), row.GetString(3), (Overlap)row.GetInt32(4), (Missed)row.GetInt32(5), row.GetString(6),
            row.GetString(7), row.GetInt32(8), StoredTime.ToTime(row.GetInt64(9)))
        {
            Times = Timetable.Parse(row.GetString(2), row.GetString(3), out var problem) ?? Timetable.Never(problem),
            Paused = row.GetInt32(10) != 0,
            Decided = StoredTime.ToTime(row.GetInt64(11)),
        });

    /// <returns>The id it gets.</returns>
    public static long Insert(SqliteConnection connection, Schedule schedule, byte[] document)
    {
        var id = connection.Query(
            """
            INSERT INTO schedules(name, cron, zone, overlap, missed, user, job_name, task_count, created, paused, decided)
            VALUES($name, $cron, $zone, $overlap, $missed, $user, $job, $tasks, $created, 0, $decided) RETURNING schedule
            """,
            row => row.GetInt64(0),
            ("$name", schedule.Name), ("$cron", schedule.Cron), ("$zone", schedule.Zone), ("$overlap", (int)schedule.Overlap),
            ("$missed", (int)schedule.Missed), ("$user", schedule.User), ("$job", schedule.JobName), ("$tasks", schedule.TaskCount),
            ("$created", schedule.Created.ToMicroseconds()), ("$decided", schedule.Decided.ToMicroseconds())).Single();
        connection.Execute("INSERT INTO schedule_documents(schedule, document) VALUES($id, $document)", ("$id", id), ("$document", document));
        return id;
    }

    public static int Update(SqliteConnection connection, Schedule schedule) => connection.Execute(
        "UPDATE schedules SET paused = $paused, decided = $decided WHERE schedule = $id",
        ("$paused", schedule.Paused ? 1 : 0), ("$decided", schedule.Decided.ToMicroseconds()), ("$id", schedule.Id));

    public static int Delete(SqliteConnection connection, long schedule)
    {
        connection.Execute("DELETE FROM schedule_runs WHERE schedule = $id", ("$id", schedule));
        connection.Execute("DELETE FROM schedule_documents WHERE schedule = $id", ("$id", schedule));
        return connection.Execute("DELETE FROM schedules WHERE schedule = $id", ("$id", schedule));
    }

    public static byte[]? ReadDocument(SqliteConnection connection, long schedule) => connection.Query(
        "SELECT document FROM schedule_documents WHERE schedule = $id", row => row.GetFieldValue<byte[]>(0), ("$id", schedule)).SingleOrDefault();

    /// <param name="reason">Why no job is made; null: one will be.</param>
    /// <returns>The id it gets.</returns>
    public static long InsertRun(SqliteConnection connection, long schedule, DateTimeOffset at, bool missed, string? reason) => connection.Query(
        "INSERT INTO schedule_runs(schedule, at, by_hand, missed, reason) VALUES($schedule, $at, 0, $missed, $reason) RETURNING run",
        row => row.GetInt64(0),
        ("$schedule", schedule), ("$at", at.ToMicroseconds()), ("$missed", missed ? 1 : 0), ("$reason", (object?)reason ?? DBNull.Value)).Single();

    /// <summary>Notes a run by hand, once.</summary>
    public static int InsertRunByHand(SqliteConnection connection, long schedule, DateTimeOffset at, JobId job) => connection.Execute(
        """
        INSERT INTO schedule_runs(schedule, at, by_hand, missed, job) SELECT schedule, $at, 1, 0, $job FROM schedules
        WHERE schedule = $schedule AND NOT EXISTS (SELECT 1 FROM schedule_runs WHERE schedule = $schedule AND job = $job)
        """,
        ("$schedule", schedule), ("$at", at.ToMicroseconds()), ("$job", job.Value));

    public static int SetJob(SqliteConnection connection, long run, JobId job) => connection.Execute(
        "UPDATE schedule_runs SET job = $job WHERE run = $run", ("$job", job.Value), ("$run", run));

    public static int SetReason(SqliteConnection connection, long run, string reason) => connection.Execute(
        "UPDATE schedule_runs SET reason = $reason WHERE run = $run", ("$reason", reason), ("$run", run));

    /// <summary>Runs that were decided on and have no job yet, as far as anybody noted.</summary>
    public static List<(long Run, long Schedule, DateTimeOffset At)> ReadPlanned(SqliteConnection connection) => connection.Query(
        "SELECT run, schedule, at FROM schedule_runs WHERE job IS NULL AND reason IS NULL ORDER BY run",
        row => (row.GetInt64(0), row.GetInt64(1), StoredTime.ToTime(row.GetInt64(2))));

    /// <summary>Jobs of a schedule that have not ended, oldest first.</summary>
    public static List<JobId> ReadUnfinished(SqliteConnection connection, long schedule) => connection.Query(
        $"SELECT DISTINCT job FROM schedule_runs JOIN jobs USING(job) WHERE schedule = $schedule AND state = {(int)Core.JobState.Running} ORDER BY job",
        row => new JobId(row.GetInt64(0)),
        ("$schedule", schedule));

    /// <summary>The last runs, the last one first.</summary>
    public static List<ScheduleRun> ReadRuns(SqliteConnection connection, long schedule, int limit) => connection.Query(
        $"SELECT {RunColumns} WHERE schedule = $schedule ORDER BY run DESC LIMIT $limit", ReadRun, ("$schedule", schedule), ("$limit", limit));

    /// <summary>Of each schedule that has run, the last run.</summary>
    public static List<(long Schedule, ScheduleRun Run)> ReadLastRuns(SqliteConnection connection) => connection.Query(
        $"SELECT {RunColumns} WHERE run IN (SELECT max(run) FROM schedule_runs GROUP BY schedule)", row => (row.GetInt64(6), ReadRun(row)));

    private static ScheduleRun ReadRun(SqliteDataReader row) => new(
        StoredTime.ToTime(row.GetInt64(0)), row.IsDBNull(1) ? null : new JobId(row.GetInt64(1)), row.IsDBNull(2) ? null : (Core.JobState)row.GetInt32(2),
        row.IsDBNull(3) ? "" : row.GetString(3), row.GetInt32(4) != 0, row.GetInt32(5) != 0);

    /// <summary>Forgets what is neither of the last runs nor unfinished.</summary>
    public static int Prune(SqliteConnection connection, long schedule) => connection.Execute(
        $"""
        DELETE FROM schedule_runs WHERE schedule = $schedule
          AND run <= (SELECT run FROM schedule_runs WHERE schedule = $schedule ORDER BY run DESC LIMIT 1 OFFSET {KeptRuns})
          AND (job IS NOT NULL OR reason IS NOT NULL)
          AND NOT EXISTS (SELECT 1 FROM jobs WHERE jobs.job = schedule_runs.job AND state = {(int)Core.JobState.Running})
        """,
        ("$schedule", schedule));
}
