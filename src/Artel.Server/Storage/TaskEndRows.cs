using Artel.Core;
using Microsoft.Data.Sqlite;

namespace Artel.Server.Storage;

/// <summary>
/// The rows of tasks that ended without an attempt. Scattered tasks that ended together share rows: what a command on
/// many tasks costs follows from its size in ranges, and not a row each. Writing is used as <see cref="ChangeWriter"/>
/// is.
/// </summary>
internal sealed class TaskEndRows(SqliteConnection connection) : IDisposable
{
    private readonly Statement _insert = new(
        connection,
        "INSERT INTO task_ends(job, first, last, state, reason, ended, tasks, count) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)");

    private readonly Statement _delete = new(
        connection, "DELETE FROM task_ends WHERE job = ?1 AND first BETWEEN ?2 AND ?3");

    private readonly Statement _deleteWithin = new(
        connection, "DELETE FROM task_ends WHERE job = ?1 AND first >= ?2 AND last <= ?3");

    public void Write(TasksEnded ended) =>
        Write(ended.Job, ended.Tasks, (int)ended.State, ended.Reason, ended.At.ToMicroseconds());

    /// <summary>
    /// What ended these tasks no longer counts as their end. Others that share rows with them stay ended.
    /// </summary>
    public void Remove(JobId job, TaskSet tasks)
    {
        if (tasks.RangeCount == 1)
        {
            _deleteWithin.Set(1, job.Value).Set(2, tasks.First).Set(3, tasks.Last).Run();
        }

        var touched = connection.Query(
            "SELECT first, last, tasks, state, reason, ended FROM task_ends WHERE job = $job AND first <= $last AND last >= $first",
            row => (Tasks: ReadTasks(row), State: row.GetInt32(3), Reason: row.GetString(4), Ended: row.GetInt64(5)),
            ("$job", job.Value),
            ("$first", tasks.First),
            ("$last", tasks.Last));
        foreach (var row in touched)
        {
            var rest = row.Tasks.Without(tasks);
            if (rest.Count == row.Tasks.Count)
            {
                continue;
            }

            _delete.Set(1, job.Value).Set(2, row.Tasks.First).Set(3, row.Tasks.First).Run();
            if (!rest.IsEmpty)
            {
                Write(job, rest, row.State, row.Reason, row.Ended);
            }
        }
    }

    /// <summary>The tasks of a row whose first columns are first, last and tasks.</summary>
    public static TaskSet ReadTasks(SqliteDataReader row) =>
        TaskSetBlob.Read(
            new TaskRange(row.GetInt32(0), row.GetInt32(1)), row.IsDBNull(2) ? null : row.GetFieldValue<byte[]>(2));

    public void Dispose()
    {
        _insert.Dispose();
        _delete.Dispose();
        _deleteWithin.Dispose();
    }

    private void Write(JobId job, TaskSet tasks, int state, string reason, long ended)
    {
        foreach (var (some, blob) in TaskSetBlob.Rows(tasks))
        {
            _insert.Set(1, job.Value).Set(2, some.First).Set(3, some.Last).Set(4, state).Set(5, reason).Set(6, ended)
                .SetUnlessEmpty(7, blob).SetUnlessZero(8, blob is null ? 0 : some.Count).Run();
        }
    }
}
