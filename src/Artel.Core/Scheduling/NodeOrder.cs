namespace Artel.Core;

/// <summary>
/// Nodes that take tasks which no map assigns to them, the least busy first. Kept in order from change to change: with
/// ten thousand of them, a task that ends must not cost a look at each.
/// </summary>
internal sealed class NodeOrder
{
    private static readonly Comparer<Place> LeastBusyFirst =
        Comparer<Place>.Create((a, b) => a.Busy == b.Busy ? a.Node.Id.CompareTo(b.Node.Id) : a.Busy.CompareTo(b.Busy));

    private readonly Dictionary<NodeId, Place> _places = [];
    private readonly SortedSet<Place> _working = new(LeastBusyFirst);
    private readonly SortedSet<Place> _open = new(LeastBusyFirst);

    /// <summary>How many there are.</summary>
    public int Count => _places.Count;

    /// <summary>All of them.</summary>
    public IEnumerable<NodeRecord> Working => _working.Select(p => p.Node);

    /// <summary>Those that could have room for a task that needs a part of a cpu, however small.</summary>
    public IEnumerable<NodeRecord> Open => _open.Select(p => p.Node);

    public bool IsOpen(NodeRecord node) => _places.TryGetValue(node.Id, out var place) && place.IsOpen;

    /// <summary>Call after anything of a node has changed.</summary>
    /// <param name="node">Null: it is gone.</param>
    public void Update(NodeId id, NodeRecord? node)
    {
        var place = node is { TakesWork: true, TakesAnyTask: true }
            ? new Place(node, node.Busy, WorkAhead.MayTakeMore(node))
            : null;
        if (_places.TryGetValue(id, out var before))
        {
            if (before == place)
            {
                return;
            }

            _places.Remove(id);
            _working.Remove(before);
            _open.Remove(before);
        }

        if (place is not null)
        {
            _places[id] = place;
            _working.Add(place);
            if (place.IsOpen)
            {
                _open.Add(place);
            }
        }
    }

    private sealed record Place(NodeRecord Node, TimeSpan Busy, bool IsOpen);
}
