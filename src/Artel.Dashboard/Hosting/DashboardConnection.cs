using System.Security.Claims;
using Artel.Protocol.Client;

namespace Artel.Dashboard.Hosting;

/// <summary>What whoever hosts the dashboard tells it: how to reach the cluster, and who may call it by which name.</summary>
/// <param name="Access">Where the cluster listens and its pin, once it does; without a secret, since each browser brings its own.</param>
/// <param name="Names">Names of this machine that browsers may use, beside addresses and <c>localhost</c>.</param>
/// <param name="Identify">Whose secret a session cookie holds; null if nobody's.</param>
/// <param name="Vouch">
/// Gives the value of <see cref="AddressHeader"/> for a browser's address: by it the cluster believes that a call of the
/// dashboard is made for a browser at that address.
/// </param>
public sealed record DashboardConnection(
    Func<ClusterAccess> Access, IReadOnlyList<string> Names, Func<string, ClaimsIdentity?> Identify, Func<string, string> Vouch)
{
    /// <summary>A header of calls that the dashboard makes for a browser.</summary>
    public const string AddressHeader = "artel-browser";
}

/// <summary>Marks connections to the listener that is for browsers of this machine only, without TLS. A feature of the connection.</summary>
public sealed class LoopbackListener;
