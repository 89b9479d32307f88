using Artel.Core;
using Artel.Protocol.Maps;
using Artel.Server.Api;
using Artel.Server.Hosting;
using Artel.Server.Loop;
using Artel.Server.Nodes.Messages;
using Artel.Server.Outputs;
using Artel.Server.Security;
using Artel.Server.Storage;
using Artel.Server.Wire;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using V1 = Artel.Protocol.V1;

namespace Artel.Server.Nodes;

/// <summary>The service of node agents: joining, the link, and what people follow of running attempts.</summary>
internal sealed class NodeLinkService(
    ClusterLoop loop, IClusterStore store, CredentialStore credentials, OutputStore outputs, NodeAdmission admission,
    OutputTails tails, IdentityAnnouncer announcer, ServerOptions options, ServerLife life, AwakeTime awake, Vitals vitals, TimeProvider time, ILogger<NodeLinkService> log) : V1.NodeLink.NodeLinkBase
{
    /// <summary>
    /// The part of the time until a node is lost in which its exclusive tasks may run. The rest is for clocks that differ, and for
    /// ending processes.
    /// </summary>
    private const double ExclusivePart = 0.75;

    /// <summary>Attempts of one node whose output may come while they run. It has two processors busy with one of them.</summary>
    private const int AheadPerNode = 2;

    /// <summary>Longest a node may take for its first message.</summary>
    private static readonly TimeSpan HelloWait = TimeSpan.FromSeconds(10);

    public override async Task<V1.JoinReply> Join(V1.JoinRequest request, ServerCallContext context)
    {
        if (!NodeIds.IsValid(request.Node))
        {
            throw Refusals.Invalid($"'{request.Node}' is no node id: 1 to 64 letters, digits, '-', '_' or '.'");
        }

        // A node that is started with the same command line each time has used its token long ago, and needs none.
        if (context.Principal().Node is { } joined)
        {
            return joined == request.Node
                ? new V1.JoinReply { Secret = context.Secret(), ClusterId = store.ClusterId }
                : throw Refusals.Forbidden($"this is the credential of node {joined}, not of {request.Node}");
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
        using var session = new NodeSession(node, hello.Incarnation, awake)
        {
            Origin = $"{hello.Description.Host} (process {hello.Process}, {context.Address()})",
            Problem = hello.Problem,
        };
        try
        {
            using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, session.Closed);
            var joined = await admission.AdmitAsync(session, hello.Description, hello.Presented, ending.Token);
            if (joined.Refusal is { } refusal)
            {
                await responseStream.WriteAsync(
                    new V1.ServerMessage { Leave = new V1.Leave { Reason = refusal, Reconnect = joined.MayTryAgain } }, context.CancellationToken);
                return;
            }

            vitals.CountStale((int)Math.Min(int.MaxValue, joined.Refused.Sum(r => (long)r.Count)));
            await responseStream.WriteAsync(new V1.ServerMessage { Welcome = Welcome(joined) }, ending.Token);
            await RunLinkAsync(session, requestStream, responseStream, ending);
        }
        finally
        {
            await admission.DismissAsync(session, (state, now) => state.Disconnect(node, session.Incarnation, now - session.Silence));
        }
    }

    public override async Task<V1.TailReply> Tail(IAsyncStreamReader<V1.TailChunk> requestStream, ServerCallContext context)
    {
        await foreach (var chunk in requestStream.ReadAllAsync(context.CancellationToken))
        {
            if (chunk.Offset < 0 || chunk.Data.Length > NodeLimits.MaxTailChunk)
            {
                throw Refusals.Invalid($"a chunk of {chunk.Data.Length} bytes from {chunk.Offset}: at most {NodeLimits.MaxTailChunk} bytes, from 0");
            }

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
        var inbox = new NodeInbox(session, loop, outputs, vitals, options.Heartbeat);
        var sending = SendAsync(session, outgoing, ending.Token);
        var receiving = ReceiveAsync(session, inbox, incoming, ending.Token);
        var first = await Task.WhenAny(sending, receiving);
        if ((first == receiving && !session.IsLeaving) || sending.IsFaulted)
        {
            await ending.CancelAsync();
        }
        else
        {
            // The last word was sent, or is about to be: the node has a moment to close its side.
            ending.CancelAfter(HelloWait);
        }

        try
        {
            await Task.WhenAll(sending, receiving);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or RpcException)
        {
            // The link is gone; what that means is said at its end.
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

    /// <summary>Takes messages until the end of the link. What a node must not send, and a bug that it meets, end this link and no other.</summary>
    private async Task ReceiveAsync(NodeSession session, NodeInbox inbox, IAsyncStreamReader<V1.NodeMessage> incoming, CancellationToken ending)
    {
        try
        {
            await TakeAllAsync(session, inbox, incoming, ending);
        }
        catch (MalformedMessageException e)
        {
            log.NodeMessageRefused(session.Node.Value, e.Message);
            session.Leave($"this node sent what a node must not send: {e.Message}", reconnect: false);
        }
        catch (Exception e) when (!ending.IsCancellationRequested && IsBug(e))
        {
            log.NodeMessageFailed(e, session.Node.Value);
            session.Leave($"the server met a bug while it dealt with a message ({e.GetType().Name}): its log says more", reconnect: true);
        }
    }

    private static bool IsBug(Exception e) => e is not (OperationCanceledException or IOException or RpcException or LoopStoppedException or StoreException);

    private static async Task TakeAllAsync(
        NodeSession session, NodeInbox inbox, IAsyncStreamReader<V1.NodeMessage> incoming, CancellationToken ending)
    {
        var results = new ResultsUnderWay(inbox.TakeAsync);
        try
        {
            var goesOn = true;
            while (goesOn && await incoming.MoveNext(ending))
            {
                // Also when the message was dealt with: only time spent waiting for the node counts as its silence.
                session.Heard();
                var message = NodeMessages.Parse(incoming.Current);
                if (message is NodeEnded ended)
                {
                    await results.AddAsync(ended, ending);
                }
                else
                {
                    await results.ThrowFailedAsync();

                    // The last word comes after what was said before.
                    if (message is NodeGoodbye)
                    {
                        await results.FinishAsync();
                    }

                    goesOn = await inbox.TakeAsync(message, ending);
                }

                session.Heard();
            }
        }
        finally
        {
            await results.FinishAsync();
        }
    }

    private async Task<NodeHello> ReadHelloAsync(IAsyncStreamReader<V1.NodeMessage> incoming, NodeId node, ServerCallContext context)
    {
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken);
        using var alarm = time.CreateTimer(_ => waiting.Cancel(), null, HelloWait, Timeout.InfiniteTimeSpan);
        if (!await incoming.MoveNext(waiting.Token) || incoming.Current.KindCase != V1.NodeMessage.KindOneofCase.Hello)
        {
            throw Refusals.Invalid("the first message of a link is Hello");
        }

        try
        {
            var hello = NodeMessages.ParseHello(incoming.Current.Hello, context.Address());
            return hello.Node == node ? hello : throw Refusals.Forbidden($"this credential is of node {node}, not of '{hello.Node}'");
        }
        catch (MalformedMessageException e)
        {
            log.NodeMessageRefused(node.Value, e.Message);
            throw Refusals.Invalid(e.Message);
        }
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
            ExclusiveTerm = (options.LostAfter * ExclusivePart).ToDuration(),
            DeliverAhead = AheadPerNode,
            SeveralPeople = credentials.HaveSeveralPeople(),
            Identity = announcer.Current,
        };
        welcome.Refused.AddRange(joined.Refused.Select(WireWriter.Write));
        return welcome;
    }

    private static NodeId NodeOf(ServerCallContext context) =>
        new(context.Principal().Node ?? throw Refusals.Forbidden("this call is for nodes: join with 'artel node start --join'"));
}
