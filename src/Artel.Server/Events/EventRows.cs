using Artel.Core;
using Artel.Server.Storage;
using Microsoft.Data.Sqlite;

namespace Artel.Server.Events;

/// <summary>Writes events beside the changes that they tell of, in the same transaction, and drops the oldest. Used as <see cref="ChangeWriter"/> is.</summary>
internal sealed class EventRows : IDisposable
{
    /// <summary>So many are kept, and up to <see cref="Slack"/> more.</summary>
    public const int Kept = 1_000_000;
    private const int Slack = 10_000;

    private readonly Statement _insert;
    private readonly Statement _drop;
    private readonly TimeProvider _time;
    private long _last;
    private long _dropped;

    public EventRows(SqliteConnection connection, TimeProvider time)
    {
        _time = time;
        _insert = new Statement(connection, "INSERT INTO events(position, at, kind, job, tasks, node, detail) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)");
        _drop = new Statement(connection, "DELETE FROM events WHERE position <= ?1");
        _last = connection.Query("SELECT coalesce(max(position), 0) FROM events", row => row.GetInt64(0)).Single();
        _dropped = _last - Kept;
    }

    public void Write(IReadOnlyList<Change> batch)
    {
        foreach (var told in EventTeller.Tell(batch, _last + 1, _time.GetUtcNow()))
        {
            _insert.Set(1, told.Position).Set(2, told.At.ToMicroseconds()).Set(3, (int)told.Kind).SetUnlessZero(4, told.Job)
                .SetUnlessEmpty(5, told.Tasks).SetUnlessEmpty(6, told.Node).SetUnlessEmpty(7, told.Detail).Run();
            _last = told.Position;
        }

        if (_last - Kept >= _dropped + Slack)
        {
            _dropped = _last - Kept;
            _drop.Set(1, _dropped).Run();
        }
    }

    /// <summary>Events after a position, in order, each with the user of its job.</summary>
    /// <param name="job">Only of this job; 0: of all.</param>
    public static List<(ClusterEvent Event, string User)> Read(SqliteConnection connection, long after, long job, int limit) => connection.Query(
        $"""
        SELECT position, at, kind, coalesce(e.job, 0), coalesce(tasks, ''), coalesce(node, ''), coalesce(detail, ''), coalesce(user, '')
        FROM events e LEFT JOIN jobs ON jobs.job = e.job
        WHERE position > $after {(job == 0 ? "" : "AND e.job = $job AND e.job IS NOT NULL")} ORDER BY position LIMIT $limit
        """,
        row => (
            new ClusterEvent(
                row.GetInt64(0), StoredTime.ToTime(row.GetInt64(1)), (EventKind)row.GetInt32(2), row.GetInt64(3), row.GetString(4), row.GetString(5),
                row.GetString(6)),
            row.GetString(7)),
        ("$after", after),
        ("$job", job),
        ("$limit", limit));

    /// <summary>The position before the last <paramref name="count"/> events.</summary>
    public static long PositionBefore(SqliteConnection connection, long job, long count) => connection.Query(
        $"""
        SELECT coalesce(min(position), 1) - 1 FROM
          (SELECT position FROM events {(job == 0 ? "" : "WHERE job = $job AND job IS NOT NULL")} ORDER BY position DESC LIMIT $count)
        """,
        row => row.GetInt64(0),
        ("$job", job),
        ("$count", count)).Single();

    /// <summary>First and last position that is kept; 0 and 0 where there are none.</summary>
    public static (long First, long Last) Bounds(SqliteConnection connection) => connection.Query(
        "SELECT coalesce(min(position), 0), coalesce(max(position), 0) FROM events",
        row => (row.GetInt64(0), row.GetInt64(1))).Single();

    public void Dispose()
    {
        _insert.Dispose();
        _drop.Dispose();
    }
}
