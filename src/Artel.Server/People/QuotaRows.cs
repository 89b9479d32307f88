using Artel.Server.Storage;
using Microsoft.Data.Sqlite;

namespace Artel.Server.People;

/// <summary>Quotas in their table. User '' is the default.</summary>
internal static class QuotaRows
{
    public static List<(string User, QuotaAmounts Set)> ReadAll(SqliteConnection connection) => connection.Query(
        "SELECT user, queued_tasks, running_tasks, stored_bytes, schedules, max_priority FROM quotas",
        row => (row.GetString(0), new QuotaAmounts(Amount(row, 1), Amount(row, 2), Amount(row, 3), Amount(row, 4), Amount(row, 5))));

    public static int Write(SqliteConnection connection, string user, QuotaAmounts set) => connection.Execute(
        """
        INSERT INTO quotas(user, queued_tasks, running_tasks, stored_bytes, schedules, max_priority)
        VALUES($user, $queued, $running, $bytes, $schedules, $priority)
        ON CONFLICT(user) DO UPDATE SET
          queued_tasks = excluded.queued_tasks, running_tasks = excluded.running_tasks, stored_bytes = excluded.stored_bytes,
          schedules = excluded.schedules, max_priority = excluded.max_priority
        """,
        ("$user", user), ("$queued", Value(set.QueuedTasks)), ("$running", Value(set.RunningTasks)), ("$bytes", Value(set.StoredBytes)),
        ("$schedules", Value(set.Schedules)), ("$priority", Value(set.MaxPriority)));

    public static int Delete(SqliteConnection connection, string user) => connection.Execute("DELETE FROM quotas WHERE user = $user", ("$user", user));

    private static long? Amount(SqliteDataReader row, int column) => row.IsDBNull(column) ? null : row.GetInt64(column);

    private static object Value(long? amount) => (object?)amount ?? DBNull.Value;
}
