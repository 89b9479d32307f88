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
        // One pass for all groups: of many thousands of rows each costs a look-up, which is not to be paid once a group.
        var groups = new Dictionary<(int Outcome, int Status, int Signal), Group>();
        connection.ForEach(
            """
            SELECT outcome, coalesce(exit_status, 0), coalesce(signal, 0), position, task FROM attempts
            WHERE job = $job AND next > 5 AND next = $failed AND superseded IS NULL ORDER BY position
            """,
            row =>
            {
                var how = (row.GetInt32(0), row.GetInt32(1), row.GetInt32(2));
                if (!groups.TryGetValue(how, out var group))
                {
                    groups[how] = group = new Group(row.GetInt64(3));
                }

                group.Add(row.GetInt32(4));
            },
            ("$job", job.Value),
            ("$failed", (int)TaskState.Failed));
        var shown = groups.Values.OrderByDescending(g => g.Count).ThenBy(g => g.First).Take(limit)
            .Select(g => new StoredFailures(g.Count, ReadAt(connection, job, g.First), [.. g.Tasks])).ToList();
        return new FailureList(shown, groups.Count, groups.Values.Sum(g => g.Count));
    }

    public static List<TaskRange> FindEnded(SqliteConnection connection, JobId job, IReadOnlyCollection<TaskState> states, int after, int limit)
    {
        var numbers = string.Join(", ", states.Select(s => ((int)s).ToString(CultureInfo.InvariantCulture)));
        var found = connection.Query(
            $"""
            SELECT task FROM attempts
            WHERE job = $job AND next > 5 AND next IN ({numbers}) AND superseded IS NULL AND task > $after
            ORDER BY task LIMIT $limit
            """,
            row => new TaskRange(row.GetInt32(0), row.GetInt32(0)),
            ("$job", job.Value),
            ("$after", after),
            ("$limit", limit));

        // Rows of scattered tasks may reach into each other: a page is full when nothing that comes can belong to it.
        var last = int.MaxValue;
        connection.ForEachUntil(
            $"SELECT first, last, tasks FROM task_ends WHERE job = $job AND state IN ({numbers}) AND last > $after ORDER BY first",
            row =>
            {
                if (row.GetInt32(0) > last)
                {
                    return false;
                }

                found.AddRange(TaskEndRows.ReadTasks(row).Within(new TaskRange(after + 1, int.MaxValue)).Take(limit));
                if (found.Count >= limit)
                {
                    found = [.. found.OrderBy(range => range.First).Take(limit)];
                    last = found[^1].First;
                }

                return true;
            },
            ("$job", job.Value),
            ("$after", after));
        return [.. found.OrderBy(range => range.First).Take(limit)];
    }

    public static List<EndReason> GroupEndReasons(SqliteConnection connection, JobId job, int limit) => connection.Query(
        """
        SELECT state, reason, sum(tasks), min(first) FROM (
            SELECT state, reason, coalesce(count, last - first + 1) AS tasks, first FROM task_ends
            WHERE job = $job AND state IN ($cancelled, $skipped)
            UNION ALL
            SELECT next, coalesce(reason, ''), 1, task FROM attempts
            WHERE job = $job AND next > 5 AND next = $cancelled AND superseded IS NULL)
        GROUP BY state, reason ORDER BY 3 DESC, 4 LIMIT $limit
        """,
        row => new EndReason((TaskState)row.GetInt32(0), row.GetString(1), row.GetInt64(2), row.GetInt32(3)),
        ("$job", job.Value),
        ("$cancelled", (int)TaskState.Cancelled),
        ("$skipped", (int)TaskState.Skipped),
        ("$limit", limit));

    public static void FindUnsuccessful(
        SqliteConnection connection, JobId job, TaskRange tasks, bool many, Action<TaskRange, TaskState> each, CancellationToken cancellation)
    {
        // One index has all tasks and what became of them; the other has only those that did not succeed, and each costs a look at its row.
        var index = many ? "attempts_by_task" : "attempts_not_succeeded";
        connection.ForEach(
            $"""
            SELECT task, task, next FROM attempts INDEXED BY {index}
            WHERE job = $job AND next > 5 AND superseded IS NULL AND task BETWEEN $first AND $last
            """,
            row =>
            {
                cancellation.ThrowIfCancellationRequested();
                each(new TaskRange(row.GetInt32(0), row.GetInt32(1)), (TaskState)row.GetInt32(2));
            },
            ("$job", job.Value),
            ("$first", tasks.First),
            ("$last", tasks.Last));
        connection.ForEach(
            "SELECT first, last, tasks, state FROM task_ends WHERE job = $job AND first <= $last AND last >= $first AND state <> $succeeded",
            row =>
            {
                cancellation.ThrowIfCancellationRequested();
                foreach (var range in TaskEndRows.ReadTasks(row).Ranges.Where(r => r.First <= tasks.Last && r.Last >= tasks.First))
                {
                    each(range, (TaskState)row.GetInt32(3));
                }
            },
            ("$job", job.Value),
            ("$first", tasks.First),
            ("$last", tasks.Last),
            ("$succeeded", (int)TaskState.Succeeded));
    }

    public static void Measure(SqliteConnection connection, JobId job, long after, Action<MeasuredAttempt> each, CancellationToken cancellation)
    {
        // Few names among many rows: each is made once.
        var nodes = new Dictionary<string, string>(StringComparer.Ordinal);
        connection.ForEach(
            """
            SELECT position, task, attempt, node, outcome, started, ended, coalesce(wall, 0), coalesce(user, 0) + coalesce(system, 0), coalesce(peak_memory, 0)
            FROM attempts WHERE job = $job AND position > $after ORDER BY position
            """,
            row =>
            {
                cancellation.ThrowIfCancellationRequested();
                var node = row.GetString(3);
                if (!nodes.TryGetValue(node, out var known))
                {
                    nodes[node] = known = node;
                }

                each(new MeasuredAttempt(
                    row.GetInt64(0),
                    row.GetInt32(1),
                    row.GetInt32(2),
                    known,
                    (AttemptOutcome)row.GetInt32(4),
                    row.IsDBNull(5) ? null : StoredTime.ToTime(row.GetInt64(5)),
                    StoredTime.ToTime(row.GetInt64(6)),
                    StoredTime.ToDuration(row.GetInt64(7)),
                    StoredTime.ToDuration(row.GetInt64(8)),
                    row.GetInt64(9)));
            },
            ("$job", job.Value),
            ("$after", after));
    }

    private static StoredAttempt ReadAt(SqliteConnection connection, JobId job, long position) => connection.Query(
        $"SELECT {AttemptRow.Columns} FROM attempts WHERE job = $job AND position = $position",
        AttemptRow.Read,
        ("$job", job.Value),
        ("$position", position)).Single();

    /// <summary>Tasks that failed alike.</summary>
    /// <param name="first">Position of the one that failed first.</param>
    private sealed class Group(long first)
    {
        public long First { get; } = first;

        public int Count { get; private set; }

        /// <summary>The smallest numbers.</summary>
        public SortedSet<int> Tasks { get; } = [];

        public void Add(int task)
        {
            Count++;
            if (Tasks.Count < NamedTasks || task < Tasks.Max)
            {
                Tasks.Add(task);
                if (Tasks.Count > NamedTasks)
                {
                    Tasks.Remove(Tasks.Max);
                }
            }
        }
    }
}
