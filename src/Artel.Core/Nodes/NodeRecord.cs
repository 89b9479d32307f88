namespace Artel.Core;

/// <summary>A node the cluster knows, with the leases in its hands and what they occupy.</summary>
internal sealed class NodeRecord(NodeId id, Incarnation incarnation, NodeDescription description)
{
    public NodeId Id { get; } = id;

    public Incarnation Incarnation { get; set; } = incarnation;

    public NodeDescription Description { get; set; } = description;

    public NodeCondition Condition { get; set; } = NodeCondition.Disconnected;

    public bool Draining { get; set; }

    /// <summary>When it connected, or was disconnected, last.</summary>
    public DateTimeOffset Since { get; set; }

    public Dictionary<Lease, Attempt> Attempts { get; } = [];

    public int Running { get; set; }

    public Load Load { get; } = new();

    /// <summary>How long the node will be busy with what it has, by what its tasks took so far, if it shared its whole self out to them.</summary>
    public TimeSpan PendingTime { get; set; }

    /// <summary>When it was last asked to give leases back.</summary>
    public DateTimeOffset ReclaimAsked { get; set; }

    public bool TakesWork => Condition == NodeCondition.Connected && !Draining;

    /// <summary>Whether the node has all of the labels.</summary>
    public bool Has(ReadOnlySpan<Label> labels)
    {
        foreach (var label in labels)
        {
            if (!Description.Labels.Contains(label))
            {
                return false;
            }
        }

        return true;
    }
}
