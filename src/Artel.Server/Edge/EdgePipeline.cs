using Artel.Dashboard.Hosting;
using Artel.Protocol.Client;
using Grpc.Core;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;

namespace Artel.Server.Edge;

/// <summary>
/// What stands between the network and everything else: version, credential, role and size of each call are checked here, in this order, before a byte of
/// its body is read.
/// </summary>
internal static class EdgePipeline
{
    public static IServiceCollection AddEdge(this IServiceCollection services)
    {
        services.AddAuthentication().AddScheme<AuthenticationSchemeOptions, BearerAuthentication>(BearerAuthentication.SchemeName, null);
        services.AddAuthorization(authorization =>
        {
            foreach (var access in Enum.GetValues<Access>())
            {
                authorization.AddPolicy(access.ToString(), policy => policy
                    .AddAuthenticationSchemes(access == Access.Page ? DashboardHosting.SessionScheme : BearerAuthentication.SchemeName)
                    .AddRequirements(new CallRequirement(access)));
            }

            // What has no row in the table.
            authorization.FallbackPolicy = new AuthorizationPolicyBuilder().RequireAssertion(_ => false).Build();
        });
        return services.AddSingleton<IAuthorizationHandler, CallRequirementHandler>().AddSingleton<CallRefusals>()
            .AddSingleton<IAuthorizationMiddlewareResultHandler>(s => s.GetRequiredService<CallRefusals>())
            .AddSingleton<MessageBudget>().AddSingleton<AdmittedCalls>();
    }

    /// <summary>After routing, before everything that reads a request.</summary>
    public static void UseEdge(this WebApplication app)
    {
        var refusals = app.Services.GetRequiredService<CallRefusals>();
        app.Use((context, next) =>
            context.GetEndpoint() is null ? refusals.RefuseAsync(context, new Refusal(StatusCode.NotFound, "there is nothing here"))
            : WrongVersion(context) is { } refusal ? refusals.RefuseAsync(context, refusal)
            : next(context));
        app.UseAuthentication();
        app.UseAuthorization();
        var admitted = app.Services.GetRequiredService<AdmittedCalls>();
        app.Use(admitted.RunAsync);
    }

    private static Refusal? WrongVersion(HttpContext context)
    {
        if (context.Request.Headers[ProtocolVersion.Header] is not [{ } said])
        {
            return null;
        }

        return !ProtocolVersion.TryParse(said, out var peer)
            ? new Refusal(
                StatusCode.InvalidArgument,
                $"'{ProtocolVersion.Header}: {said}' is not a version: write MAJOR.MINOR, such as {ProtocolVersion.Current}")
            : ProtocolVersion.Current.WorksWith(peer) ? null
            : new Refusal(StatusCode.FailedPrecondition, ProtocolVersion.Refusal(ProtocolVersion.Current, peer, "this artel"));
    }
}
