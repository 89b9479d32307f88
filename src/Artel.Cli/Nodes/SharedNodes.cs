using Artel.Protocol.V1;

namespace Artel.Cli.Nodes;

/// <summary>
/// Nodes on which the tasks of several people run as one account, that of the agent: each person is then as powerful as
/// the agent.
/// </summary>
internal static class SharedNodes
{
    /// <summary>The names of the people who have valid tokens.</summary>
    public static IReadOnlyList<string> People(IEnumerable<Token> tokens, DateTimeOffset now) =>
    [
        .. tokens.Where(t => t.Role != Role.Node && !t.Revoked && (t.Expires is null || t.Expires.ToDateTimeOffset() > now))
            .Select(t => t.Name).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal),
    ];

    /// <summary>
    /// Those of them that do not run tasks as other accounts. Classic nodes have no agent of ours and are not counted.
    /// </summary>
    public static IReadOnlyList<WireNode> Of(IEnumerable<WireNode> nodes) => [.. nodes.Where(n => n.Kind == "native" && n.RunAs.Length == 0)];

    /// <summary>The warning to whoever lets another person in; null if there is nothing to warn of.</summary>
    /// <param name="people">All who have tokens.</param>
    /// <param name="nodes">All nodes.</param>
    public static string? Warning(IReadOnlyList<string> people, IReadOnlyList<WireNode> nodes)
    {
        var shared = Of(nodes);
        if (people.Count < 2 || (shared.Count == 0 && nodes.Count > 0))
            return null;

        var where = shared.Count switch
        {
            0 => "nodes",
            1 => $"node {shared[0].Id}",
            <= 3 => $"nodes {string.Join(", ", shared.Select(n => n.Id))}",
            _ => $"{Words.Count(shared.Count)} nodes",
        };
        return $"{Words.Count(people.Count)} people have tokens; on {where} all their tasks run as the account of the node agent and can do what it can, "
            + "unless the agent is started with --run-as (docs/run-as.md)";
    }
}
