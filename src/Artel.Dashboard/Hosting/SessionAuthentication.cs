using System.Security.Claims;
using System.Text.Encodings.Web;
using Artel.Dashboard.Cluster;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Artel.Dashboard.Hosting;

/// <summary>Authenticates the holder of a session cookie. A cookie that is no longer good is removed from the browser.</summary>
internal sealed class SessionAuthentication(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logs, UrlEncoder encoder, DashboardConnection connection)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logs, encoder)
{
    protected override Task<AuthenticateResult> HandleAuthenticateAsync() => Task.FromResult(Identify());

    private AuthenticateResult Identify()
    {
        if (SessionCookie.Read(Context) is not { Length: > 0 } secret)
        {
            return AuthenticateResult.NoResult();
        }

        if (connection.Identify(secret) is not { } identity)
        {
            SessionCookie.Remove(Context);
            return AuthenticateResult.Fail("the session has ended: log in again");
        }

        identity.AddClaim(new Claim(Visitor.SecretClaim, secret));
        identity.AddClaim(new Claim(Visitor.AddressClaim, BrowserAddress.Of(Context)));
        return AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), DashboardHosting.SessionScheme));
    }
}
