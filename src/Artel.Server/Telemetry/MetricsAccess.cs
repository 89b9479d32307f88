using Artel.Protocol.Client;
using Artel.Protocol.V1;
using Artel.Server.Security;

namespace Artel.Server.Telemetry;

/// <summary>
/// Who may read <c>/metrics</c>: whoever has a token of a person, viewer or more. On a connection that is open to everyone on this machine
/// anyway, everyone.
/// </summary>
/// <param name="isOpen">Whether a connection is of that kind.</param>
internal sealed class MetricsAccess(CredentialStore credentials, Func<HttpContext, bool>? isOpen = null) : IEndpointFilter
{
    private const string Bearer = "Bearer ";
    private readonly Func<HttpContext, bool> _isOpen = isOpen ?? (_ => false);

    public ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next) =>
        Refusal(context.HttpContext) is { } refusal ? ValueTask.FromResult<object?>(refusal) : next(context);

    private IResult? Refusal(HttpContext context)
    {
        if (_isOpen(context))
        {
            return null;
        }

        var header = context.Request.Headers.Authorization.ToString();
        if (!header.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase))
        {
            return Unauthenticated(context, "metrics need a token: 'authorization: Bearer TOKEN', of 'artel token create --role viewer'");
        }

        var token = header[Bearer.Length..].Trim();
        var check = credentials.Authenticate(Tickets.Parse(token, out _)?.Secret ?? token);
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
