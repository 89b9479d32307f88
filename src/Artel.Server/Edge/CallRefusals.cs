using Artel.Dashboard.Hosting;
using Grpc.Core;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Policy;

namespace Artel.Server.Edge;

/// <summary>
/// Every call that authorization refused ends here: answered in the form of the caller, noted in the log. What is to be recorded of refusals is recorded here.
/// </summary>
internal sealed class CallRefusals(ILogger<CallRefusals> log) : IAuthorizationMiddlewareResultHandler
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
        var who = CallerIdentity.Of(context)?.Principal.Name ?? "";
        log.CallRefused(context.Request.Method, context.Request.Path, who, $"{context.Connection.RemoteIpAddress}", refusal.Message);
        if (refusal.Code == StatusCode.Unauthenticated && LoginRedirect.IsFor(context))
        {
            LoginRedirect.Write(context);
            return;
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
