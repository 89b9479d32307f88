using Artel.Dashboard.Hosting;
using Artel.Protocol.Client;
using Grpc.Net.Client;
using V1 = Artel.Protocol.V1;

namespace Artel.Dashboard.Cluster;

/// <summary>The one connection of all browsers to the cluster; each calls over it with a secret of its own. Safe from any thread.</summary>
public sealed class ClusterGate(DashboardConnection connection) : IDisposable
{
    private readonly Lazy<GrpcChannel> _channel = new(() =>
    {
        var access = connection.Access();
        return ClusterChannel.Open(access, access.Addresses[0]);
    });

    /// <param name="secret">Of a session or a token.</param>
    public V1.Cluster.ClusterClient As(string secret) => new(_channel.Value.Authenticated(secret));

    /// <summary>For the one call that needs no secret: beginning a session with a code.</summary>
    public V1.Cluster.ClusterClient AsNobody() => new(_channel.Value);

    public void Dispose()
    {
        if (_channel.IsValueCreated)
        {
            _channel.Value.Dispose();
        }
    }
}
