using Artel.Protocol.Maps;
using Artel.Protocol.Text;
using Artel.Protocol.V1;

namespace Artel.Dashboard.Pages.Nodes;

/// <summary>What a node does with what it has, as one word: what tiles are coloured and counted by.</summary>
public enum NodeKind
{
    /// <summary>Something runs there, or is about to.</summary>
    Working,
    Idle,
    Draining,

    /// <summary>It is connected and says itself that it takes no work.</summary>
    Troubled,
    Disconnected,
    Lost,
    Stopped,
}

/// <summary>How much of a node is in use, by what its leases ask for, and in which way.</summary>
internal static class NodeUse
{
    public static readonly IReadOnlyList<NodeKind> Kinds = Enum.GetValues<NodeKind>();

    public static NodeKind KindOf(Node node) => node.Condition switch
    {
        NodeCondition.Lost => NodeKind.Lost,
        NodeCondition.Stopped => NodeKind.Stopped,
        NodeCondition.Disconnected => NodeKind.Disconnected,
        _ when node.Problem.Length > 0 => NodeKind.Troubled,
        _ when node.Draining => NodeKind.Draining,
        _ => node.Running + node.Backlog > 0 ? NodeKind.Working : NodeKind.Idle,
    };

    public static string WordOf(NodeKind kind) => kind switch
    {
        NodeKind.Troubled => "takes no work",
        _ => kind.ToString().ToLowerInvariant(),
    };

    /// <summary>Of the classes <c>artel-bg-…</c>.</summary>
    public static string ColorOf(NodeKind kind) => kind switch
    {
        NodeKind.Working => "running",
        NodeKind.Idle => "succeeded",
        NodeKind.Draining or NodeKind.Disconnected => "cancelled",
        NodeKind.Troubled or NodeKind.Lost => "failed",
        _ => "waiting",
    };

    /// <summary>Of the bar of what is in use: whether anything runs there, or all of it is still to start.</summary>
    public static string UseColor(Node node) => node.Running > 0 ? "running" : "leased";

    public static bool IsConnected(Node node) => node.Condition == NodeCondition.Connected;

    /// <summary>From 0 to 1. Of a node that has none, or is not connected: 0.</summary>
    public static double Cpus(Node node) => IsConnected(node) ? Share(node.Used?.MilliCpus ?? 0, node.Resources?.MilliCpus ?? 0) : 0;

    public static double Memory(Node node) => IsConnected(node) ? Share(node.Used?.MemoryBytes ?? 0, node.Resources?.MemoryBytes ?? 0) : 0;

    public static double Gpus(Node node) => IsConnected(node) ? Share(node.Used?.MilliGpus ?? 0, node.Resources?.MilliGpus ?? 0) : 0;

    /// <summary><c>1.5 of 4 cpus</c>; empty where a node does not tell what it has, as classic ones.</summary>
    public static string CpuWords(Node node) => node.Resources is not { MilliCpus: > 0 } has ? ""
        : IsConnected(node) ? $"{Thousandths.Format(node.Used?.MilliCpus ?? 0)} of {Thousandths.Format(has.MilliCpus)} cpus"
        : $"{Thousandths.Format(has.MilliCpus)} cpus";

    public static string MemoryWords(Node node) => node.Resources is not { MemoryBytes: > 0 } has ? ""
        : IsConnected(node) ? $"{Words.Size(node.Used?.MemoryBytes ?? 0)} of {Words.Size(has.MemoryBytes)}"
        : Words.Size(has.MemoryBytes);

    public static string GpuWords(Node node) => node.Resources is not { MilliGpus: > 0 } has ? ""
        : IsConnected(node) ? $"{Thousandths.Format(node.Used?.MilliGpus ?? 0)} of {Thousandths.Format(has.MilliGpus)} gpus"
        : $"{Thousandths.Format(has.MilliGpus)} gpus";

    /// <summary>A tile in words, for those who do not see it. Without what changes all the time.</summary>
    public static string Sentence(Node node)
    {
        string[] parts = [WordOf(KindOf(node)), CpuWords(node), node.Running > 0 ? $"{Words.Count(node.Running)} running" : "", node.Problem];
        return $"{node.Id}: {string.Join(", ", parts.Where(p => p.Length > 0))}";
    }

    private static double Share(double used, double total) => total <= 0 ? 0 : Math.Clamp(used / total, 0, 1);
}
