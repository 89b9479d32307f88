using Artel.Protocol.V1;
using Artel.Server.Security;

namespace Artel.Server.Telemetry;

/// <summary>
/// Who may read <c>/metrics</c>: whoever has a token of a person, viewer or more. On a connection that is open to everyone on this machine
/// anyway, everyone.
/// </summary>
/// <param name="isOpen">Whether a connection is of that kind.</param>
internal sealed class MetricsAccess(CredentialStore credentials, Func<HttpContext, bool> isOpen) : IEndpointFilter
{
    public ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next) =>
        Refusal(context.HttpContext) is { } refusal ? ValueTask.FromResult<object?>(refusal) : next(context);

    private IResult? Refusal(HttpContext context)
    {
        if (isOpen(context))
        {
            return null;
        }

        if (BearerHeader.SecretOf(context.Request.Headers.Authorization) is not { } secret)
        {
            return Unauthenticated(context, "metrics need a token: 'authorization: Bearer TOKEN', of 'artel token create --role viewer'");
        }

        var check = credentials.Authenticate(secret);
        return check.Principal switch
        {
            null => Unauthenticated(context, check.Problem),
            { Role: Role.Node } => Results.Text("metrics need the role viewer; this is a node's credential\n", statusCode: StatusCodes.Status403Forbidden),
            _ => null,
        };
    }

    private static IResult Unauthenticated(HttpContext context, string problem)
    {
        context.Response.Headers.WWWAuthenticate = "Bearer";
        return Results.Text(problem + "\n", statusCode: StatusCodes.Status401Unauthorized);
    }
}
