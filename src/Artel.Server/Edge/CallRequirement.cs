using Artel.Server.Api;
using Artel.Server.Hosting;
using Artel.Server.Security;
using Microsoft.AspNetCore.Authorization;
using Role = Artel.Protocol.V1.Role;

namespace Artel.Server.Edge;

/// <summary>That the caller is one of those whom a row of <see cref="CallTable"/> allows.</summary>
internal sealed record CallRequirement(Access Access) : IAuthorizationRequirement;

/// <summary>Decides that, from who was authenticated. Why not is for the caller to read.</summary>
internal sealed class CallRequirementHandler : AuthorizationHandler<CallRequirement>
{
    protected override Task HandleRequirementAsync(AuthorizationHandlerContext context, CallRequirement requirement)
    {
        var http = (HttpContext)context.Resource!;
        var caller = (context.User.Identity as CallerIdentity)?.Principal;
        if (WhyNot(requirement.Access, caller, http) is { } refusal)
        {
            context.Fail(new AuthorizationFailureReason(this, refusal));
        }
        else
        {
            context.Succeed(requirement);
        }

        return Task.CompletedTask;
    }

    private static string? WhyNot(Access access, Principal? caller, HttpContext http) => access switch
    {
        Access.Anyone => null,
        Access.Login when caller is null && !http.HasSecret() => null,
        Access.Metrics when DashboardListener.IsFromThisMachine(http) => null,
        _ when caller is null => "",
        Access.AnyCredential => null,
        Access.Join => WhyNotJoin(caller),
        Access.Node => caller.Node is null ? "this call is for nodes: join with 'artel node start --join'" : null,
        Access.Metrics when caller.Role == Role.Node => "metrics need the role viewer; this is a node's credential",
        Access.User => WhyNotPerson(caller, Role.User),
        Access.Admin => WhyNotPerson(caller, Role.Admin),
        _ => WhyNotPerson(caller, Role.Viewer),
    };

    private static string? WhyNotPerson(Principal caller, Role required) =>
        caller.Role != Role.Node && caller.Role >= required ? null
        : $"this needs the role {Name(required)}; the token '{caller.Name}' has the role {Name(caller.Role)}";

    private static string? WhyNotJoin(Principal caller) =>
        caller.Role != Role.Node ? $"this token has the role {Name(caller.Role)}: a node joins with one from 'artel token create --role node'"
        : null;

    private static string Name(Role role) => role.ToString().ToLowerInvariant();
}
