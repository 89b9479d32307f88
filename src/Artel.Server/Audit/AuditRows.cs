using Artel.Server.Storage;
using Microsoft.Data.Sqlite;

namespace Artel.Server.Audit;

/// <summary>Reads the table of the audit log, and drops its oldest rows.</summary>
internal static class AuditRows
{
    /// <summary>
    /// How far rows may stand out of the order of their times: they are appended in the order in which they are written, a moment
    /// after their time.
    /// </summary>
    private static readonly TimeSpan Disorder = TimeSpan.FromMinutes(1);

    /// <summary>
    /// Drops the oldest rows: the only way in which any go. The last one stays, so that its position is not given to another.
    /// </summary>
    /// <param name="most">How many at once.</param>
    /// <returns>How many went.</returns>
    public static int DropBefore(SqliteConnection connection, long first, int most)
    {
        var (oldest, last) = connection.Query(
            "SELECT coalesce(min(position), 0), coalesce(max(position), 0) FROM audit", row => (row.GetInt64(0), row.GetInt64(1))).Single();
        var end = Math.Min(Math.Min(first, last), oldest + most);
        if (end <= oldest)
        {
            return 0;
        }

        connection.Execute("UPDATE audit_first SET first = $first WHERE first < $first", ("$first", end));
        return connection.Execute("DELETE FROM audit WHERE position < $first", ("$first", end));
    }

    /// <summary>The first position with a row of that time or later, found by bisection, since positions grow with time.</summary>
    public static long FirstSince(SqliteConnection connection, DateTimeOffset since)
    {
        var (low, high) = connection.Query(
            "SELECT coalesce(min(position), 1), coalesce(max(position), 0) + 1 FROM audit", row => (row.GetInt64(0), row.GetInt64(1))).Single();
        var wanted = since.ToMicroseconds();
        while (low < high)
        {
            var middle = low + ((high - low) / 2);
            var (position, at) = connection.Query(
                "SELECT position, at FROM audit WHERE position >= $middle ORDER BY position LIMIT 1",
                row => (row.GetInt64(0), row.GetInt64(1)),
                ("$middle", middle)).Single();
            (low, high) = at < wanted ? (position + 1, high) : (low, middle);
        }

        return low;
    }

    /// <summary>Records that match, the newest first.</summary>
    public static List<AuditRecord> Read(SqliteConnection connection, AuditQuery query) => connection.Query(
        """
        SELECT a.position, a.at, a.call, coalesce(a.user, ''), coalesce(a.token, ''), coalesce(a.address, ''), coalesce(a.subject, ''),
               coalesce(o.outcome, a.outcome, 'unknown') AS came, coalesce(o.detail, a.detail, ''), coalesce(a.left_out, 0)
        FROM audit a LEFT JOIN audit o ON o.of = a.position
        WHERE a.of IS NULL AND a.position < $before AND a.position >= $first AND a.at >= $since AND a.at < $until
          AND ($user = '' OR a.user = $user) AND ($call = '' OR a.call = $call COLLATE NOCASE)
          AND ($outcome = '' OR came = $outcome OR ($outcome = 'failed' AND came NOT IN ('ok', 'unknown')))
        ORDER BY a.position DESC LIMIT $limit
        """,
        row => new AuditRecord(
            row.GetInt64(0), StoredTime.ToTime(row.GetInt64(1)), row.GetString(2), row.GetString(3), row.GetString(4), row.GetString(5), row.GetString(6),
            row.GetString(7), row.GetString(8), row.GetInt64(9)),
        ("$before", query.Before), ("$first", FirstSince(connection, query.Since - Disorder)), ("$since", query.Since.ToMicroseconds()),
        ("$until", query.Until.ToMicroseconds()), ("$user", query.User), ("$call", query.Call), ("$outcome", query.Outcome), ("$limit", query.Limit));
}

/// <param name="Before">Only positions before this one.</param>
/// <param name="User">Empty: anybody.</param>
/// <param name="Call">Empty: any.</param>
/// <param name="Outcome">A word of <see cref="AuditOutcome"/>, or <c>failed</c> for all but <c>ok</c> and <c>unknown</c>; empty: any.</param>
internal sealed record AuditQuery(long Before, DateTimeOffset Since, DateTimeOffset Until, string User, string Call, string Outcome, int Limit);

/// <summary>A call with its outcome, or something else that was recorded.</summary>
/// <param name="LeftOut">How many refusals were not recorded one by one.</param>
internal sealed record AuditRecord(
    long Position, DateTimeOffset At, string Call, string User, string Token, string Address, string Subject, string Outcome, string Detail, long LeftOut);
