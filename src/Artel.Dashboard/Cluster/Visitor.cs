using System.Security.Claims;
using V1 = Artel.Protocol.V1;

namespace Artel.Dashboard.Cluster;

/// <summary>Who looks at a page.</summary>
/// <param name="Name">As the cluster calls them.</param>
/// <param name="Role">What they may do. The cluster itself refuses what they may not; pages only do not offer it.</param>
public sealed record Visitor(string Name, V1.Role Role)
{
    internal const string SecretClaim = "artel:secret";

    /// <summary>Acts on jobs.</summary>
    public bool ActsOnJobs => Role >= V1.Role.User && Role != V1.Role.Node;

    /// <summary>Acts on nodes and tokens.</summary>
    public bool IsAdmin => Role == V1.Role.Admin;

    public static Visitor Of(ClaimsPrincipal user) => new(
        user.Identity?.Name ?? "",
        Enum.TryParse<V1.Role>(user.FindFirstValue(ClaimTypes.Role), out var role) ? role : V1.Role.Unspecified);

    internal static string SecretOf(ClaimsPrincipal user) => user.FindFirstValue(SecretClaim) ?? "";
}
