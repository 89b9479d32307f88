using Artel.Core;
using Artel.Server.Storage;
using Microsoft.Data.Sqlite;

namespace Artel.Server.Endings;

internal enum EndingKind
{
    Command = 1,
    Webhook = 2,
}

/// <summary>Something that has to follow the end of a job. Written in the transaction of that end; there until it is done.</summary>
/// <param name="Id">Never used twice.</param>
/// <param name="Counts">Of the job at that end, as is the state.</param>
/// <param name="Tries">Calls that failed.</param>
internal sealed record Ending(long Id, JobId Job, JobState State, DateTimeOffset Ended, TaskCounts Counts, int Tries);

/// <summary>Endings in the tables of migration 5. Safe from any thread.</summary>
internal sealed class EndingRows(Database database)
{
    /// <summary>Those of one kind, and of one host where it is a webhook, that came after another one, in their order.</summary>
    public Task<List<Ending>> ListAsync(EndingKind kind, string? host, long after, int limit, CancellationToken cancellation) => database.ReadAsync(
        connection => connection.Query(
            """
            SELECT ending, job, state, ended, total, succeeded, failed, cancelled, skipped, tries FROM endings
            WHERE kind = $kind AND host IS $host AND ending > $after ORDER BY ending LIMIT $limit
            """,
            Read,
            ("$kind", (int)kind), ("$host", (object?)host ?? DBNull.Value), ("$after", after), ("$limit", limit)),
        cancellation);

    /// <summary>Hosts that calls wait for, with how many.</summary>
    public Task<List<(string Host, long Count)>> CountByHostAsync(CancellationToken cancellation) => database.ReadAsync(
        connection => connection.Query(
            "SELECT host, count(*) FROM endings WHERE kind = $kind GROUP BY host", row => (row.GetString(0), row.GetInt64(1)), ("$kind", (int)EndingKind.Webhook)),
        cancellation);

    public Task NoteTryAsync(Ending ending, CancellationToken cancellation) => database.WriteAsync(
        connection => connection.Execute("UPDATE endings SET tries = tries + 1 WHERE ending = $ending", ("$ending", ending.Id)), cancellation);

    /// <summary>They are done, or given up.</summary>
    public Task RemoveAsync(IReadOnlyCollection<Ending> done, CancellationToken cancellation) => database.WriteAsync(
        connection => done.Sum(ending => connection.Execute("DELETE FROM endings WHERE ending = $ending", ("$ending", ending.Id))), cancellation);

    private static Ending Read(SqliteDataReader row) => new(
        row.GetInt64(0), new JobId(row.GetInt64(1)), (JobState)row.GetInt32(2), StoredTime.ToTime(row.GetInt64(3)),
        new TaskCounts(row.GetInt32(4), 0, 0, 0, 0, row.GetInt32(5), row.GetInt32(6), row.GetInt32(7), row.GetInt32(8)), row.GetInt32(9));
}
