using System.Globalization;
using System.Net.Sockets;
using System.Security.Cryptography;
using Artel.Core;
using Artel.Server.Edge;
using Artel.Server.Loop;
using Artel.Server.Nodes;
using Artel.Server.Outputs;
using Artel.Server.Security;
using Grpc.Core;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace Artel.Server.Classic;

/// <summary>
/// The port or socket of the classic protocol (docs/classic-protocol.md): each connection that says a number becomes a node of the cluster until
/// it ends. There is no authentication: whoever can connect can be any classic node, and nothing else.
/// </summary>
internal sealed class ClassicListener(
    ClusterLoop loop, NodeAdmission admission, CredentialStore credentials, OutputStore outputs, OutputAllowance allowance, OutputTails tails, ServerOptions options,
    ServerLife life, AwakeTime awake, Vitals vitals, TimeProvider time, ILogger<ClassicListener> log) : ConnectionHandler
{
    /// <summary>Longest a connection may take to say its number.</summary>
    private static readonly TimeSpan NumberWait = TimeSpan.FromSeconds(10);

    private const int MaxNewcomers = 128;

    private readonly Newcomers _newcomers = new(MaxNewcomers);

    public override async Task OnConnectedAsync(ConnectionContext connection)
    {
        var address = connection.RemoteEndPoint is UnixDomainSocketEndPoint ? options.Classic!.ToString() : connection.RemoteEndPoint?.ToString() ?? "";
        try
        {
            KeepAlive(connection);
            await ServeAsync(connection, await ReadNumberAsync(connection), address);
        }
        catch (ClassicException e)
        {
            log.ClassicClosed(address, e.Message);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or LoopStoppedException or RpcException)
        {
            log.ClassicEnded(address, e.Message);
        }
        catch (Exception e)
        {
            // A bug ends this connection, and no other.
            log.ClassicFailed(e, address);
        }
    }

    /// <summary>Who it is.</summary>
    /// <exception cref="OperationCanceledException">It was too slow to say.</exception>
    private async Task<NodeId> ReadNumberAsync(ConnectionContext connection)
    {
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(connection.ConnectionClosed, life.Ending);
        await using var alarm = time.CreateTimer(_ => waiting.Cancel(), null, NumberWait, Timeout.InfiniteTimeSpan);
        var place = _newcomers.Add(connection);
        try
        {
            var number = await new ClassicReader(connection.Transport.Input, () => { }).ReadNumberAsync(waiting.Token);
            return new NodeId(number.ToString(CultureInfo.InvariantCulture));
        }
        finally
        {
            _newcomers.Remove(place);
        }
    }

    private async Task ServeAsync(ConnectionContext connection, NodeId node, string address)
    {
        if (await RefusalAsync(node, connection.ConnectionClosed) is { } refusal)
        {
            throw new ClassicException(refusal);
        }

        // Nobody authenticates it, so it has no claim to the places of those who are.
        if (connection.Features.Get<ConnectionSlot>() is { } slot && !slot.TryTrustClassic())
        {
            throw new ClassicException("as many classic nodes are connected as can be");
        }

        await RunLinkAsync(connection, node, address);
    }

    private async Task<string?> RefusalAsync(NodeId node, CancellationToken cancellation)
    {
        if (credentials.HasJoined(node.Value))
        {
            return $"node {node} has joined with a credential of its own: no classic node can be it before 'artel node forget {node}'";
        }

        var isOpen = options.Classic is { IsOpen: true };
        return isOpen && !await loop.AskAsync((state, _) => state.HasListOf(node), cancellation)
            ? $"no unfinished job assigns tasks to node {node}"
            : null;
    }

    private async Task RunLinkAsync(ConnectionContext connection, NodeId node, string address)
    {
        using var session = new NodeSession(node, new Incarnation(BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong)))), awake);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(connection.ConnectionClosed, session.Closed);
        var link = new ClassicLink(
            session, new ClassicReader(connection.Transport.Input, session.Heard), connection.Transport.Output, ending,
            new NodeInbox(session, loop, outputs, vitals, options.Heartbeat), new Delivery(session, loop, outputs, allowance, vitals, options.Heartbeat), tails, time);
        try
        {
            var description = new NodeDescription(NodeKind.Classic, "", "", address, Resources.None, []);
            if ((await admission.AdmitAsync(session, description, LeaseSet.Empty, ending.Token)).Refusal is { } refusal)
            {
                throw new ClassicException(refusal);
            }

            if (await link.RunAsync() is { } reason && !session.WasSilent)
            {
                log.ClassicClosed(address, $"node {node}: {reason}");
            }
        }
        catch (ClassicException e)
        {
            throw new ClassicException($"node {node}: {e.Message}");
        }
        finally
        {
            // Seen in one place or in the other, whichever the link waited for.
            if (session.WasSilent)
            {
                log.ClassicClosed(address, string.Create(CultureInfo.InvariantCulture, $"node {node} said nothing for {options.LostAfter.TotalSeconds:0.###} s"));
            }

            await admission.DismissAsync(session, (state, now) => link.Leave(state, now));
        }
    }

    /// <summary>A node that waits for a task says nothing: that its machine is gone, the system has to find out.</summary>
    private void KeepAlive(ConnectionContext connection)
    {
        if (connection.Features.Get<IConnectionSocketFeature>()?.Socket is not { AddressFamily: not AddressFamily.Unix } socket)
        {
            return;
        }

        var seconds = (int)Math.Clamp(options.Heartbeat.TotalSeconds, 1, short.MaxValue);
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, seconds);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, seconds);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, 3);
    }
}

internal static partial class ClassicLog
{
    [LoggerMessage(LogEvents.ClassicClosed, LogLevel.Warning, "A classic connection from {Address} was closed: {Reason}")]
    public static partial void ClassicClosed(this ILogger log, string address, string reason);

    [LoggerMessage(LogEvents.ClassicFailed, LogLevel.Error, "A classic connection from {Address} was closed: a bug was met")]
    public static partial void ClassicFailed(this ILogger log, Exception bug, string address);

    [LoggerMessage(LogEvents.ClassicEnded, LogLevel.Debug, "A classic connection from {Address} has ended: {Reason}")]
    public static partial void ClassicEnded(this ILogger log, string address, string reason);
}
