using Artel.Core;
using Microsoft.Data.Sqlite;

namespace Artel.Server.Storage;

/// <summary>Which attempts of a job fall into a time.</summary>
/// <param name="From">Only those that ended then or later.</param>
/// <param name="To">Only those that started before; one without a start counts as started when it ended.</param>
/// <param name="OldestFirst">Else those that ended last come first.</param>
/// <param name="LongestOnly">Where there are more than the limit: those that did not simply succeed first, then those that took longest.</param>
internal sealed record AttemptWindow(DateTimeOffset? From, DateTimeOffset? To, int Limit, bool OldestFirst, bool LongestOnly);

/// <summary>When an ended attempt ran, and how it ended.</summary>
internal readonly record struct TimedAttempt(
    TaskId Task, int Attempt, NodeId Node, AttemptOutcome Outcome, int ExitStatus, int Signal,
    DateTimeOffset? Started, DateTimeOffset Ended, TimeSpan Wall = default)
{
    /// <summary>
    /// When its process ended, by the clock of its node, as <see cref="Started"/> is. <see cref="Ended"/> is when the
    /// server wrote that down, which is later: by then the next one runs in its place.
    /// </summary>
    public DateTimeOffset Finished => Started is { } started && Wall > TimeSpan.Zero ? started + Wall : Ended;
}

/// <param name="Count">How many fall into the time, of which these may be a part.</param>
/// <param name="IsAll">False where not all attempts could be looked at.</param>
internal sealed record TimedAttempts(IReadOnlyList<TimedAttempt> Attempts, int Count, bool IsAll);

/// <summary>
/// Ended attempts by their times. No index has times: each would cost every task a row more to write. Within a job rows stand in order of their end, which
/// is as good for where to begin; of a node there is nothing but the list of jobs that it worked for. So what a question looks at is bounded.
/// </summary>
internal static class AttemptTimes
{
    /// <summary>Rows that one question about a job looks at, the newest ones: some 0.3 s.</summary>
    public const int MostRows = 2_000_000;

    /// <summary>The same about a node, over all jobs.</summary>
    public const int MostRowsOfNode = 200_000;

    /// <summary>Of ended jobs, only the newest ones are asked whether the node worked for them.</summary>
    public const int RecentJobs = 10_000;

    /// <summary>Jobs that one question about a node looks into: those that ended last, after those that have not.</summary>
    public const int MostJobsOfNode = 200;

    private const string InTime = "(coalesce(started, ended) < $to AND ended >= $from)";
    private const string Columns = "job, task, attempt, node, outcome, coalesce(exit_status, 0), coalesce(signal, 0), started, ended, coalesce(wall, 0)";

    public static TimedAttempts OfJob(SqliteConnection connection, JobId job, AttemptWindow window)
    {
        ReadOnlySpan<(string, object)> inTime =
        [
            ("$job", job.Value), ("$first", FirstInTime(connection, job, window.From)), ("$from", From(window)), ("$to", To(window)),
        ];

        // Counted first, so that most questions need no sorting. An index has all attempts of a job, and is small beside them; but it has no times.
        var (count, rows, oldest) = (CountAll(connection, job), 0, 0L);
        if (window is not { From: null, To: null } || count > MostRows)
        {
            (count, rows, oldest) = connection.Query(
                $"""
                SELECT coalesce(sum({InTime}), 0), count(*), coalesce(min(position), 0)
                FROM (SELECT position, started, ended FROM attempts WHERE job = $job AND position >= $first ORDER BY position DESC LIMIT {MostRows})
                """,
                row => (row.GetInt32(0), row.GetInt32(1), row.GetInt64(2)),
                inTime)[0];
        }

        var order = window.LongestOnly && count > window.Limit
            ? "outcome = 1 AND attempt = 1, ended - coalesce(started, ended) DESC"
            : window.OldestFirst ? "position" : "position DESC";
        var found = connection.Query(
            $"SELECT {Columns}, position FROM attempts WHERE job = $job AND position >= $oldest AND {InTime} ORDER BY {order} LIMIT $limit",
            row => (Attempt: Read(row), Position: row.GetInt64(10)),
            [.. inTime, ("$oldest", oldest), ("$limit", window.Limit)]);
        found.Sort((a, b) => window.OldestFirst ? a.Position.CompareTo(b.Position) : b.Position.CompareTo(a.Position));
        return new TimedAttempts([.. found.Select(f => f.Attempt)], count, IsAll: rows < MostRows);
    }

