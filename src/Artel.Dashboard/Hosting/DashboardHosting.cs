using Artel.Dashboard.Cluster;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using MudBlazor.Services;

namespace Artel.Dashboard.Hosting;

/// <summary>Puts the dashboard into a web server.</summary>
public static class DashboardHosting
{
    /// <summary>More of a submitted map, or of anything else that a browser sends at once, is refused.</summary>
    private const long MaxMessageBytes = 4 * 1024 * 1024;

    public static void AddArtelDashboard(this IServiceCollection services, DashboardConnection connection)
    {
        services.AddSingleton(connection).AddSingleton<ClusterGate>().AddSingleton<RequestGuard>();

        // What it protects is of no use after a restart: forms that are sent within minutes, and circuits that are gone.
        services.AddDataProtection().UseEphemeralDataProtectionProvider();
        services.AddAuthentication(SessionAuthentication.SchemeName)
            .AddScheme<AuthenticationSchemeOptions, SessionAuthentication>(SessionAuthentication.SchemeName, null);
        services.AddAuthorization();
        services.AddCascadingAuthenticationState();
        services.AddAntiforgery(antiforgery =>
        {
            antiforgery.Cookie.Name = "artel-form";
            antiforgery.Cookie.SameSite = SameSiteMode.Strict;
            antiforgery.Cookie.HttpOnly = true;
            antiforgery.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
        });
        services.AddRazorComponents().AddInteractiveServerComponents(circuits =>
        {
            circuits.DisconnectedCircuitMaxRetained = 20;
            circuits.DisconnectedCircuitRetentionPeriod = TimeSpan.FromMinutes(1);
            circuits.MaxBufferedUnacknowledgedRenderBatches = 4;
        }).AddHubOptions(hub => hub.MaximumReceiveMessageSize = MaxMessageBytes);
        // At the foot of the page: what can be done stands at its head, and must not be covered by what was done.
        services.AddMudServices(mud => mud.SnackbarConfiguration.PositionClass = MudBlazor.Defaults.Classes.Position.BottomRight);
        services.AddScoped<ClusterSession>().AddScoped<Actions>();
    }

    /// <summary>The guards of the dashboard's pages. Before the endpoints, and not for those calls that are the cluster's own.</summary>
    public static void UseArtelDashboard(this IApplicationBuilder app)
    {
        var guard = app.ApplicationServices.GetRequiredService<RequestGuard>();
        app.UseWhen(
            context => context.GetEndpoint()?.Metadata.GetMetadata<DashboardPage>() is not null || context.Features.Get<LoopbackListener>() is not null,
            pages =>
            {
                pages.Use(next => context => guard.InvokeAsync(context, next));
                pages.UseAuthentication();
                pages.UseAuthorization();
                pages.UseAntiforgery();
            });

        // An address that leads nowhere, typed into a browser.
        app.UseWhen(
            context => context.GetEndpoint() is null && HttpMethods.IsGet(context.Request.Method) && context.Request.Headers.Accept.ToString().Contains("text/html", StringComparison.Ordinal),
            nowhere => nowhere.Run(context =>
            {
                context.Response.Redirect("/not-found");
                return Task.CompletedTask;
            }));
    }

    public static void MapArtelDashboard(this IEndpointRouteBuilder routes)
    {
        var pages = routes.MapGroup("").WithMetadata(new DashboardPage());
        pages.MapStaticAssets().AllowAnonymous();
        pages.MapRazorComponents<App>().AddInteractiveServerRenderMode(mode => mode.DisableWebSocketCompression = true).RequireAuthorization();
        LoginEndpoints.Map(pages);
        OutputEndpoint.Map(pages);
    }
}

/// <summary>Marks endpoints that browsers call.</summary>
public sealed class DashboardPage;
