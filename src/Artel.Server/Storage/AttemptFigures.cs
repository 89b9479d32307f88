using System.Globalization;
using Artel.Core;
using Microsoft.Data.Sqlite;

namespace Artel.Server.Storage;

/// <summary>What is counted over, and looked for among, the ended attempts of a job.</summary>
internal static class AttemptFigures
{
    private const int NamedTasks = 5;

    /// <param name="limit">Most groups to give; all are counted.</param>
    public static FailureList GroupFailures(SqliteConnection connection, JobId job, int limit)
    {
        var failed = (int)TaskState.Failed;
        var groups = connection.Query(
            """
            SELECT outcome, coalesce(exit_status, 0), coalesce(signal, 0), count(*), min(position) FROM attempts
            WHERE job = $job AND next > 5 AND next = $failed AND superseded IS NULL
            GROUP BY 1, 2, 3 ORDER BY 4 DESC, 5
            """,
            row => (Outcome: row.GetInt32(0), Status: row.GetInt32(1), Signal: row.GetInt32(2), Count: row.GetInt32(3), First: row.GetInt64(4)),
            ("$job", job.Value),
            ("$failed", failed));
        List<StoredFailures> shown =
        [
            .. groups.Take(limit).Select(g => new StoredFailures(
                g.Count,
                connection.Query(
                    $"SELECT {AttemptRow.Columns} FROM attempts WHERE job = $job AND position = $position",
                    AttemptRow.Read,
                    ("$job", job.Value),
                    ("$position", g.First)).Single(),
                connection.Query(
                    """
                    SELECT task FROM attempts
                    WHERE job = $job AND next > 5 AND next = $failed AND superseded IS NULL
                      AND outcome = $outcome AND coalesce(exit_status, 0) = $status AND coalesce(signal, 0) = $signal
                    ORDER BY task LIMIT $limit
                    """,
                    row => row.GetInt32(0),
                    ("$job", job.Value),
                    ("$failed", failed),
                    ("$outcome", g.Outcome),
                    ("$status", g.Status),
                    ("$signal", g.Signal),
                    ("$limit", NamedTasks)))),
        ];
        return new FailureList(shown, groups.Count, groups.Sum(g => g.Count));
    }

    public static List<TaskRange> FindEnded(SqliteConnection connection, JobId job, IReadOnlyCollection<TaskState> states, int after, int limit)
    {
        var numbers = string.Join(", ", states.Select(s => ((int)s).ToString(CultureInfo.InvariantCulture)));
        return connection.Query(
            $"""
            SELECT task AS first, task AS last FROM attempts
            WHERE job = $job AND next > 5 AND next IN ({numbers}) AND superseded IS NULL AND task > $after
            UNION ALL
            SELECT max(first, $after + 1), last FROM task_ends WHERE job = $job AND state IN ({numbers}) AND last > $after
            ORDER BY 1 LIMIT $limit
            """,
            row => new TaskRange(row.GetInt32(0), row.GetInt32(1)),
            ("$job", job.Value),
            ("$after", after),
            ("$limit", limit));
    }

    public static void Measure(SqliteConnection connection, JobId job, Action<MeasuredAttempt> each, CancellationToken cancellation)
    {
        // Few names among many rows: each is made once.
        var nodes = new Dictionary<string, string>(StringComparer.Ordinal);
        connection.ForEach(
            """
            SELECT task, attempt, node, outcome, started, ended, coalesce(wall, 0), coalesce(user, 0) + coalesce(system, 0), coalesce(peak_memory, 0)
            FROM attempts WHERE job = $job
            """,
            row =>
            {
                cancellation.ThrowIfCancellationRequested();
                var node = row.GetString(2);
                if (!nodes.TryGetValue(node, out var known))
                {
                    nodes[node] = known = node;
                }

                each(new MeasuredAttempt(
                    row.GetInt32(0),
                    row.GetInt32(1),
                    known,
                    (AttemptOutcome)row.GetInt32(3),
                    row.IsDBNull(4) ? null : StoredTime.ToTime(row.GetInt64(4)),
                    StoredTime.ToTime(row.GetInt64(5)),
                    StoredTime.ToDuration(row.GetInt64(6)),
                    StoredTime.ToDuration(row.GetInt64(7)),
                    row.GetInt64(8)));
            },
            ("$job", job.Value));
    }
}
