using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Artel.Core;

namespace Artel.Server.Nodes;

/// <summary>The links that are up, one per node. Safe from any thread.</summary>
internal sealed class NodeSessions
{
    /// <summary>A link may be ended later than it could be by this part of the patience: of ten thousand links each look is work.</summary>
    private const int LooksInPatience = 20;

    private readonly ConcurrentDictionary<NodeId, NodeSession> _sessions = [];
    private volatile bool _areLeaving;
    private TimeSpan _nextLook;

    public ICollection<NodeSession> All => _sessions.Values;

    /// <summary>The server stops: a link that is made now would only be given work that ends with it.</summary>
    public bool AreLeaving => _areLeaving;

    /// <summary>Ends all links, and lets no more be made.</summary>
    /// <param name="reason">For the nodes, which come back.</param>
    public void LeaveAll(string reason)
    {
        // Said first: a link that is made meanwhile is either seen here, or sees it.
        _areLeaving = true;
        foreach (var session in _sessions.Values)
        {
            session.Leave(reason, reconnect: true);
        }
    }

    public bool TryFind(NodeId node, [NotNullWhen(true)] out NodeSession? session) => _sessions.TryGetValue(node, out session);

    /// <summary>Ends links whose nodes have been silent for too long. Call it again and again, from one place: it looks now and then.</summary>
    /// <param name="awake">How long the server has been awake by now: asked once for all of them.</param>
    public void CloseSilent(TimeSpan awake, TimeSpan patience)
    {
        if (awake < _nextLook)
        {
            return;
        }

        _nextLook = awake + (patience / LooksInPatience);
        foreach (var (_, session) in _sessions)
        {
            if (!session.MayBeSilent && awake - session.LastHeard >= patience)
            {
                session.CloseSilent();
            }
        }
    }

    /// <summary>Makes this the link of its node. An earlier link of the same incarnation, left over from before a cut, is closed.</summary>
    /// <param name="other">The link of another incarnation of the node, which stays.</param>
    public bool TryAdd(NodeSession session, [NotNullWhen(false)] out NodeSession? other)
    {
        other = null;
        while (true)
        {
            if (_sessions.TryAdd(session.Node, session))
            {
                return true;
            }

            if (!_sessions.TryGetValue(session.Node, out var present))
            {
                continue;
            }

            if (present.Incarnation != session.Incarnation)
            {
                other = present;
                return false;
            }

            if (TryReplace(present, session))
            {
                return true;
            }
        }
    }

    /// <summary>Makes a session the link of its node in place of another, which is closed. False if that is not its link any more.</summary>
    public bool TryReplace(NodeSession present, NodeSession session)
    {
        if (!_sessions.TryUpdate(session.Node, session, present))
        {
            return false;
        }

        present.Close();
        return true;
    }

    /// <summary>Ends the part of a link here. False where a newer link has taken its place already.</summary>
    public bool TryRemove(NodeSession session) => _sessions.TryRemove(new KeyValuePair<NodeId, NodeSession>(session.Node, session));
}
