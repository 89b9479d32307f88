using Grpc.Core;
using Microsoft.AspNetCore.Components.Authorization;
using V1 = Artel.Protocol.V1;

namespace Artel.Dashboard.Cluster;

/// <summary>The cluster as one browser's visitor may see it: one for each open page. Used on that page's own thread of control.</summary>
public sealed class ClusterSession(ClusterGate gate, AuthenticationStateProvider authentication, TimeProvider time)
{
    /// <summary>A question that takes longer has failed.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private V1.Cluster.ClusterClient? _client;

    public TimeProvider Time => time;

    /// <summary>Set by <see cref="OpenAsync"/>.</summary>
    public Visitor Visitor { get; private set; } = new("", V1.Role.Unspecified);

    /// <summary>Calls with the visitor's secret.</summary>
    /// <exception cref="InvalidOperationException">Before <see cref="OpenAsync"/>.</exception>
    public V1.Cluster.ClusterClient Client => _client ?? throw new InvalidOperationException("the layout opens the session before any page is shown");

    public async Task OpenAsync()
    {
        if (_client is null)
        {
            var user = (await authentication.GetAuthenticationStateAsync()).User;
            Visitor = Visitor.Of(user);
            _client = gate.As(Visitor.SecretOf(user), Visitor.AddressOf(user));
        }
    }

    /// <summary>How long a question may take.</summary>
    public CallOptions Question(CancellationToken cancellation) => new(deadline: time.GetUtcNow().UtcDateTime + Patience, cancellationToken: cancellation);
}
