using Artel.Server.Storage;
using Microsoft.Data.Sqlite;

namespace Artel.Server.Audit;

/// <summary>Appends rows on the one connection that writes. For one thread at a time, as that connection is.</summary>
internal sealed class AuditWriter : IDisposable
{
    private Statement? _insert;

    /// <returns>The position of the row.</returns>
    public long Append(SqliteConnection connection, AuditRow row)
    {
        _insert ??= new Statement(
            connection,
            """
            INSERT INTO audit(at, of, call, user, token, address, subject, outcome, detail, left_out)
            VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
            """);
        _insert.Set(1, row.At.ToMicroseconds());
        if (row.Call is { } call)
        {
            // Who did what to what stands in the row that this one completes.
            _insert.Set(2, call.Position);
        }
        else
        {
            _insert.Set(3, row.Entry.Call)
                .SetUnlessEmpty(4, row.Entry.User)
                .SetUnlessEmpty(5, row.Entry.Token)
                .SetUnlessEmpty(6, row.Entry.Address)
                .SetUnlessEmpty(7, row.Entry.Subject);
        }

        _insert.SetUnlessEmpty(8, row.Outcome ?? "")
            .SetUnlessEmpty(9, AuditEntry.Clean(row.Detail))
            .SetUnlessZero(10, row.LeftOut)
            .Run();
        return SQLitePCL.raw.sqlite3_last_insert_rowid(connection.Handle!);
    }

    public void Dispose() => _insert?.Dispose();
}
