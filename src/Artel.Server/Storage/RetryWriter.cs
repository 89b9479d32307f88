using Artel.Core;
using Microsoft.Data.Sqlite;

namespace Artel.Server.Storage;

/// <summary>
/// Writes that ended tasks are to run again: what ended them no longer counts as their end, whichever way they ended, and their
/// retries are restored. All earlier attempts stay, and their numbering goes on.
/// </summary>
internal sealed class RetryWriter : IDisposable
{
    // Each works on the tasks ?2 to ?3 of job ?1.
    private static readonly string[] Steps =
    [
        // Of ranges that reach over an edge of what is retried, the parts outside stay ended. The right part comes first, as it is
        // copied from a row that the left part shortens or the deletion takes away.
        """
        INSERT INTO task_ends(job, first, last, state, reason, ended)
        SELECT job, ?3 + 1, last, state, reason, ended FROM task_ends WHERE job = ?1 AND first <= ?3 AND last > ?3 AND last >= ?2
        """,
        "UPDATE task_ends SET last = ?2 - 1 WHERE job = ?1 AND first < ?2 AND last >= ?2 AND first <= ?3",
        "DELETE FROM task_ends WHERE job = ?1 AND first BETWEEN ?2 AND ?3",
        "UPDATE attempts SET superseded = 1 WHERE job = ?1 AND task BETWEEN ?2 AND ?3 AND next >= 5 AND superseded IS NULL",
        // A task that succeeded at once has no history yet. It needs one from now on, for the number of its next attempt.
        """
        INSERT INTO histories(job, task, attempts, failures, losses)
        SELECT job, task, max(attempt), 0, '' FROM attempts WHERE job = ?1 AND task BETWEEN ?2 AND ?3 GROUP BY task
        ON CONFLICT DO NOTHING
        """,
        "UPDATE histories SET failures = 0, losses = '', not_before = NULL, failed_on = NULL, not_started_on = NULL WHERE job = ?1 AND task BETWEEN ?2 AND ?3",
    ];

    private readonly Statement[] _steps;

    public RetryWriter(SqliteConnection connection) => _steps = [.. Steps.Select(sql => new Statement(connection, sql))];

    public void Write(TasksRetried retried)
    {
        foreach (var step in _steps)
        {
            step.Set(1, retried.Job.Value).Set(2, retried.Tasks.First).Set(3, retried.Tasks.Last).Run();
        }
    }

    public void Dispose()
    {
        foreach (var step in _steps)
        {
            step.Dispose();
        }
    }
}
