using System.Security.Claims;
using V1 = Artel.Protocol.V1;

namespace Artel.Dashboard.Cluster;

/// <summary>Who looks at a page.</summary>
/// <param name="Name">As the cluster calls them.</param>
/// <param name="Role">What they may do. The cluster itself refuses what they may not; pages only do not offer it.</param>
public sealed record Visitor(string Name, V1.Role Role)
{
    internal const string SecretClaim = "artel:secret";
    internal const string AddressClaim = "artel:address";

    /// <summary>Submits jobs, and acts on their own.</summary>
    public bool ActsOnJobs => Role >= V1.Role.User && Role != V1.Role.Node;

    /// <summary>Acts on what belongs to somebody: a job, a schedule.</summary>
    public bool MayActOn(string owner) => IsAdmin || (Role == V1.Role.User && Name.Length > 0 && Name == owner);

    /// <summary>Acts on nodes and tokens, and on what is anybody's.</summary>
    public bool IsAdmin => Role == V1.Role.Admin;

    public static Visitor Of(ClaimsPrincipal user) => new(
        user.Identity?.Name ?? "",
        Enum.TryParse<V1.Role>(user.FindFirstValue(ClaimTypes.Role), out var role) ? role : V1.Role.Unspecified);

    /// <summary>The IP address of the browser.</summary>
    internal static string AddressOf(ClaimsPrincipal user) => user.FindFirstValue(AddressClaim) ?? "";

    internal static string SecretOf(ClaimsPrincipal user) => user.FindFirstValue(SecretClaim) ?? "";
}
