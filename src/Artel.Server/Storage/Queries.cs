using Microsoft.Data.Sqlite;

namespace Artel.Server.Storage;

/// <summary>Queries on a connection, read row by row.</summary>
internal static class Queries
{
    public static List<T> Query<T>(
        this SqliteConnection connection, string sql, Func<SqliteDataReader, T> read, params ReadOnlySpan<(string Name, object Value)> parameters)
    {
        var rows = new List<T>();
        connection.ForEach(sql, row => rows.Add(read(row)), parameters);
        return rows;
    }

    public static void ForEach(
        this SqliteConnection connection, string sql, Action<SqliteDataReader> read, params ReadOnlySpan<(string Name, object Value)> parameters)
    {
        using var command = connection.Command(sql, parameters);
        using var row = command.ExecuteReader();
        while (row.Read())
        {
            read(row);
        }
    }

    /// <param name="read">False: no further row is wanted.</param>
    public static void ForEachUntil(
        this SqliteConnection connection, string sql, Func<SqliteDataReader, bool> read, params ReadOnlySpan<(string Name, object Value)> parameters)
    {
        using var command = connection.Command(sql, parameters);
        using var row = command.ExecuteReader();
        while (row.Read() && read(row))
        {
        }
    }

    /// <summary>Runs a statement. Gives the number of rows it changed.</summary>
    public static int Execute(this SqliteConnection connection, string sql, params ReadOnlySpan<(string Name, object Value)> parameters)
    {
        using var command = connection.Command(sql, parameters);
        return command.ExecuteNonQuery();
    }

    /// <summary>A number of the table meta; 0 where it was never set.</summary>
    public static long ReadMeta(this SqliteConnection connection, string key) =>
        connection.Query("SELECT value FROM meta WHERE key = $key", row => row.GetInt64(0), ("$key", key)).SingleOrDefault();

    private static SqliteCommand Command(this SqliteConnection connection, string sql, ReadOnlySpan<(string Name, object Value)> parameters)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        foreach (var (name, value) in parameters)
        {
            command.Parameters.AddWithValue(name, value);
        }

        return command;
    }
}
