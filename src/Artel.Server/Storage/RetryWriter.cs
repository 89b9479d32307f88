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
        "UPDATE attempts SET superseded = 1 WHERE job = ?1 AND task BETWEEN ?2 AND ?3 AND next >= 5 AND superseded IS NULL",
        // A task that succeeded at once has no history yet. It needs one from now on, for the number of its next attempt.
        """
        INSERT INTO histories(job, task, attempts, failures, losses)
        SELECT job, task, max(attempt), 0, '' FROM attempts WHERE job = ?1 AND task BETWEEN ?2 AND ?3 GROUP BY task
        ON CONFLICT DO NOTHING
        """,
        "UPDATE histories SET failures = 0, losses = '', not_before = NULL, failed_on = NULL, not_started_on = NULL WHERE job = ?1 AND task BETWEEN ?2 AND ?3",
    ];

    private readonly SqliteConnection _connection;
    private readonly TaskEndRows _ends;
    private readonly Statement[] _steps;

    public RetryWriter(SqliteConnection connection, TaskEndRows ends) =>
        (_connection, _ends, _steps) = (connection, ends, [.. Steps.Select(sql => new Statement(connection, sql))]);

    public void Write(TasksRetried retried)
    {
        _ends.Remove(retried.Job, retried.Tasks);

        // For scattered tasks that never ran, as after a cancel of what had not started, nothing is left to do.
        if (retried.Tasks.RangeCount > 1 && !AnyAttempt(retried.Job, retried.Tasks.Span))
        {
            return;
        }

        foreach (var range in retried.Tasks.Ranges)
        {
            foreach (var step in _steps)
            {
                step.Set(1, retried.Job.Value).Set(2, range.First).Set(3, range.Last).Run();
            }
        }
    }

    private bool AnyAttempt(JobId job, TaskRange tasks) => _connection.Query(
        "SELECT 1 FROM attempts WHERE job = $job AND task BETWEEN $first AND $last LIMIT 1",
        row => row.GetInt32(0),
        ("$job", job.Value),
        ("$first", tasks.First),
        ("$last", tasks.Last)).Count > 0;

    public void Dispose()
    {
        foreach (var step in _steps)
        {
            step.Dispose();
        }
    }
}
