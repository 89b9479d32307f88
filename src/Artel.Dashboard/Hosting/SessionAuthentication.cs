using System.Security.Claims;
using System.Text.Encodings.Web;
using Artel.Dashboard.Cluster;
using Grpc.Core;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using V1 = Artel.Protocol.V1;

namespace Artel.Dashboard.Hosting;

/// <summary>Asks the cluster who the holder of a session cookie is. Whoever has none, or one that is no longer good, is sent to log in.</summary>
internal sealed class SessionAuthentication(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logs, UrlEncoder encoder, ClusterGate gate)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logs, encoder)
{
    public const string SchemeName = "artel-session";

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (SessionCookie.Read(Context) is not { Length: > 0 } secret)
        {
            return AuthenticateResult.NoResult();
        }

        try
        {
            var status = await gate.As(secret).GetStatusAsync(new V1.GetStatusRequest(), cancellationToken: Context.RequestAborted);
            var identity = new ClaimsIdentity(
                [new Claim(ClaimTypes.Name, status.User), new Claim(ClaimTypes.Role, status.Role.ToString()), new Claim(Visitor.SecretClaim, secret)],
                SchemeName);
            return AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), SchemeName));
        }
        catch (RpcException e) when (e.StatusCode is StatusCode.Unauthenticated or StatusCode.PermissionDenied)
        {
            SessionCookie.Remove(Context);
            return AuthenticateResult.Fail("the session is no longer good");
        }
        catch (RpcException e)
        {
            return AuthenticateResult.Fail(e.Status.Detail);
        }
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        // A page sends to the login and comes back; anything else, such as a script's call, is only told.
        if (HttpMethods.IsGet(Request.Method) && Request.Headers.Accept.ToString().Contains("text/html", StringComparison.Ordinal))
        {
            Response.Redirect($"/login?to={Uri.EscapeDataString(Request.Path + Request.QueryString)}");
        }
        else
        {
            Response.StatusCode = StatusCodes.Status401Unauthorized;
        }

        return Task.CompletedTask;
    }
}
