using System.Collections.Immutable;
using System.Text.Json;
using Artel.Core;
using Artel.Server.Wire;
using Microsoft.Data.Sqlite;

namespace Artel.Server.Storage;

/// <summary>The one place that knows how a node lies in its row.</summary>
internal static class NodeRow
{
    // A node that is known keeps its draining.
    public const string Upsert = """
        INSERT INTO nodes(
          node, incarnation, kind, version, host, address, milli_cpus, memory, milli_gpus, counters, labels, condition, draining, last_seen, run_as)
        VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, 0, ?13, ?14)
        ON CONFLICT(node) DO UPDATE SET
          incarnation = excluded.incarnation, kind = excluded.kind, version = excluded.version, host = excluded.host,
          address = excluded.address, milli_cpus = excluded.milli_cpus, memory = excluded.memory, milli_gpus = excluded.milli_gpus,
          counters = excluded.counters, labels = excluded.labels, condition = excluded.condition, last_seen = excluded.last_seen,
          run_as = excluded.run_as
        """;

    public const string SelectAll = """
        SELECT node, incarnation, kind, version, host, address, milli_cpus, memory, milli_gpus, counters, labels, condition, draining, last_seen, drain_deadline, run_as, drain_reason
        FROM nodes ORDER BY node
        """;

    /// <summary>Sets the parameters of <see cref="Upsert"/>.</summary>
    public static Statement Set(Statement upsert, NodeConnected connected)
    {
        var description = connected.Description;
        var resources = description.Resources;
        return upsert
            .Set(1, connected.Node.Value)
            .Set(2, unchecked((long)connected.Incarnation.Value))
            .Set(3, WireWriter.Write(description.Kind))
            .Set(4, description.Version)
            .Set(5, description.Host)
            .Set(6, description.Address)
            .Set(7, resources.MilliCpus)
            .Set(8, resources.MemoryBytes)
            .Set(9, resources.MilliGpus)
            .Set(10, JsonSerializer.Serialize(resources.Counters.ToDictionary(counter => counter.Name, counter => counter.Amount)))
            .Set(11, JsonSerializer.Serialize(description.Labels.ToDictionary(label => label.Key, label => label.Value)))
            .Set(12, (int)NodeCondition.Connected)
            .Set(13, connected.At.ToMicroseconds())
            .Set(14, description.RunAs);
    }

    public static NodeSnapshot Read(SqliteDataReader row) => new(
        new NodeId(row.GetString(0)),
        new Incarnation(unchecked((ulong)row.GetInt64(1))),
        new NodeDescription(
            Enum.Parse<NodeKind>(row.GetString(2), ignoreCase: true),
            row.GetString(3),
            row.GetString(4),
            row.GetString(5),
            new Resources(row.GetInt32(6), row.GetInt64(7), row.GetInt32(8), Counters(row.GetString(9))),
            Labels(row.GetString(10)))
        {
            RunAs = row.GetString(15),
        },
        (NodeCondition)row.GetInt32(11),
        row.GetInt32(12) != 0,
        StoredTime.ToTime(row.GetInt64(13)))
    {
        DrainDeadline = row.IsDBNull(14) ? null : StoredTime.ToTime(row.GetInt64(14)),
        DrainReason = row.GetString(16),
    };

    private static ImmutableArray<Counter> Counters(string json) =>
    [
        .. JsonSerializer.Deserialize<Dictionary<string, long>>(json)!
            .Select(pair => new Counter(pair.Key, pair.Value))
            .OrderBy(counter => counter.Name, StringComparer.Ordinal),
    ];

    private static ImmutableArray<Label> Labels(string json) =>
    [
        .. JsonSerializer.Deserialize<Dictionary<string, string>>(json)!
            .Select(pair => new Label(pair.Key, pair.Value))
            .OrderBy(label => label.Key, StringComparer.Ordinal),
    ];
}
