using System.Security.Claims;
using System.Text.Encodings.Web;
using Artel.Server.Security;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace Artel.Server.Edge;

/// <summary>Authenticates whoever has a secret in the <c>authorization</c> header. Reads nothing else of the request.</summary>
internal sealed class BearerAuthentication(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logs, UrlEncoder encoder, CredentialStore credentials)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logs, encoder)
{
    public const string SchemeName = "artel-token";

    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (BearerHeader.SecretOf(Request.Headers.Authorization) is not { } secret)
        {
            return Task.FromResult(AuthenticateResult.NoResult());
        }

        var check = credentials.Authenticate(secret);
        return Task.FromResult(check is { Principal: { } principal, Credential: { } credential }
            ? AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(new CallerIdentity(principal, credential, SchemeName)), SchemeName))
            : AuthenticateResult.Fail(check.Problem));
    }
}
