using System.Collections.Concurrent;
using System.Globalization;
using Artel.Server.Storage.Migrations;
using Microsoft.Data.Sqlite;

namespace Artel.Server.Storage;

/// <summary>
/// The SQLite file of a data folder. It has one connection that writes, used by one transaction at a time, and a few that read
/// beside it and see committed transactions only (WAL). Any thread may call.
/// </summary>
/// <remarks>
/// Disk I/O blocks, and there is no asynchronous way into SQLite: whoever calls gives his thread for it. To hand the work to another thread
/// would block that one instead, after two changes of threads.
///
/// The first failed write is the last one: every later one fails with the same message. After a failed fsync nobody can say what
/// the disk holds, so the only safe way on is to open the folder again. What was committed before is there then.
/// </remarks>
internal sealed class Database : IAsyncDisposable
{
    // "Arte": tells this file from other programs'.
    private const int ApplicationId = 0x41727465;
    private const int PageBytes = 8192;
    private const int Readers = 4;
    private const int BusyMilliseconds = 10_000;

    /// <summary>A file up to this size is looked through at every start: about 1 ms per megabyte.</summary>
    private const long CheckedBytes = 256 << 20;

    private readonly SqliteConnection _writer;
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly Statement _begin;
    private readonly Statement _commit;
    private readonly Statement _rollback;
    private readonly SemaphoreSlim _reading = new(Readers, Readers);
    private readonly ConcurrentBag<SqliteConnection> _readers = [];
    private volatile StoreException? _failure;
    private int _disposed;

    private Database(DataFolder folder, SqliteConnection writer)
    {
        Folder = folder;
        _writer = writer;
        _begin = new Statement(writer, "BEGIN IMMEDIATE");
        _commit = new Statement(writer, "COMMIT");
        _rollback = new Statement(writer, "ROLLBACK");
    }

    public DataFolder Folder { get; }

    /// <summary>Writes that wait for the next transaction and are committed with it.</summary>
    public Riders Riders { get; } = new();

    /// <summary>Opens the database of a folder, makes it where it is missing, and brings its schema up to date.</summary>
    /// <param name="folder">Must outlive the database.</param>
    /// <exception cref="StoreException">It can not be opened: message for people.</exception>
    /// <param name="reserve">Bytes of the disk that are kept free: the log may take a part of them.</param>
    public static Task<Database> OpenAsync(DataFolder folder, CancellationToken cancellation, long reserve = long.MaxValue) =>
        Task.Run(() => Open(folder, reserve), cancellation);

    /// <summary>Runs work as one transaction. Returns when it is on disk.</summary>
    /// <param name="work">Gets the connection that writes; it must not keep it, and must not take long.</param>
    /// <exception cref="StoreException">Nothing of it counts as stored, and nothing will be stored any more.</exception>
    /// <exception cref="DataRefusedException">A constraint refused it: nothing of it is stored, and everyone else goes on.</exception>
    public Task<T> WriteAsync<T>(Func<SqliteConnection, T> work, CancellationToken cancellation) =>
        UseWriterAsync(connection => Transact(connection, work), cancellation);

