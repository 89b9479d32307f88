using System.Buffers;
using System.Text;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Artel.Server.Storage;

/// <summary>
/// A statement that is prepared once and run very often. It stands directly on SQLite's own calls: a row of the size of an attempt
/// takes about a quarter of the time it takes through SqliteCommand, which looks up every parameter by name at every run.
/// Parameters count from 1; one that is not set is NULL. For one thread at a time, as its connection is.
/// </summary>
internal sealed class Statement : IDisposable
{
    // SQLITE_PREPARE_PERSISTENT: it will be kept for long.
    private const uint Persistent = 0x01;

    private readonly sqlite3 _database;
    private readonly sqlite3_stmt _statement;

    public Statement(SqliteConnection connection, string sql)
    {
        _database = connection.Handle!;
        Check(raw.sqlite3_prepare_v3(_database, sql, Persistent, out _statement));
    }

    public Statement Set(int parameter, long value)
    {
        Check(raw.sqlite3_bind_int64(_statement, parameter, value));
        return this;
    }

    public Statement Set(int parameter, double value)
    {
        Check(raw.sqlite3_bind_double(_statement, parameter, value));
        return this;
    }

    /// <summary>Leaves out a zero: the column is NULL then, which takes no room in the row.</summary>
    public Statement SetUnlessZero(int parameter, long value) => value == 0 ? this : Set(parameter, value);

    public Statement Set(int parameter, long? value) => value is { } some ? Set(parameter, some) : this;

    public Statement Set(int parameter, string text)
    {
        var room = Encoding.UTF8.GetMaxByteCount(text.Length);
        var rented = room > 512 ? ArrayPool<byte>.Shared.Rent(room) : null;
        // An empty span has no address, which SQLite would take for NULL: one byte stands behind it in any case.
        Span<byte> buffer = rented ?? stackalloc byte[513];
        var length = Encoding.UTF8.GetBytes(text, buffer);
        var result = raw.sqlite3_bind_text(_statement, parameter, buffer[..length]);
        if (rented is not null)
        {
            ArrayPool<byte>.Shared.Return(rented);
        }

        Check(result);
        return this;
    }

    public Statement SetUnlessEmpty(int parameter, string text) => text.Length == 0 ? this : Set(parameter, text);

    public Statement SetUnlessEmpty(int parameter, ReadOnlySpan<byte> bytes)
    {
        if (!bytes.IsEmpty)
        {
            Check(raw.sqlite3_bind_blob(_statement, parameter, bytes));
        }

        return this;
    }

    /// <summary>Runs it to its end, for what it changes, and makes it ready for the next time.</summary>
    public void Run()
    {
        int result;
        do
        {
            result = raw.sqlite3_step(_statement);
        }
        while (result == raw.SQLITE_ROW);

        // The message belongs to the failed step, so the exception is made before reset can change it.
        try
        {
            if (result != raw.SQLITE_DONE)
            {
                Check(result);
            }
        }
        finally
        {
            // Gives the step's result again, which was looked at already.
            _ = raw.sqlite3_reset(_statement);
            _ = raw.sqlite3_clear_bindings(_statement);
        }
    }

    public void Dispose() => _statement.Dispose();

    private void Check(int result)
    {
        if (result != raw.SQLITE_OK)
        {
            SqliteException.ThrowExceptionForRC(result, _database);
        }
    }
}
