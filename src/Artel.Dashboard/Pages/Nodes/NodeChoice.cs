using Artel.Dashboard.Addresses;
using Artel.Protocol.V1;

namespace Artel.Dashboard.Pages.Nodes;

/// <summary>Which nodes are shown and in which order, as the address of the page says it.</summary>
/// <param name="Text">Part of an id, host, address, version or label.</param>
/// <param name="Condition">A word of <see cref="Conditions"/>; empty for all.</param>
/// <param name="Label">Such as <c>rack=4</c>, or a name alone for any value.</param>
/// <param name="Sort">A word of <see cref="Sorts"/>; anything else: as the cluster orders them.</param>
public sealed record NodeChoice(string Text, string Condition, string Label, string Sort, bool IsDescending)
{
    private const string Connected = "connected";

    private static readonly Dictionary<string, Func<Node, IComparable>> Orders = new(StringComparer.Ordinal)
    {
        ["condition"] = n => NodeUse.KindOf(n),
        ["state"] = n => NodeUse.IsConnected(n) ? (int)n.State : 0,
        ["cpus"] = n => NodeUse.Cpus(n),
        ["memory"] = n => NodeUse.Memory(n),
        ["running"] = n => n.Running,
        ["heard"] = n => n.LastHeartbeat?.ToDateTimeOffset() ?? DateTimeOffset.MinValue,
        ["host"] = n => n.Host,
        ["version"] = n => n.Version,
    };

    /// <summary>What can be asked for: connected in any way, or a <see cref="NodeKind"/>.</summary>
    public static IReadOnlyList<string> Conditions { get; } = [Connected, .. NodeUse.Kinds.Select(NodeUse.WordOf)];

    public static IReadOnlyCollection<string> Sorts => Orders.Keys;

    /// <summary>Takes an address as people write it: what it does not know it leaves out.</summary>
    public static NodeChoice Read(string? text, string? condition, string? label, string? sort, string? descending) => new(
        AddressRules.Text.Read(text),
        condition is not null && Conditions.Contains(condition) ? condition : "",
        AddressRules.Text.Read(label),
        sort is not null && Sorts.Contains(sort) ? sort : "",
        AddressRules.Yes.Read(descending) is not null);

    public bool IsAll => Text.Length == 0 && Condition.Length == 0 && Label.Length == 0;

    /// <param name="nodes">In the order of the cluster, which stays among those that are equal.</param>
    public IReadOnlyList<Node> Of(IEnumerable<Node> nodes)
    {
        var fitting = nodes.Where(Fits);
        return !Orders.TryGetValue(Sort, out var key) ? IsDescending ? [.. fitting.Reverse()] : [.. fitting]
            : IsDescending ? [.. fitting.OrderByDescending(key)]
            : [.. fitting.OrderBy(key)];
    }

    private bool Fits(Node node) => FitsCondition(node) && FitsLabel(node) && FitsText(node);

    private bool FitsCondition(Node node) =>
        Condition.Length == 0 || (Condition == Connected ? NodeUse.IsConnected(node) : NodeUse.WordOf(NodeUse.KindOf(node)) == Condition);

    private bool FitsLabel(Node node)
    {
        if (Label.Length == 0)
        {
            return true;
        }

        var at = Label.IndexOf('=', StringComparison.Ordinal);
        return at < 0 ? node.Labels.ContainsKey(Label) : node.Labels.TryGetValue(Label[..at], out var value) && value == Label[(at + 1)..];
    }

    private bool FitsText(Node node) =>
        Text.Length == 0 || Has(node.Id) || Has(node.Host) || Has(node.Address) || Has(node.Version) || node.Labels.Any(l => Has($"{l.Key}={l.Value}"));

    private bool Has(string text) => text.Contains(Text, StringComparison.OrdinalIgnoreCase);
}
