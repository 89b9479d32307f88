using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Artel.Protocol.Client;
using Artel.Protocol.V1;
using Artel.Testing;
using Grpc.Core;
using Grpc.Net.Client;

namespace Artel.Chaos;

/// <summary>The service for people, reached from a machine of the network of the run. Its calls fail as the faults will have it.</summary>
internal sealed class ClusterClient : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly GrpcChannel _channel;

    private ClusterClient(GrpcChannel channel, string secret)
    {
        _channel = channel;
        Service = new Cluster.ClusterClient(channel.Authenticated(secret));
    }

    public Cluster.ClusterClient Service { get; }

    /// <summary>When a call that is made now is given up.</summary>
    public static DateTime Deadline => (TimeProvider.System.GetUtcNow() + Patience).UtcDateTime;

    /// <param name="lab">Null: this machine's own network.</param>
    public static ClusterClient Open(string ticket, NetworkLab? lab, string machine)
    {
        var access = ClusterAccess.From(Tickets.Parse(ticket, out var error) ?? throw new InvalidOperationException(error));
        var handler = new SocketsHttpHandler
        {
            ConnectTimeout = TimeSpan.FromSeconds(2),
            KeepAlivePingDelay = TimeSpan.FromSeconds(2),
            KeepAlivePingTimeout = TimeSpan.FromSeconds(2),
            ConnectCallback = async (context, cancellation) =>
            {
                var socket = lab?.OpenSocket(machine) ?? new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                try
                {
                    await socket.ConnectAsync(IPEndPoint.Parse(access.Addresses[0]), cancellation);
                    return new NetworkStream(socket, ownsSocket: true);
                }
                catch
                {
                    socket.Dispose();
                    throw;
                }
            },
            SslOptions = new SslClientAuthenticationOptions
            {
                RemoteCertificateValidationCallback = (_, certificate, _, _) =>
                    certificate is X509Certificate2 presented && CertificatePin.Of(presented).Equals(access.Pin),
            },
        };
        var channel = GrpcChannel.ForAddress($"https://{access.Addresses[0]}", new GrpcChannelOptions
        {
            HttpHandler = handler,
            DisposeHttpClient = true,
            MaxReceiveMessageSize = ClusterChannel.MaxMessageBytes,
            MaxReconnectBackoff = TimeSpan.FromSeconds(1),
        });
        return new ClusterClient(channel, access.Secret);
    }

    /// <summary>Whether a call failed because of what is done to server and network. Any other failure is a finding.</summary>
    public static bool IsNoAnswer(RpcException e) =>
        e.StatusCode is StatusCode.Unavailable or StatusCode.DeadlineExceeded or StatusCode.Cancelled or StatusCode.Internal or StatusCode.Unknown;

    public void Dispose() => _channel.Dispose();
}
