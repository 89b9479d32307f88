using Artel.Core;
using Artel.Server.Loop;
using V1 = Artel.Protocol.V1;

namespace Artel.Server.Nodes;

/// <summary>Lets nodes in and out: one link per node, and a node is connected, as the rules see it, as long as its link is up.</summary>
internal sealed class NodeAdmission(ClusterLoop loop, NodeSessions sessions, ServerOptions options, TimeProvider time, ILogger<NodeAdmission> log)
{
    /// <summary>How long an agent has to answer when another wants to be its node. No longer than it takes to be lost.</summary>
    private static readonly TimeSpan ProbePatience = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan ProbeLook = TimeSpan.FromMilliseconds(50);

    /// <summary>Makes the session the link of its node. Whatever comes of it, <see cref="DismissAsync"/> is called at the end.</summary>
    /// <param name="presented">Leases that it has queued or runs, or whose result it keeps.</param>
    /// <returns>What became of its leases, or why it is not let in.</returns>
    /// <exception cref="LoopStoppedException">The server is stopping.</exception>
    public async Task<ConnectResult> AdmitAsync(
        NodeSession session, NodeDescription description, LeaseSet presented, CancellationToken cancellation)
    {
        var node = session.Node;
        NodeSession? gone = null;
        if (!sessions.TryAdd(session, out var other))
        {
            if (await IsAliveAsync(other, cancellation) || !sessions.TryReplace(other, session))
            {
                return Refuse(node, other, description);
            }

            gone = other;
        }

        if (sessions.AreLeaving)
        {
            throw new LoopStoppedException("the server is stopping");
        }

        var joined = await loop.AskAsync(
            (state, now) =>
            {
                if (gone is not null)
                {
                    state.Disconnect(node, gone.Incarnation, now - gone.Silence);
                }

                var connected = state.Connect(node, session.Incarnation, description, presented, now);
                if (connected.Refusal is null)
                {
                    // Before it is given anything.
                    state.Report(node, session.Incarnation, session.Problem);
                }

                return connected;
            },
            cancellation);
        if (joined.Refusal is null)
        {
            log.NodeConnected(node.Value, description.Address);
        }
        else
        {
            log.NodeRefused(node.Value, description.Address, joined.Refusal);
        }

        return joined;
    }

    /// <summary>
    /// Whether another agent is this node. A link may outlive its agent, when the machine went down or the network was cut: then a
    /// restarted agent takes its place. One that answers is alive, and the newcomer has a copy of its credential.
    /// </summary>
    private async Task<bool> IsAliveAsync(NodeSession other, CancellationToken cancellation)
    {
        if (other.Origin is null)
        {
            return true;
        }

        var before = other.LastHeard;
        other.Send(new V1.ServerMessage { Probe = new V1.Probe() });
        var patience = options.LostAfter < ProbePatience ? options.LostAfter : ProbePatience;
        for (var waited = TimeSpan.Zero; waited < patience && !other.Closed.IsCancellationRequested; waited += ProbeLook)
        {
            if (other.LastHeard > before)
            {
                return true;
            }

            await Task.Delay(ProbeLook, time, cancellation);
        }

        return false;
    }

    private ConnectResult Refuse(NodeId node, NodeSession other, NodeDescription description)
    {
        var refusal = other.Origin is { } origin
            ? $"node {node} is already connected from {origin} with this credential: stop that agent, or let this one join under an id of its own with a new token"
            : $"node {node} is already connected as a classic node: stop that one first, or choose another id";
        log.NodeRefused(node.Value, description.Address, refusal);
        return new ConnectResult([], Draining: false, refusal);
    }

    /// <summary>The link has ended. Does nothing where a newer link of the node has taken its place.</summary>
    /// <param name="leave">What that means for the node.</param>
    public async Task DismissAsync(NodeSession session, Action<ClusterState, DateTimeOffset> leave)
    {
        if (!sessions.TryRemove(session))
        {
            return;
        }

        log.NodeDisconnected(session.Node.Value);
        try
        {
            await loop.AskAsync(
                (state, now) =>
                {
                    leave(state, now);
                    return true;
                },
                CancellationToken.None);
        }
        catch (LoopStoppedException)
        {
            // The server stops: nodes come back to the next one.
            log.NodeLinkEnded(session.Node.Value, "the server stops");
        }
    }
}

internal static partial class NodeAdmissionLog
{
    [LoggerMessage(LogEvents.NodeConnected, LogLevel.Information, "Node {Node} connected from {Address}")]
    public static partial void NodeConnected(this ILogger log, string node, string address);

    [LoggerMessage(LogEvents.NodeDisconnected, LogLevel.Information, "Node {Node} disconnected")]
    public static partial void NodeDisconnected(this ILogger log, string node);

    [LoggerMessage(LogEvents.NodeRefused, LogLevel.Warning, "Node {Node} wanted to connect from {Address} and was not let in: {Reason}")]
    public static partial void NodeRefused(this ILogger log, string node, string address, string reason);

    [LoggerMessage(LogEvents.NodeMessageRefused, LogLevel.Warning, "The link of node {Node} is closed, because it sent what a node must not send: {Reason}")]
    public static partial void NodeMessageRefused(this ILogger log, string node, string reason);

    [LoggerMessage(LogEvents.NodeMessageFailed, LogLevel.Error, "The link of node {Node} is closed: a bug was met while a message of it was dealt with")]
    public static partial void NodeMessageFailed(this ILogger log, Exception bug, string node);

    [LoggerMessage(LogEvents.NodeNotNotified, LogLevel.Error, "A bug was met while node {Node} was notified of a commit: its link is closed, and it comes back")]
    public static partial void NodeNotNotified(this ILogger log, Exception bug, string node);

    [LoggerMessage(LogEvents.NodeLinkEnded, LogLevel.Debug, "The link of node {Node} ended: {Reason}")]
    public static partial void NodeLinkEnded(this ILogger log, string node, string reason);
}
