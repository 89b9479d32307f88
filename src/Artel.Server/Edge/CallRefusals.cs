using Artel.Dashboard.Hosting;
using Artel.Server.Audit;
using Grpc.Core;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Policy;

namespace Artel.Server.Edge;

/// <summary>
/// Every call that the edge refuses ends here: it is answered in the form of the caller, noted in the log, and recorded in the
/// audit log if the reason is who calls.
/// </summary>
internal sealed class CallRefusals(AuditCalls audit, ILogger<CallRefusals> log) : IAuthorizationMiddlewareResultHandler
{
    public async Task HandleAsync(RequestDelegate next, HttpContext context, AuthorizationPolicy policy, PolicyAuthorizationResult authorizeResult)
    {
        if (authorizeResult.Succeeded)
        {
            await next(context);
            return;
        }

        await RefuseAsync(context, await ReasonAsync(context, policy, authorizeResult));
    }

    /// <summary>Answers a call that is not let in.</summary>
    public async Task RefuseAsync(HttpContext context, Refusal refusal)
    {
        // The token's name, never its secret.
        var caller = CallerIdentity.Of(context)?.Principal;
        log.CallRefused(
            context.Request.Method, context.Request.Path, caller?.Name ?? "", $"{context.Connection.RemoteIpAddress}", refusal.Message);
        if (refusal.Code == StatusCode.Unauthenticated && LoginRedirect.IsFor(context))
        {
            LoginRedirect.Write(context);
            return;
        }

        if (refusal.Code is StatusCode.Unauthenticated or StatusCode.PermissionDenied)
        {
            audit.Refuse(context, caller, refusal.Code, refusal.Message);
        }

        await refusal.WriteAsync(context);
    }

    private static async Task<Refusal> ReasonAsync(HttpContext context, AuthorizationPolicy policy, PolicyAuthorizationResult result)
    {
        if (result.Forbidden)
        {
            return new Refusal(StatusCode.PermissionDenied, result.AuthorizationFailure?.FailureReasons.FirstOrDefault()?.Message ?? NotServed);
        }

        var problem = policy.AuthenticationSchemes is [{ } scheme, ..] ? (await context.AuthenticateAsync(scheme)).Failure?.Message : NotServed;
        return new Refusal(StatusCode.Unauthenticated, problem ?? Missing(context));
    }

    private const string NotServed = "this server has no such call";

    private static string Missing(HttpContext context) => context.GetEndpoint()?.Metadata.GetMetadata<CallTerms>()?.Access switch
    {
        Access.Metrics => "metrics need a token: 'authorization: Bearer TOKEN', of 'artel token create --role viewer'",
        Access.Page => "this needs a session: log in at /login",
        _ => "this call needs a token: 'authorization: Bearer TOKEN'",
    };
}

internal static partial class CallRefusalsLog
{
    [LoggerMessage(LogEvents.CallRefused, LogLevel.Debug, "{Method} {Path} by '{Who}' from {Address} was refused: {Reason}")]
    public static partial void CallRefused(this ILogger log, string method, string path, string who, string address, string reason);
}
