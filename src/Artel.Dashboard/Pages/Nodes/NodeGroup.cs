using System.Globalization;
using Artel.Dashboard.Parts;
using Artel.Protocol.Maps;
using Artel.Protocol.V1;

namespace Artel.Dashboard.Pages.Nodes;

/// <summary>Nodes that have a fact in common, and what they have in use together.</summary>
/// <param name="Title">Empty where all nodes are one group.</param>
public sealed record NodeGroup(string Title, IReadOnlyList<Node> Nodes)
{
    /// <summary>Facts of every node, beside its labels. A label can not begin with a dot.</summary>
    public const string ByHost = ".host";
    public const string ByVersion = ".version";
    public const string ByCondition = ".condition";

    public long MilliCpus { get; } = Nodes.Where(NodeUse.IsConnected).Sum(n => (long)(n.Resources?.MilliCpus ?? 0));

    public long MilliCpusUsed { get; } = Nodes.Where(NodeUse.IsConnected).Sum(n => (long)(n.Used?.MilliCpus ?? 0));

    public int Running { get; } = Nodes.Sum(n => n.Running);

    public double Share => MilliCpus == 0 ? 0 : (double)MilliCpusUsed / MilliCpus;

    public string CpuWords => $"{Cpus(MilliCpusUsed)} of {Cpus(MilliCpus)} cpus";

    /// <summary>How many are of which kind: only what there is.</summary>
    public IEnumerable<(NodeKind Kind, int Count)> Kinds =>
        NodeUse.Kinds.Select(k => (k, Nodes.Count(n => NodeUse.KindOf(n) == k))).Where(k => k.Item2 > 0);

    /// <param name="by">A name of a label, or one of the facts above; empty: all are one group.</param>
    /// <returns>By their titles, 2 before 10; those without the label last.</returns>
    public static IReadOnlyList<NodeGroup> Of(IReadOnlyList<Node> nodes, string by) => by.Length == 0
        ? [new NodeGroup("", nodes)]
        : [.. nodes.GroupBy(n => TitleOf(n, by)).OrderBy(g => g.Key is null).ThenBy(g => Naturally.Key(g.Key ?? ""), StringComparer.Ordinal).Select(g => new NodeGroup(g.Key ?? $"without {by}", [.. g]))];

    private static string? TitleOf(Node node, string by) => by switch
    {
        ByHost => node.Host.Length > 0 ? node.Host : node.Address,
        ByVersion => node.Version.Length > 0 ? $"version {node.Version}" : "version unknown",
        ByCondition => NodeUse.WordOf(NodeUse.KindOf(node)),
        _ => node.Labels.TryGetValue(by, out var value) ? $"{by}={value}" : null,
    };

    /// <summary>Of many, parts do not matter.</summary>
    private static string Cpus(long thousandths) =>
        thousandths < 1_000_000 ? Thousandths.Format((int)thousandths) : (thousandths / 1000).ToString("N0", CultureInfo.InvariantCulture);
}
