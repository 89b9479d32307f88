using System.Security.Claims;
using Artel.Protocol.Client;

namespace Artel.Dashboard.Hosting;

/// <summary>What whoever hosts the dashboard tells it: how to reach the cluster, and who may call it by which name.</summary>
/// <param name="Access">Where the cluster listens and its pin, once it does; without a secret, since each browser brings its own.</param>
/// <param name="Names">Names of this machine that browsers may use, beside addresses and <c>localhost</c>.</param>
/// <param name="Identify">Whose secret a session cookie holds; null if nobody's.</param>
public sealed record DashboardConnection(Func<ClusterAccess> Access, IReadOnlyList<string> Names, Func<string, ClaimsIdentity?> Identify);

/// <summary>Marks connections to the listener that is for browsers of this machine only, without TLS. A feature of the connection.</summary>
public sealed class LoopbackListener;
