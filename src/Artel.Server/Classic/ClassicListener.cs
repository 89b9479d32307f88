using System.Globalization;
using System.Net.Sockets;
using System.Security.Cryptography;
using Artel.Core;
using Artel.Server.Loop;
using Artel.Server.Nodes;
using Artel.Server.Outputs;
using Artel.Server.Security;
using Grpc.Core;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace Artel.Server.Classic;

/// <summary>
/// The port of the classic protocol (docs/classic-protocol.md): each connection that says a number becomes a node of the cluster until
/// it ends. Plain TCP, no authentication: whoever reaches the port can be any classic node, and nothing else.
/// </summary>
internal sealed class ClassicListener(
    ClusterLoop loop, NodeAdmission admission, CredentialStore credentials, OutputStore outputs, OutputTails tails, ServerOptions options,
    ServerLife life, TimeProvider time, ILogger<ClassicListener> log) : ConnectionHandler
{
    /// <summary>Longest a connection may take to say its number.</summary>
    private static readonly TimeSpan NumberWait = TimeSpan.FromSeconds(10);

    private const int MaxNewcomers = 128;
    private const int MaxNodes = 4096;

    private readonly Newcomers _newcomers = new(MaxNewcomers);
    private int _nodes;

    public override async Task OnConnectedAsync(ConnectionContext connection)
    {
        var address = connection.RemoteEndPoint?.ToString() ?? "";
        try
        {
            KeepAlive(connection);
            if (await ReadNumberAsync(connection) is { } node)
            {
                await ServeAsync(connection, node, address);
            }
        }
        catch (ClassicException e)
        {
            log.ClassicClosed(address, e.Message);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or LoopStoppedException or RpcException)
        {
            log.ClassicEnded(address, e.Message);
        }
    }

    /// <summary>Who it is. Null where it was too slow to say.</summary>
    private async Task<NodeId?> ReadNumberAsync(ConnectionContext connection)
    {
        using var gone = CancellationTokenSource.CreateLinkedTokenSource(connection.ConnectionClosed, life.Ending);
        using var alarm = new SilenceAlarm(NumberWait, time, gone.Token);
        alarm.Expect(true);
        var place = _newcomers.Add(connection);
        try
        {
            // The alarm is not wound up by what arrives: ten digits have no reason to take longer.
            var number = await new ClassicReader(connection.Transport.Input, () => { }).ReadNumberAsync(alarm.Ending);
            return new NodeId(number.ToString(CultureInfo.InvariantCulture));
        }
        catch (OperationCanceledException) when (alarm.HasRung)
        {
            return null;
        }
        finally
        {
            _newcomers.Remove(place);
        }
    }

    private async Task ServeAsync(ConnectionContext connection, NodeId node, string address)
    {
        try
        {
            if (Interlocked.Increment(ref _nodes) > MaxNodes)
            {
                throw new ClassicException($"{MaxNodes} classic nodes are connected already");
            }

            if (await RefusalAsync(node, connection.ConnectionClosed) is { } refusal)
            {
                throw new ClassicException(refusal);
            }

            await RunLinkAsync(connection, node, address);
        }
        finally
        {
            Interlocked.Decrement(ref _nodes);
        }
    }

    private async Task<string?> RefusalAsync(NodeId node, CancellationToken cancellation)
    {
        if (credentials.HasJoined(node.Value))
        {
            return $"node {node} has joined with a credential of its own: no classic node can be it before 'artel node forget {node}'";
        }

        var isOpen = options.Classic is { IsLoopback: false };
        return isOpen && !await loop.AskAsync((state, _) => state.HasListOf(node), cancellation)
            ? $"no unfinished job assigns tasks to node {node}"
            : null;
    }

    private async Task RunLinkAsync(ConnectionContext connection, NodeId node, string address)
    {
        using var session = new NodeSession(node, new Incarnation(BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong)))), time.GetUtcNow());
        using var gone = CancellationTokenSource.CreateLinkedTokenSource(connection.ConnectionClosed, session.Closed);
        using var silence = new SilenceAlarm(options.LostAfter, time, gone.Token);
        var input = new ClassicReader(connection.Transport.Input, () =>
        {
            session.Heard(time.GetUtcNow());
            silence.Heard();
        });
        var link = new ClassicLink(
            session, input, connection.Transport.Output, silence, new NodeInbox(session, loop, outputs, time),
            new Delivery(session, loop, outputs, time), tails, time);
        try
        {
            var description = new NodeDescription(NodeKind.Classic, "", "", address, Resources.None, []);
            var (joined, refusal) = await admission.AdmitAsync(session, description, [], [], gone.Token);
            if (joined is null)
            {
                throw new ClassicException(refusal);
            }

            if (await link.RunAsync() is { } reason)
            {
                log.ClassicClosed(address, $"node {node}: {reason}");
            }
        }
        catch (OperationCanceledException) when (silence.HasRung)
        {
            log.ClassicClosed(address, string.Create(CultureInfo.InvariantCulture, $"node {node} said nothing for {options.LostAfter.TotalSeconds:0.###} s"));
        }
        catch (ClassicException e)
        {
            throw new ClassicException($"node {node}: {e.Message}");
        }
        finally
        {
            await admission.DismissAsync(session, (state, now) => link.Leave(state, now));
        }
    }

    /// <summary>A node that waits for a task says nothing: that its machine is gone, the system has to find out.</summary>
    private void KeepAlive(ConnectionContext connection)
    {
        if (connection.Features.Get<IConnectionSocketFeature>()?.Socket is not { } socket)
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

    [LoggerMessage(LogEvents.ClassicEnded, LogLevel.Debug, "A classic connection from {Address} has ended: {Reason}")]
    public static partial void ClassicEnded(this ILogger log, string address, string reason);
}
