using System.Security.Claims;
using Artel.Dashboard.Cluster;
using Artel.Dashboard.Hosting;
using Artel.Protocol.Client;
using Artel.Protocol.V1;
using Bunit;
using Bunit.TestDoubles;
using Microsoft.Extensions.DependencyInjection;
using MudBlazor;
using MudBlazor.Services;

namespace Artel.Dashboard.Tests.Components;

/// <summary>Components without a browser, over a real cluster: what they say of it, as its visitor of some role sees it.</summary>
public sealed class ClusterView : IAsyncDisposable
{
    /// <summary>A page that has not shown something by then never will.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly BunitContext _context = new();

    private ClusterView(TestCluster cluster) => Cluster = cluster;

    public TestCluster Cluster { get; }

    /// <param name="name">Of the visitor, and of the token.</param>
    public static async Task<ClusterView> OfAsync(TestCluster cluster, Role role, string name = "visitor")
    {
        var view = new ClusterView(cluster);
        var ticket = Tickets.Parse(await cluster.AdminTicketAsync(), out _)!;
        var secret = Tickets.SecretOf((await cluster.ArtelAsync("token", "create", "--role", role.ToString().ToLowerInvariant(), "--name", name)).Output.Trim());
        var context = view._context;
        context.JSInterop.Mode = JSRuntimeMode.Loose;
        context.Services.AddMudServices();
        context.Services.AddSingleton(TimeProvider.System);
        context.Services.AddSingleton(new DashboardConnection(() => ClusterAccess.From(ticket) with { Addresses = [cluster.Address] }, [], _ => null, address => address));
        context.Services.AddSingleton<ClusterGate>().AddScoped<ClusterSession>().AddScoped<Actions>();
        context.AddAuthorization().SetAuthorized(name).SetClaims(
            new Claim(ClaimTypes.Name, name), new Claim(ClaimTypes.Role, role.ToString()), new Claim(Visitor.SecretClaim, secret));
        await context.Services.GetRequiredService<ClusterSession>().OpenAsync();
        context.Render<MudPopoverProvider>();
        return view;
    }

    /// <summary>A page at its address.</summary>
    public IRenderedComponent<T> Show<T>(string address)
        where T : Microsoft.AspNetCore.Components.IComponent
    {
        _context.Services.GetRequiredService<BunitNavigationManager>().NavigateTo(address);
        return _context.Render<T>();
    }

    /// <summary>A part of a page, with what the page would give it.</summary>
    public IRenderedComponent<T> Show<T>(string address, Action<ComponentParameterCollectionBuilder<T>> parameters)
        where T : Microsoft.AspNetCore.Components.IComponent
    {
        _context.Services.GetRequiredService<BunitNavigationManager>().NavigateTo(address);
        return _context.Render(parameters);
    }

    public async ValueTask DisposeAsync() => await _context.DisposeAsync();
}
