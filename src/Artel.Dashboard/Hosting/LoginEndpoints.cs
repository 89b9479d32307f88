using Artel.Dashboard.Cluster;
using Artel.Protocol.Client;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using V1 = Artel.Protocol.V1;

namespace Artel.Dashboard.Hosting;

/// <summary>What the forms of login and logout are sent to. Both carry an antiforgery token, which is checked because they are forms.</summary>
internal static class LoginEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/login", LoginAsync);
        routes.MapPost("/logout", LogoutAsync);
    }

    /// <param name="secret">A token, or the code of a login link.</param>
    /// <param name="to">The page to go to, on this site.</param>
    private static async Task<IResult> LoginAsync(HttpContext context, ClusterGate gate, [FromForm] string? secret, [FromForm] string? to)
    {
        var target = to is ['/', not ('/' or '\\'), ..] ? to : "/";
        var given = secret?.Trim() ?? "";
        try
        {
            var session = given.StartsWith(Tickets.LoginCodePrefix, StringComparison.Ordinal)
                ? await gate.AsNobody(BrowserAddress.Of(context)).OpenSessionAsync(new V1.OpenSessionRequest { Code = given }, cancellationToken: context.RequestAborted)
                : await gate.As(Tickets.SecretOf(given), BrowserAddress.Of(context)).OpenSessionAsync(new V1.OpenSessionRequest(), cancellationToken: context.RequestAborted);
            SessionCookie.Write(context, session.Secret, session.Expires.ToDateTimeOffset());
            return Results.LocalRedirect(target);
        }
        catch (RpcException e)
        {
            var problem = LoginProblems.Of(e.StatusCode, given);
            return Results.LocalRedirect($"/login?problem={problem}&to={Uri.EscapeDataString(target)}");
        }
    }

    private static async Task<IResult> LogoutAsync(HttpContext context, ClusterGate gate, [FromForm] string? from)
    {
        _ = from;
        if (SessionCookie.Read(context) is { Length: > 0 } secret)
        {
            try
            {
                await gate.As(secret, BrowserAddress.Of(context)).CloseSessionAsync(new V1.CloseSessionRequest(), cancellationToken: context.RequestAborted);
            }
            catch (RpcException e) when (e.StatusCode is StatusCode.Unauthenticated)
            {
                // It has ended already.
            }
        }

        SessionCookie.Remove(context);
        return Results.LocalRedirect("/login?problem=left");
    }
}
