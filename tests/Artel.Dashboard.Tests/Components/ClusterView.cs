using System.Security.Claims;
using Artel.Dashboard.Addresses;
using Artel.Dashboard.Cluster;
using Artel.Dashboard.Hosting;
using Artel.Dashboard.Times;
using Artel.Protocol.Client;
using Artel.Protocol.V1;
using Bunit;
using Bunit.TestDoubles;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using MudBlazor;
using MudBlazor.Services;

namespace Artel.Dashboard.Tests.Components;

/// <summary>Components without a browser, over a real cluster: what they say of it, as its visitor of some role sees it.</summary>
public sealed class ClusterView : IAsyncDisposable
{
    /// <summary>A page that has not shown something by then never will.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly BunitContext _context = new();
    private readonly List<string> _logged = [];

    private ClusterView(TestCluster cluster) => Cluster = cluster;

    public TestCluster Cluster { get; }

    /// <summary>What pages logged as errors.</summary>
    public IReadOnlyList<string> Logged => _logged;

    /// <param name="name">Of the visitor, and of the token.</param>
    public static async Task<ClusterView> OfAsync(TestCluster cluster, Role role, string name = "visitor")
    {
        var view = new ClusterView(cluster);
        var ticket = Tickets.Parse(await cluster.AdminTicketAsync(), out _)!;
        var secret = Tickets.SecretOf((await cluster.ArtelAsync("token", "create", "--role", role.ToString().ToLowerInvariant(), "--name", name)).Output.Trim());
        var context = view._context;
        Plan(context.JSInterop);
        context.Services.AddSingleton<ILoggerProvider>(new Notes(view._logged)).AddLogging();
        context.Services.AddMudServices();
        context.Services.AddSingleton(TimeProvider.System);
        context.Services.AddSingleton(new DashboardConnection(() => ClusterAccess.From(ticket) with { Addresses = [cluster.Address] }, [], _ => null, address => address));
        context.Services.AddSingleton<ClusterGate>().AddScoped<ClusterSession>().AddScoped<Actions>().AddScoped<PageAddress>().AddScoped<ViewerClock>();
        context.AddAuthorization().SetAuthorized(name).SetClaims(
            new Claim(ClaimTypes.Name, name), new Claim(ClaimTypes.Role, role.ToString()), new Claim(Visitor.SecretClaim, secret));
        await context.Services.GetRequiredService<ClusterSession>().OpenAsync();
        context.Render<MudPopoverProvider>();
        return view;
    }

    /// <summary>
    /// What pages may call in the browser: the modules that there are, with the functions that they have, and those
    /// of the component library. Any other call fails the test.
    /// </summary>
    private static void Plan(BunitJSInterop browser)
    {
        browser.Mode = JSRuntimeMode.Strict;
        browser.SetupVoid(IsOfTheLibrary).SetVoidResult();
        browser.Setup<int>(IsOfTheLibrary).SetResult(1);
        browser.Setup<bool>(IsOfTheLibrary).SetResult(true);
        browser.Setup<string>(IsOfTheLibrary).SetResult("");
        browser.Setup<MudBlazor.Interop.BoundingClientRect>(IsOfTheLibrary).SetResult(new MudBlazor.Interop.BoundingClientRect());
        var modules = Path.Combine(Binaries.Repository, "src", "Artel.Dashboard", "wwwroot");
        foreach (var file in Directory.GetFiles(modules, "*.js", SearchOption.AllDirectories).Where(f => !f.Contains("/lib/", StringComparison.Ordinal)))
        {
            var source = File.ReadAllText(file);
            var module = browser.SetupModule($"/_content/Artel.Dashboard/{Path.GetRelativePath(modules, file)}");
            module.Mode = JSRuntimeMode.Strict;
            if (source.Contains("function begin(", StringComparison.Ordinal))
            {
                var part = module.SetupModule("begin", _ => true);
                part.Mode = JSRuntimeMode.Strict;
                part.SetupVoid(call => source.Contains($" {call.Identifier}(", StringComparison.Ordinal)).SetVoidResult();
            }
        }
    }

    private static bool IsOfTheLibrary(JSRuntimeInvocation call) => call.Identifier.StartsWith("mud", StringComparison.Ordinal);

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

    private sealed class Notes(List<string> notes) : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
            {
                notes.Add(formatter(state, exception));
            }
        }

        public void Dispose()
        {
        }
    }
}
