using Artel.Core;
using Microsoft.Data.Sqlite;

namespace Artel.Server.Storage;

/// <summary>How a job lies in its row.</summary>
internal static class JobRow
{
    /// <summary>What <see cref="Read"/> reads, in its order, before anything else of the row.</summary>
    public const string Columns =
        "job, name, user, priority, state, held, submitted, started, ended, total, succeeded, failed, cancelled, skipped, tags";

    public const int ColumnCount = 15;

    public static StoredJob Read(SqliteDataReader row, ReadOnlyMemory<byte> document) => new(
        new JobId(row.GetInt64(0)),
        row.GetString(1),
        row.GetString(2),
        row.GetInt32(3),
        (JobState)row.GetInt32(4),
        row.GetInt32(5) != 0,
        document,
        StoredTime.ToTime(row.GetInt64(6)),
        row.IsDBNull(7) ? null : StoredTime.ToTime(row.GetInt64(7)),
        row.IsDBNull(8) ? null : StoredTime.ToTime(row.GetInt64(8)),
        row.IsDBNull(9)
            ? default
            : new TaskCounts(
                row.GetInt32(9), 0, 0, 0, 0, row.GetInt32(10), row.GetInt32(11), row.GetInt32(12), row.GetInt32(13)))
    {
        Tags = row.IsDBNull(14) ? [] : [.. row.GetString(14).Split(' ')],
    };
}
