using System.Security.Claims;
using Artel.Server.Security;

namespace Artel.Server.Edge;

/// <summary>The identity of an authenticated caller, as the framework carries it through a request.</summary>
internal sealed class CallerIdentity : ClaimsIdentity
{
    /// <param name="scheme">By which it was authenticated.</param>
    public CallerIdentity(Principal principal, Credential credential, string scheme)
        : base([new Claim(ClaimTypes.Name, principal.Name), new Claim(ClaimTypes.Role, principal.Role.ToString())], scheme)
    {
        Principal = principal;
        Credential = credential;
    }

    public Principal Principal { get; }

    /// <summary>What it was authenticated by.</summary>
    public Credential Credential { get; }

    /// <summary>Null if nobody was authenticated.</summary>
    public static CallerIdentity? Of(HttpContext context) => context.User.Identity as CallerIdentity;
}
