using Artel.Core;
using Artel.Protocol.Maps;
using Artel.Server.Api;
using Artel.Server.Loop;
using Artel.Server.Outputs;
using Artel.Server.Security;
using Artel.Server.Storage;
using Artel.Server.Wire;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using V1 = Artel.Protocol.V1;

namespace Artel.Server.Nodes;

/// <summary>The service of node agents: joining, the link, and the streams of output beside it.</summary>
internal sealed class NodeLinkService(
    ClusterLoop loop, IClusterStore store, CredentialStore credentials, OutputStore outputs, NodeSessions sessions, OutputTails tails,
    ServerOptions options, ServerLife life, TimeProvider time, ILogger<NodeLinkService> log) : V1.NodeLink.NodeLinkBase
{
    /// <summary>Longest a node may take for its first message.</summary>
    private static readonly TimeSpan HelloWait = TimeSpan.FromSeconds(10);

    public override async Task<V1.JoinReply> Join(V1.JoinRequest request, ServerCallContext context)
    {
        if (!NodeIds.IsValid(request.Node))
        {
            throw Refusals.Invalid($"'{request.Node}' is no node id: 1 to 64 letters, digits, '-', '_' or '.'");
        }

        var outcome = await credentials.JoinAsync(context.Secret(), request.Node, context.CancellationToken);
        return outcome.Secret is { } secret
            ? new V1.JoinReply { Secret = secret, ClusterId = store.ClusterId }
            : throw Refusals.Of(outcome);
    }

    public override async Task Connect(
        IAsyncStreamReader<V1.NodeMessage> requestStream, IServerStreamWriter<V1.ServerMessage> responseStream, ServerCallContext context)
    {
        var node = NodeOf(context);
        var hello = await ReadHelloAsync(requestStream, node, context);
        using var session = new NodeSession(node, new Incarnation(hello.Incarnation), time.GetUtcNow());
        if (!sessions.TryAdd(session))
        {
            await RefuseAsync(responseStream, node, context);
            return;
        }

        try
        {
            using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, session.Closed);
            var joined = await loop.AskAsync(
                (state, now) => state.Connect(
                    node, session.Incarnation, NodeReader.Read(hello, context.Address()), [.. hello.Held.Select(NodeReader.Read)],
                    [.. hello.Finished.Select(NodeReader.Read)], now),
                ending.Token);
            if (joined.ConnectedElsewhere is not null)
            {
                await RefuseAsync(responseStream, node, context);
                return;
            }

            log.NodeConnected(node.Value, context.Address());
            await responseStream.WriteAsync(new V1.ServerMessage { Welcome = Welcome(joined) }, ending.Token);
            await RunLinkAsync(session, requestStream, responseStream, ending);
        }
        finally
        {
            if (sessions.TryRemove(session))
            {
                await TellDisconnectedAsync(session);
            }
        }
    }

    public override async Task<V1.DeliverReply> Deliver(IAsyncStreamReader<V1.DeliverChunk> requestStream, ServerCallContext context)
    {
        if (!sessions.TryFind(NodeOf(context), out var session))
        {
            throw Refusals.NotNow("the link of this node is down: connect first");
        }

        await new Delivery(session, loop, outputs, time).ReceiveAsync(requestStream, context.CancellationToken);
        return new V1.DeliverReply();
    }

    public override async Task<V1.TailReply> Tail(IAsyncStreamReader<V1.TailChunk> requestStream, ServerCallContext context)
    {
        await foreach (var chunk in requestStream.ReadAllAsync(context.CancellationToken))
        {
            if (!await tails.GiveAsync(NodeOf(context), chunk, context.CancellationToken))
            {
                break;
            }
        }

        return new V1.TailReply();
    }

    private async Task RunLinkAsync(
        NodeSession session, IAsyncStreamReader<V1.NodeMessage> incoming, IServerStreamWriter<V1.ServerMessage> outgoing,
        CancellationTokenSource ending)
    {
        var inbox = new NodeInbox(session, loop, outputs, time);
        var sending = SendAsync(session, outgoing, ending.Token);
        var receiving = ReceiveAsync(session, inbox, incoming, ending.Token);
        var first = await Task.WhenAny(sending, receiving);
        if (first == receiving || sending.IsFaulted)
        {
            await ending.CancelAsync();
        }
        else
        {
            // The last word was sent: the node has a moment to close its side.
            ending.CancelAfter(HelloWait);
        }

        try
        {
            await Task.WhenAll(sending, receiving);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or RpcException)
        {
            // The link is gone; what that means is said by TellDisconnectedAsync.
            log.NodeLinkEnded(session.Node.Value, e.Message);
        }
    }

    private static async Task SendAsync(NodeSession session, IServerStreamWriter<V1.ServerMessage> outgoing, CancellationToken ending)
    {
        await foreach (var message in session.Outbox.ReadAllAsync(ending))
        {
            await outgoing.WriteAsync(message, ending);
        }
    }

    private async Task ReceiveAsync(
        NodeSession session, NodeInbox inbox, IAsyncStreamReader<V1.NodeMessage> incoming, CancellationToken ending)
    {
        while (true)
        {
            // Only time spent waiting for the node counts as its silence.
            using var silence = CancellationTokenSource.CreateLinkedTokenSource(ending);
            using var alarm = time.CreateTimer(_ => silence.Cancel(), null, options.LostAfter, Timeout.InfiniteTimeSpan);
            if (!await incoming.MoveNext(silence.Token))
            {
                return;
            }

            session.Heard(time.GetUtcNow());
            if (!await inbox.TakeAsync(incoming.Current, ending))
            {
                return;
            }
        }
    }

    private async Task<V1.Hello> ReadHelloAsync(IAsyncStreamReader<V1.NodeMessage> incoming, NodeId node, ServerCallContext context)
    {
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken);
        using var alarm = time.CreateTimer(_ => waiting.Cancel(), null, HelloWait, Timeout.InfiniteTimeSpan);
        if (!await incoming.MoveNext(waiting.Token) || incoming.Current.KindCase != V1.NodeMessage.KindOneofCase.Hello)
        {
            throw Refusals.Invalid("the first message of a link is Hello");
        }

        var hello = incoming.Current.Hello;
        return hello.Node == node.Value ? hello : throw Refusals.Forbidden($"this credential is of node {node}, not of '{hello.Node}'");
    }

    private async Task RefuseAsync(IServerStreamWriter<V1.ServerMessage> outgoing, NodeId node, ServerCallContext context)
    {
        var view = await loop.AskAsync((state, _) => state.View(node), context.CancellationToken);
        var where = view is null ? "" : $" from {view.Description.Host} ({view.Description.Address})";
        log.NodeRefused(node.Value, context.Address());
        await outgoing.WriteAsync(new V1.ServerMessage
        {
            Leave = new V1.Leave { Reason = $"node {node} is connected already{where}: stop that one first, or choose another id", Reconnect = false },
        });
    }

    private V1.Welcome Welcome(ConnectResult joined)
    {
        var welcome = new V1.Welcome
        {
            ClusterId = store.ClusterId,
            Epoch = life.Epoch,
            HeartbeatPeriod = options.Heartbeat.ToDuration(),
            LostAfter = options.LostAfter.ToDuration(),
            InlineOutput = NodeInbox.InlineOutput,
            Draining = joined.Draining,
        };
        welcome.Refused.AddRange(WireWriter.WriteRanges(joined.Refused));
        return welcome;
    }

    private async Task TellDisconnectedAsync(NodeSession session)
    {
        log.NodeDisconnected(session.Node.Value);
        try
        {
            await loop.AskAsync(
                (state, _) =>
                {
                    state.Disconnect(session.Node, session.Incarnation, session.LastHeard);
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

    private static NodeId NodeOf(ServerCallContext context) =>
        new(context.Principal().Node ?? throw Refusals.Forbidden("this call is for nodes: join with 'artel node start --join'"));
}

internal static partial class NodeLinkLog
{
    [LoggerMessage(LogEvents.NodeConnected, LogLevel.Information, "Node {Node} connected from {Address}")]
    public static partial void NodeConnected(this ILogger log, string node, string address);

    [LoggerMessage(LogEvents.NodeDisconnected, LogLevel.Information, "Node {Node} disconnected")]
    public static partial void NodeDisconnected(this ILogger log, string node);

    [LoggerMessage(LogEvents.NodeRefused, LogLevel.Warning, "Node {Node} wanted to connect from {Address} and is connected elsewhere already")]
    public static partial void NodeRefused(this ILogger log, string node, string address);

    [LoggerMessage(LogEvents.NodeLinkEnded, LogLevel.Debug, "The link of node {Node} ended: {Reason}")]
    public static partial void NodeLinkEnded(this ILogger log, string node, string reason);
}
