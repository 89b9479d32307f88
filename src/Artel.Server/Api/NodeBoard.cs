using Artel.Core;
using V1 = Artel.Protocol.V1;

namespace Artel.Server.Api;

/// <summary>
/// Notices which nodes have changed since somebody asked last, so that a page that asks each second is told of these only. Revisions begin anew with each
/// start of the server, and those of different starts are never the same. Safe from any thread.
/// </summary>
/// <param name="epoch">Of this start.</param>
internal sealed class NodeBoard(long epoch) : IDisposable
{
    private const int MostGone = 1000;
    private const int EpochShift = 32;

    /// <summary>One look at a time, with its reading: so nobody brings older views than the one before.</summary>
    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly Dictionary<NodeId, (NodeView View, V1.NodeState State, long Revision)> _nodes = [];

    /// <summary>Nodes that were forgotten, oldest first.</summary>
    private readonly Queue<(NodeId Node, long Revision)> _gone = [];
    private long _revision = epoch << EpochShift;

    /// <summary>Changes before this one are not known any more.</summary>
    private long _oldest = epoch << EpochShift;

    /// <summary>What has changed after a revision; all there is where that is too long ago, or of another start.</summary>
    /// <param name="read">All nodes, each with the state that its link tells.</param>
    public async Task<BoardChanges> LookAsync(Func<Task<IReadOnlyList<(NodeView View, V1.NodeState State)>>> read, long since, CancellationToken cancellation)
    {
        await _gate.WaitAsync(cancellation);
        try
        {
            return Look(await read(), since);
        }
        finally
        {
            _gate.Release();
        }
    }

    public void Dispose() => _gate.Dispose();

    private BoardChanges Look(IReadOnlyList<(NodeView View, V1.NodeState State)> nodes, long since)
    {
        var next = _revision + 1;
        var seen = new HashSet<NodeId>();
        foreach (var (view, state) in nodes)
        {
            seen.Add(view.Node);
            if (!_nodes.TryGetValue(view.Node, out var known) || known.State != state || known.View != view)
            {
                _nodes[view.Node] = (view, state, next);
                _revision = next;
            }
        }

        foreach (var gone in _nodes.Count == seen.Count ? [] : _nodes.Keys.Where(n => !seen.Contains(n)).ToArray())
        {
            _nodes.Remove(gone);
            _gone.Enqueue((gone, next));
            _revision = next;
        }

        while (_gone.Count > MostGone)
        {
            _oldest = _gone.Dequeue().Revision;
        }

        var isAll = since < _oldest || since > _revision;
        var changed = _nodes.Values.Where(n => isAll || n.Revision > since).Select(n => n.View).OrderBy(v => v.Node).ToArray();
        return new BoardChanges(_revision, isAll, changed, isAll ? [] : [.. _gone.Where(g => g.Revision > since && !_nodes.ContainsKey(g.Node)).Select(g => g.Node)]);
    }
}

/// <param name="Revision">Of now.</param>
/// <param name="IsAll">Whether <paramref name="Changed"/> are all there are.</param>
/// <param name="Changed">By id.</param>
internal sealed record BoardChanges(long Revision, bool IsAll, IReadOnlyList<NodeView> Changed, IReadOnlyList<NodeId> Gone);