    private async Task<T> UseWriterAsync<T>(Func<SqliteConnection, T> work, CancellationToken cancellation)
    {
        await _writing.WaitAsync(cancellation);
        try
        {
            return UseWriter(work);
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <summary>Moves the log into the database file: what stands there can not be lost with the log.</summary>
    /// <exception cref="StoreException">It can not be done; nothing will be stored any more.</exception>
    public Task CheckpointAsync(CancellationToken cancellation) => UseWriterAsync(
        connection =>
        {
            Execute(connection, "PRAGMA wal_checkpoint(TRUNCATE)");
            return true;
        },
        cancellation);

    /// <summary>For who has nothing to write, but must not go on where nothing could be written.</summary>
    /// <exception cref="StoreException">A write has failed.</exception>
    public void ThrowIfFailed()
    {
        if (_failure is not null)
        {
            throw new StoreException(_failure.Message, _failure);
        }
    }

    /// <summary>Runs queries that see one and the same state of the database.</summary>
    /// <exception cref="StoreException">It can not be read.</exception>
    public async Task<T> ReadAsync<T>(Func<SqliteConnection, T> query, CancellationToken cancellation)
    {
        await _reading.WaitAsync(cancellation);
        try
        {
            return Query(query);
        }
        finally
        {
            _reading.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        await _writing.WaitAsync();
        for (var i = 0; i < Readers; i++)
        {
            await _reading.WaitAsync();
        }

        foreach (var reader in _readers)
        {
            reader.Dispose();
        }

        _begin.Dispose();
        _commit.Dispose();
        _rollback.Dispose();
        // Last of all connections: it moves the log into the database file.
        _writer.Dispose();
        _writing.Dispose();
        _reading.Dispose();
    }

    private T UseWriter<T>(Func<SqliteConnection, T> work)
    {
        ThrowIfFailed();
        try
        {
            return work(_writer);
        }
        catch (SqliteException e) when (StoreFailure.IsOfData(e))
        {
            // The disk is sound: the transaction was rolled back, and is its caller's alone.
            throw new DataRefusedException(e);
        }
        catch (SqliteException e)
        {
            throw Fail(e);
        }
    }

    /// <summary>Notes that nothing may be written any more.</summary>
    /// <returns>Why, for whoever writes.</returns>
    public StoreException Fail(SqliteException e) => _failure = StoreFailure.Of(Folder.Path, e);

    private T Transact<T>(SqliteConnection connection, Func<SqliteConnection, T> work)
    {
        _begin.Run();
        try
        {
            var riders = Riders.Board(connection);
            var result = work(connection);
            _commit.Run();
            Riders.Arrive(riders);
            return result;
        }
        catch
        {
            Rollback();
            throw;
        }
    }

    private void Rollback()
    {
        // SQLite rolls back by itself after some errors, a full disk among them.
        if (SQLitePCL.raw.sqlite3_get_autocommit(_writer.Handle!) == 0)
        {
            try
            {
                _rollback.Run();
            }
            catch (SqliteException)
            {
                // What is being thrown says why the transaction failed. Nothing more is written either way.
                return;
            }
        }
    }

    private T Query<T>(Func<SqliteConnection, T> query)
    {
        try
        {
            if (!_readers.TryTake(out var reader))
            {
                reader = Connect(Folder, SqliteOpenMode.ReadOnly);
            }

            try
            {
                using var snapshot = reader.BeginTransaction(deferred: true);
                return query(reader);
            }
            finally
            {
                _readers.Add(reader);
            }
        }
        catch (SqliteException e)
        {
            throw StoreFailure.Of(Folder.Path, e);
        }
    }

    private static Database Open(DataFolder folder, long reserve)
    {
        SqliteConnection? writer = null;
        try
        {
            // Made here so that it is 0600 from the start; the log and its index get the mode of the database.
            OwnerOnly.OpenFile(folder.DatabaseFile, FileShare.ReadWrite).Dispose();
            CrashPoints.Hit(CrashPoint.DatabaseMade);
            writer = Connect(folder, SqliteOpenMode.ReadWrite);
            RefuseForeign(folder, writer);
            // Pages of 8 KiB keep a row with all its inline output in one place. The log is moved into the database every 2048 pages
            // (16 MiB): often enough to stay small, seldom enough to cost little. Of a small reserve it takes a quarter at most.
            var pages = Math.Clamp(reserve / 4 / PageBytes, 32, 2048);
            Execute(writer, string.Create(CultureInfo.InvariantCulture, $"""
                PRAGMA page_size = {PageBytes};
                PRAGMA journal_mode = WAL;
                PRAGMA synchronous = FULL;
                PRAGMA foreign_keys = ON;
                PRAGMA wal_autocheckpoint = {pages};
                PRAGMA journal_size_limit = {4 * pages * PageBytes};
                PRAGMA cache_size = -32000;
                PRAGMA temp_store = MEMORY;
                """));
            Migrate(writer);
            RefuseDamaged(folder, writer);
            return new Database(folder, writer);
        }
        catch (Exception e)
        {
            writer?.Dispose();
            if (e is SqliteException or IOException or UnauthorizedAccessException)
            {
                throw StoreFailure.Of(folder.Path, e);
            }

            throw;
        }
    }

    private static SqliteConnection Connect(DataFolder folder, SqliteOpenMode mode)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = folder.DatabaseFile,
            Mode = mode,
            Pooling = false,
        }.ToString());
        connection.Open();
        // Only an operator's own tool on the file can hold it locked, and only for a moment.
        _ = SQLitePCL.raw.sqlite3_busy_timeout(connection.Handle!, BusyMilliseconds);
        return connection;
    }

    private static void RefuseForeign(DataFolder folder, SqliteConnection connection)
    {
        var version = Scalar(connection, "PRAGMA user_version");
        var owner = Scalar(connection, "PRAGMA application_id");
        if (owner != ApplicationId && (owner != 0 || Scalar(connection, "SELECT count(*) FROM sqlite_schema") > 0))
        {
            throw new StoreException($"{folder.DatabaseFile} is not a database of Artel: choose another folder with --data");
        }

        if (version > Migration.Latest)
        {
            throw new StoreException(
                $"the data in {folder.Path} was written by a newer Artel (schema {version}, this one knows {Migration.Latest}): update artel-server");
        }
    }

    /// <summary>
    /// Finds pages that are not what they should be, before anything is built on what they say. A larger file is not read for this: damage
    /// there ends the server when it is met.
    /// </summary>
    private static void RefuseDamaged(DataFolder folder, SqliteConnection connection)
    {
        if (new FileInfo(folder.DatabaseFile).Length > CheckedBytes)
        {
            return;
        }

        var found = connection.Query("PRAGMA quick_check(1)", row => row.GetString(0)).Single();
        if (found != "ok")
        {
            throw StoreFailure.Damaged(folder.Path, found.ReplaceLineEndings(" "));
        }
    }

    private static void Migrate(SqliteConnection connection)
    {
        var version = Scalar(connection, "PRAGMA user_version");
        foreach (var migration in Migration.All.Where(migration => migration.Version > version))
        {
            using var transaction = connection.BeginTransaction();
            Execute(connection, migration.Sql);
            Execute(connection, string.Create(
                CultureInfo.InvariantCulture,
                $"PRAGMA application_id = {ApplicationId}; PRAGMA user_version = {migration.Version};"));
            CrashPoints.Hit(CrashPoint.SchemaChanged);
            transaction.Commit();
        }
    }

    private static long Scalar(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return (long)command.ExecuteScalar()!;
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