    /// <summary>The last attempts that ended on a node within a time.</summary>
    public static TimedAttempts OfNode(SqliteConnection connection, NodeId node, AttemptWindow window)
    {
        var old = connection.ReadMeta("last_job") - RecentJobs;
        var jobs = connection.Query(
            """
            SELECT job, ended FROM jobs JOIN job_nodes USING(job)
            WHERE node = $node AND (state = $running OR job > $old) AND submitted < $to AND (ended IS NULL OR ended >= $from)
            ORDER BY ended IS NOT NULL, ended DESC LIMIT $limit
            """,
            row => (Job: row.GetInt64(0), Ended: row.IsDBNull(1) ? long.MaxValue : row.GetInt64(1)),
            ("$node", node.Value), ("$running", (int)JobState.Running), ("$old", old), ("$from", From(window)), ("$to", To(window)), ("$limit", MostJobsOfNode + 1));
        var found = new List<TimedAttempt>();
        var rows = MostRowsOfNode;
        foreach (var (job, ended) in jobs.Take(MostJobsOfNode))
        {
            // Nothing of this job, and so of those after it, can be among the last ones.
            if (rows == 0 || (found.Count > window.Limit && ended < found[window.Limit].Ended.ToMicroseconds()))
            {
                break;
            }

            rows = AddLast(connection, job, node, window, rows, found);
            found = [.. found.OrderByDescending(a => a.Ended).Take(window.Limit + 1)];
        }

        var isAll = old <= 0 && jobs.Count <= MostJobsOfNode && rows > 0 && found.Count <= window.Limit;
        var attempts = found.Take(window.Limit);
        return new TimedAttempts([.. window.OldestFirst ? attempts.Reverse() : attempts], Math.Min(found.Count, window.Limit), isAll);
    }

    /// <returns>How many rows may still be looked at.</returns>
    private static int AddLast(SqliteConnection connection, long job, NodeId node, AttemptWindow window, int rows, List<TimedAttempt> found)
    {
        var wanted = window.Limit + 1;
        connection.ForEachUntil(
            $"SELECT {Columns}, node = $node AND {InTime} FROM attempts WHERE job = $job ORDER BY position DESC",
            row =>
            {
                if (row.GetBoolean(10))
                {
                    found.Add(Read(row));
                    wanted--;
                }

                return --rows > 0 && wanted > 0;
            },
            ("$job", job), ("$node", node.Value), ("$from", From(window)), ("$to", To(window)));
        return rows;
    }

    private static int CountAll(SqliteConnection connection, JobId job) => connection.Query(
        "SELECT count(*) FROM attempts INDEXED BY attempts_by_task WHERE job = $job", row => row.GetInt32(0), ("$job", job.Value))[0];

    /// <summary>The position from which on rows ended at a time or later, by halving: ends rise with positions, but for what a clock that was set back has done.</summary>
    private static long FirstInTime(SqliteConnection connection, JobId job, DateTimeOffset? from)
    {
        var ends = connection.Query(
            "SELECT coalesce(min(position), 0), coalesce(max(position), 0) FROM attempts WHERE job = $job", row => (First: row.GetInt64(0), Last: row.GetInt64(1)), ("$job", job.Value))[0];
        if (from is not { } time || ends.Last == 0)
        {
            return ends.First;
        }

        var (low, high) = (ends.First, ends.Last + 1);
        while (low < high)
        {
            var middle = low + ((high - low) / 2);
            var row = connection.Query(
                "SELECT position, ended FROM attempts WHERE job = $job AND position >= $position ORDER BY position LIMIT 1",
                r => (Position: r.GetInt64(0), Ended: r.GetInt64(1)), ("$job", job.Value), ("$position", middle))[0];
            (low, high) = row.Ended >= time.ToMicroseconds() ? (low, middle) : (row.Position + 1, high);
        }

        return low;
    }

    private static long From(AttemptWindow window) => window.From?.ToMicroseconds() ?? long.MinValue;

    private static long To(AttemptWindow window) => window.To?.ToMicroseconds() ?? long.MaxValue;

    private static TimedAttempt Read(SqliteDataReader row) => new(
        new TaskId(new JobId(row.GetInt64(0)), row.GetInt32(1)), row.GetInt32(2), new NodeId(row.GetString(3)), (AttemptOutcome)row.GetInt32(4),
        row.GetInt32(5), row.GetInt32(6), row.IsDBNull(7) ? null : StoredTime.ToTime(row.GetInt64(7)), StoredTime.ToTime(row.GetInt64(8)),
        StoredTime.ToDuration(row.GetInt64(9)));
}
