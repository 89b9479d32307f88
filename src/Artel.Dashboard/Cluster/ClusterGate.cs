using Artel.Dashboard.Hosting;
using Artel.Protocol.Client;
using Grpc.Core;
using Grpc.Core.Interceptors;
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
    /// <param name="browser">The address of the browser for which calls are made.</param>
    public V1.Cluster.ClusterClient As(string secret, string browser) => new(From(browser, _channel.Value.Authenticated(secret)));

    /// <summary>For the one call that needs no secret: beginning a session with a code.</summary>
    public V1.Cluster.ClusterClient AsNobody(string browser) => new(From(browser, _channel.Value.CreateCallInvoker()));

    private CallInvoker From(string browser, CallInvoker calls) => calls.Intercept(metadata =>
    {
        metadata.Add(DashboardConnection.AddressHeader, connection.Vouch(browser));
        return metadata;
    });

    public void Dispose()
    {
        if (_channel.IsValueCreated)
        {
            _channel.Value.Dispose();
        }
    }
}
