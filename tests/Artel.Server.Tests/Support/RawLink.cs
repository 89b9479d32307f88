using Artel.Protocol.Client;
using Artel.Protocol.V1;
using Artel.Server.Tests.Api;
using Grpc.Core;
using Grpc.Net.Client;
using Task = System.Threading.Tasks.Task;

namespace Artel.Server.Tests.Support;

/// <summary>The link of a joined node, message by message: for nodes that send what no agent sends.</summary>
internal sealed class RawLink(ClusterAccess access, GrpcChannel channel, AsyncDuplexStreamingCall<NodeMessage, ServerMessage> call) : IAsyncDisposable
{
    private bool _isDisposed;

    public ClusterAccess Access { get; } = access;

    public IAsyncStreamReader<ServerMessage> Incoming => call.ResponseStream;

    /// <summary>Opens the link of a node that has joined, and sends nothing.</summary>
    public static RawLink Open(ClusterAccess access, CancellationToken cancellation)
    {
        var channel = ClusterChannel.Open(access, access.Addresses[0]);
        return new RawLink(access, channel, new NodeLink.NodeLinkClient(channel.Authenticated(access.Secret)).Connect(cancellationToken: cancellation));
    }

    /// <summary>Joins and connects a node with one cpu.</summary>
    public static async Task<RawLink> ConnectAsync(LiveServer server, string id, CancellationToken cancellation)
    {
        var link = Open(await server.JoinAsync(id), cancellation);
        await link.SendAsync(new NodeMessage { Hello = HelloOf(id) });
        await link.NextAsync(ServerMessage.KindOneofCase.Welcome, cancellation);
        return link;
    }

    public static Hello HelloOf(string id) => new()
    {
        Node = id,
        Incarnation = 1,
        Version = "test",
        Host = "nowhere",
        Resources = new Resources { MilliCpus = 1000 },
    };

    public Task SendAsync(NodeMessage message) => call.RequestStream.WriteAsync(message);

    /// <summary>Waits for a message of a kind.</summary>
    public async Task<ServerMessage> NextAsync(ServerMessage.KindOneofCase kind, CancellationToken cancellation)
    {
        while (await call.ResponseStream.MoveNext(cancellation))
        {
            if (call.ResponseStream.Current.KindCase == kind)
            {
                return call.ResponseStream.Current;
            }
        }

        throw new InvalidOperationException($"the link ended without {kind}");
    }

    /// <summary>Waits for the end of the link. Why the server ended it, as it says in Leave or in the status.</summary>
    public async Task<string> EndAsync(CancellationToken cancellation)
    {
        var reason = "";
        try
        {
            while (await call.ResponseStream.MoveNext(cancellation))
            {
                reason = call.ResponseStream.Current.Leave?.Reason ?? reason;
            }

            return reason;
        }
        catch (RpcException e)
        {
            return reason.Length > 0 ? reason : $"{e.StatusCode}: {e.Status.Detail}";
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_isDisposed)
        {
            return;
        }

        _isDisposed = true;
        await Task.WhenAny(call.RequestStream.CompleteAsync(), Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System));
        call.Dispose();
        channel.Dispose();
    }
}
