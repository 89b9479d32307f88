using Artel.Protocol.V1;

namespace Artel.Cli.Json;

/// <summary>Why tasks are where they are. Members that a kind does not have are null.</summary>
/// <param name="Tasks">How many tasks it applies to; 0 if another reason counts the same tasks.</param>
/// <param name="FirstTask">The smallest number among them; null if it is unknown.</param>
/// <param name="Used">How much of a limit is used, or how many of the awaited tasks have ended.</param>
/// <param name="Most">The limit, or the number of awaited tasks.</param>
/// <param name="Ahead">Tasks that go first.</param>
/// <param name="Nodes">The nodes that were considered, by what they lack.</param>
/// <param name="Where">The nodes that have the tasks.</param>
internal sealed record ReasonJson(
    string Kind,
    int Tasks,
    int? FirstTask,
    string Text,
    long? Job,
    int? Task,
    string? Name,
    string? Node,
    string? User,
    string? Tag,
    long? Used,
    long? Most,
    DateTimeOffset? Until,
    int Ahead,
    DateTimeOffset? EstimatedStart,
    int NodesLookedAt,
    IReadOnlyList<LackJson> Nodes,
    IReadOnlyList<NodeTasksJson> Where,
    DateTimeOffset? Since)
{
    /// <param name="text">The sentence that the server made of it.</param>
    public static ReasonJson Of(Reason r, string text)
    {
        var hasNumbers = r.Used != 0 || r.Most != 0;
        return new ReasonJson(
            KindOf(r.Kind),
            r.Tasks,
            r.FirstTask == 0 ? null : r.FirstTask,
            text,
            r.Job == 0 ? null : r.Job,
            r.Task == 0 ? null : r.Task,
            TextOf(r.Name),
            TextOf(r.Node),
            TextOf(r.User),
            TextOf(r.Tag),
            hasNumbers ? r.Used : null,
            hasNumbers ? r.Most : null,
            r.Until?.ToDateTimeOffset(),
            r.Ahead,
            r.EstimatedStart?.ToDateTimeOffset(),
            r.NodesLookedAt,
            [.. r.Nodes.Select(LackJson.Of)],
            [.. r.Where.Select(w => new NodeTasksJson(w.Node, w.Tasks))],
            r.Since?.ToDateTimeOffset());
    }

    private static string? TextOf(string text) => text.Length == 0 ? null : text;

    private static string KindOf(ReasonKind kind) => kind switch
    {
        ReasonKind.Held => "held",
        ReasonKind.StartTime => "start_time",
        ReasonKind.AfterJob => "after_job",
        ReasonKind.After => "after",
        ReasonKind.AfterEach => "after_each",
        ReasonKind.Backoff => "backoff",
        ReasonKind.AtOnce => "at_once",
        ReasonKind.TagLimit => "tag_limit",
        ReasonKind.Quota => "quota",
        ReasonKind.Node => "node",
        ReasonKind.List => "list",
        ReasonKind.ListOrder => "list_order",
        ReasonKind.NoNode => "no_node",
        ReasonKind.FitsNoNode => "fits_no_node",
        ReasonKind.NoNodeTakesWork => "no_node_takes_work",
        ReasonKind.Priority => "priority",
        ReasonKind.FairShare => "fair_share",
        ReasonKind.OlderJob => "older_job",
        ReasonKind.Reserved => "reserved",
        ReasonKind.Room => "room",
        ReasonKind.StartsNow => "starts_now",
        ReasonKind.Avoids => "avoids",
        ReasonKind.Assigned => "assigned",
        ReasonKind.Running => "running",
        ReasonKind.NotExamined => "not_examined",
        ReasonKind.Others => "others",
        _ => "unknown",
    };
}

/// <param name="Lack">The kind: <c>room</c>, <c>resource</c>, <c>labels</c>, <c>lost</c>, ….</param>
/// <param name="What">The resource, the labels, or what the node reports.</param>
/// <param name="Asked">Cpus and gpus in thousandths, memory in bytes.</param>
/// <param name="Most">How much of it a node has, or has free.</param>
/// <param name="Count">How many nodes.</param>
/// <param name="Some">The first few of them.</param>
internal sealed record LackJson(string Lack, string What, long Asked, long Most, int Count, IReadOnlyList<string> Some)
{
    public static LackJson Of(NodesLacking row) =>
        new(KindOf(row.Lack.Kind), row.Lack.What, row.Lack.Asked, row.Lack.Most, row.Nodes, [.. row.Some]);

    private static string KindOf(LackKind kind) => kind switch
    {
        LackKind.OnlyAssigned => "only_assigned",
        LackKind.Labels => "labels",
        LackKind.Resource => "resource",
        LackKind.Stopped => "stopped",
        LackKind.Lost => "lost",
        LackKind.Disconnected => "disconnected",
        LackKind.Draining => "draining",
        LackKind.Problem => "problem",
        LackKind.Avoided => "avoided",
        LackKind.Room => "room",
        LackKind.Reserved => "reserved",
        LackKind.Nothing => "nothing",
        _ => "unknown",
    };
}

internal sealed record NodeTasksJson(string Node, int Tasks);
