using Artel.Dashboard.Addresses;
using Artel.Dashboard.Cluster;
using Artel.Dashboard.Times;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using MudBlazor.Services;

namespace Artel.Dashboard.Hosting;

/// <summary>Puts the dashboard into a web server.</summary>
public static class DashboardHosting
{
    /// <summary>More of a submitted map, or of anything else that a browser sends at once, is refused.</summary>
    private const long MaxMessageBytes = 4 * 1024 * 1024;

    private const int MaxFormBytes = 16 * 1024;

    /// <summary>The name by which browsers with a session cookie are authenticated. Which pages need that, the host decides.</summary>
    public const string SessionScheme = "artel-session";

    public static void AddArtelDashboard(this IServiceCollection services, DashboardConnection connection)
    {
        services.AddSingleton(connection).AddSingleton<ClusterGate>().AddSingleton<RequestGuard>();

        // What it protects is of no use after a restart: forms that are sent within minutes, and circuits that are gone.
        services.AddDataProtection().UseEphemeralDataProtectionProvider();
        services.AddAuthentication().AddScheme<AuthenticationSchemeOptions, SessionAuthentication>(SessionScheme, null);
        services.Configure<FormOptions>(form =>
        {
            // A form is a token and a few words. Nothing of it goes to a file.
            form.ValueCountLimit = 8;
            form.KeyLengthLimit = 64;
            form.ValueLengthLimit = MaxFormBytes;
            form.BufferBodyLengthLimit = MaxFormBytes;
            form.MultipartBodyLengthLimit = MaxFormBytes;
        });
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
        services.AddScoped<ClusterSession>().AddScoped<Actions>().AddScoped<PageAddress>().AddScoped<ViewerClock>();
    }

    /// <summary>Refuses what browsers should not have sent. After routing, before authorization, and not for those calls that are the cluster's own.</summary>
    public static void UseDashboardGuards(this IApplicationBuilder app)
    {
        var guard = app.ApplicationServices.GetRequiredService<RequestGuard>();
        app.UseWhen(
            context => context.GetEndpoint()?.Metadata.GetMetadata<DashboardPage>() is not null || context.Features.Get<LoopbackListener>() is not null,
            pages => pages.Use(next => context => guard.InvokeAsync(context, next)));

        // An address that leads nowhere, typed into a browser.
        app.UseWhen(
            context => context.GetEndpoint() is null && HttpMethods.IsGet(context.Request.Method) && context.Request.Headers.Accept.ToString().Contains("text/html", StringComparison.Ordinal),
            nowhere => nowhere.Run(context =>
            {
                context.Response.Redirect("/not-found");
                return Task.CompletedTask;
            }));
    }

    /// <summary>Checks that forms come from this site. After authorization: it reads them.</summary>
    public static void UseDashboardForms(this IApplicationBuilder app) => app.UseAntiforgery();

    public static void MapArtelDashboard(this IEndpointRouteBuilder routes)
    {
        var pages = routes.MapGroup("").WithMetadata(new DashboardPage());
        pages.MapStaticAssets();
        pages.MapRazorComponents<App>().AddInteractiveServerRenderMode(mode => mode.DisableWebSocketCompression = true);
        LoginEndpoints.Map(pages);
        OutputEndpoint.Map(pages);
    }
}

/// <summary>Marks endpoints that browsers call.</summary>
public sealed class DashboardPage;
