using System.Globalization;
using Artel.Protocol.Maps;
using Artel.Protocol.V1;
using Spectre.Console;

namespace Artel.Cli.Output;

/// <summary>Nodes as <c>artel node ls</c> and <c>show</c> show them.</summary>
internal static class NodeText
{
    private const string Native = "native";

    public static void PrintList(IReadOnlyList<WireNode> nodes, Terminal terminal, DateTimeOffset now)
    {
        var listing = new Listing().Column("node").Column("kind", minor: 5).Column("link", wrap: true).Column("state")
            .Column("running", right: true).Column("backlog", right: true, minor: 3).Column("cpus", right: true)
            .Column("memory", right: true, minor: 1).Column("host", minor: 4)
            .Column("heard", right: true, minor: 2).Column("version", minor: 7).Column("runs as", minor: 6)
            .Column("drains because", wrap: true).Column("labels", wrap: true, minor: 5);
        var kinds = nodes.Any(n => n.Kind != Native);
        foreach (var node in nodes)
        {
            listing.Row(
                node.Id,
                kinds ? node.Kind : "",
                new Cell(Link(node), StateColors.Of(node.Condition)),
                State(node),
                Number(node.Running),
                Number(node.Backlog),
                node.Kind == Native ? Thousandths.Format(node.Resources?.MilliCpus ?? 0) : "",
                node.Kind == Native ? Words.Size(node.Resources?.MemoryBytes ?? 0) : "",
                node.Host.Length > 0 ? node.Host : node.Address,
                node.LastHeartbeat is null ? "" : Words.Ago(node.LastHeartbeat.ToDateTimeOffset(), now),
                node.Version,
                node.RunAs,
                node.DrainReason,
                Pairs(node.Labels));
        }

        listing.Print(terminal.Out);
    }

    public static void PrintPage(WireNode node, Terminal terminal, DateTimeOffset now)
    {
        var resources = node.Resources ?? new Resources();
        new Facts()
            .Add("node", node.Kind == Native ? node.Id : $"{node.Id} ({node.Kind})")
            .Add("link", Link(node), StateColors.Of(node.Condition))
            .Add("drains", node.DrainReason.Length == 0 ? "" : $"because {node.DrainReason}")
            .Add("state", State(node))
            .Add("problem", node.Problem.Length == 0 ? "" : $"takes no work: {node.Problem}")
            .Add("not ended", string.Join("; ", node.Unended))
            .Add("host", node.Host.Length == 0 ? node.Address : $"{node.Host}{(node.Address.Length == 0 ? "" : $" ({node.Address})")}")
            .Add("version", node.Version)
            .Add("tasks run as", node.Kind != Native ? "" : node.RunAs.Length > 0 ? node.RunAs : "the account of the agent")
            .Add("cpus", node.Kind == Native ? Thousandths.Format(resources.MilliCpus) : "")
            .Add("memory", node.Kind == Native ? Words.Size(resources.MemoryBytes) : "")
            .Add("gpus", resources.MilliGpus == 0 ? "" : Thousandths.Format(resources.MilliGpus))
            .Add("counters", string.Join(", ", resources.Counters.OrderBy(c => c.Key, StringComparer.Ordinal).Select(c => $"{c.Key}={Words.Count(c.Value)}")))
            .Add("labels", Pairs(node.Labels))
            .Add("connected", node.ConnectedSince is null ? "" : $"since {Words.Moment(node.ConnectedSince.ToDateTimeOffset())}")
            .Add("heard", node.LastHeartbeat is null ? "" : Words.Ago(node.LastHeartbeat.ToDateTimeOffset(), now))
            .Add("backlog", Number(node.Backlog))
            .Print(terminal.Out);
        if (node.Attempts.Count == 0)
            return;

        terminal.Out.WriteLine();
        var listing = new Listing().Column("task").Column("attempt", right: true).Column("started", right: true);
        foreach (var (attempt, task) in node.Attempts.Zip(node.AttemptTasks))
        {
            listing.Row(
                FormattableString.Invariant($"{task.Job}.{task.Task}"),
                attempt.Number.ToString(CultureInfo.InvariantCulture),
                attempt.Started is null ? "not yet" : Words.Ago(attempt.Started.ToDateTimeOffset(), now));
        }

        listing.Print(terminal.Out);
    }

    private static string Link(WireNode node) => StateWords.Of(node.Condition) + (node.Draining ? ", draining" : "")
        + (node.DrainDeadline is { } deadline ? $" until {Words.Moment(deadline.ToDateTimeOffset())}" : "")
        + (node.Problem.Length > 0 ? ", takes no work" : "");

    /// <summary>With its number, which is how nodes themselves say it.</summary>
    private static string State(WireNode node) => node.Condition == NodeCondition.Connected ? $"{(int)node.State} {StateWords.Of(node.State)}" : "";

    private static string Number(int count) => count == 0 ? "" : Words.Count(count);

    private static string Pairs(IEnumerable<KeyValuePair<string, string>> pairs) =>
        string.Join(" ", pairs.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => $"{p.Key}={p.Value}"));
}
