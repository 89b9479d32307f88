using Artel.Server.Storage;
using Microsoft.Data.Sqlite;

namespace Artel.Server.Accounting;

/// <summary>What rows of usage are grouped by. Numbers as in the protocol.</summary>
internal enum UsageKey
{
    User = 1,
    Tag = 2,
    Node = 3,
    Day = 4,
}

/// <param name="First">The first UTC day, counted from 1970.</param>
/// <param name="Last">The last one.</param>
/// <param name="User">Only of this user; empty: of all.</param>
/// <param name="Limit">Most rows.</param>
internal sealed record UsageQuery(UsageKey By, long First, long Last, string User, int Limit);

/// <param name="Key">The user, tag or node; empty where tasks have no tag. Of a day it is empty.</param>
/// <param name="Day">Of a row by day.</param>
internal sealed record UsageRow(string Key, long Day, UsageSum Sum);

/// <param name="Rows">By day in order of day, otherwise the largest first.</param>
/// <param name="RowCount">How many there are, those beyond the limit included.</param>
/// <param name="Total">Of all attempts, each counted once.</param>
internal sealed record UsageAnswer(IReadOnlyList<UsageRow> Rows, int RowCount, UsageSum Total);

/// <summary>Reads the sums that <see cref="UsageRows"/> keeps.</summary>
internal static class UsageTable
{
    private const string Sums = """
        coalesce(sum(tasks), 0), coalesce(sum(attempts), 0), coalesce(sum(failures), 0), coalesce(sum(losses), 0), coalesce(sum(held), 0.0),
        coalesce(sum(cpu), 0.0), coalesce(sum(gpu), 0.0), coalesce(sum(memory), 0.0), coalesce(sum(used), 0.0)
        """;

    private const string Within = "day BETWEEN $first AND $last AND ($user = '' OR user = $user)";

    public static UsageAnswer Read(SqliteConnection connection, UsageQuery query)
    {
        var (table, column, order) = query.By switch
        {
            UsageKey.User => ("usage_nodes", "user", "sum(cpu) DESC, sum(held) DESC, user"),
            UsageKey.Node => ("usage_nodes", "node", "sum(cpu) DESC, sum(held) DESC, node"),
            UsageKey.Tag => ("usage_tags", "tag", "sum(cpu) DESC, sum(held) DESC, tag"),
            _ => ("usage_nodes", "day", "day"),
        };
        (string, object)[] parameters = [("$first", query.First), ("$last", query.Last), ("$user", query.User)];
        var isByDay = query.By == UsageKey.Day;
        var rows = connection.Query(
            $"SELECT {Sums}, {column} FROM {table} WHERE {Within} GROUP BY {column} ORDER BY {order} LIMIT $limit",
            row => new UsageRow(isByDay ? "" : row.GetString(9), isByDay ? row.GetInt64(9) : 0, ReadSum(row)),
            [.. parameters, ("$limit", query.Limit)]);
        var count = connection.Query($"SELECT count(DISTINCT {column}) FROM {table} WHERE {Within}", row => row.GetInt32(0), parameters).Single();
        var total = connection.Query($"SELECT {Sums} FROM usage_nodes WHERE {Within}", ReadSum, parameters).Single();
        return new UsageAnswer(rows, count, total);
    }

    private static UsageSum ReadSum(SqliteDataReader row) => new()
    {
        Tasks = row.GetInt64(0),
        Attempts = row.GetInt64(1),
        Failures = row.GetInt64(2),
        Losses = row.GetInt64(3),
        HeldSeconds = row.GetDouble(4),
        CpuSeconds = row.GetDouble(5),
        GpuSeconds = row.GetDouble(6),
        MemoryByteSeconds = row.GetDouble(7),
        UsedCpuSeconds = row.GetDouble(8),
    };
}
