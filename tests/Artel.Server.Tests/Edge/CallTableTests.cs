using System.Security.Claims;
using Artel.Protocol.V1;
using Artel.Server.Edge;
using Artel.Server.Hosting;
using Artel.Server.Security;
using Artel.Server.Tests.Api;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Extensions.DependencyInjection;
using Task = System.Threading.Tasks.Task;

namespace Artel.Server.Tests.Edge;

/// <summary>The table of calls, beside what the real server serves and what the protocol describes.</summary>
public sealed class CallTableTests
{
    [Fact]
    public async Task Each_route_of_the_server_has_a_row_and_each_row_a_route()
    {
        await using var server = await LiveServer.StartAsync(change: o => o with { Dashboard = DashboardAddress.Parse("127.0.0.1:0", out _)! });

        var routes = server.Endpoints.Cast<RouteEndpoint>().ToLookup(CallTable.KeyOf);

        Assert.Equal("", string.Join('\n', routes.Select(r => r.Key).Except(CallTable.Rows.Keys)));
        Assert.Equal("", string.Join('\n', CallTable.Rows.Keys.Except(routes.Select(r => r.Key))));
        Assert.All(routes.SelectMany(r => r), route =>
        {
            Assert.Same(CallTable.Rows[CallTable.KeyOf(route)], route.Metadata.GetMetadata<CallTerms>());
            var policy = Assert.Single(route.Metadata.GetOrderedMetadata<IAuthorizeData>()).Policy;
            Assert.Equal(CallTable.Rows[CallTable.KeyOf(route)].Access.ToString(), policy);
            Assert.Null(route.Metadata.GetMetadata<IAllowAnonymous>());
        });
    }

    [Fact]
    public void Each_call_of_the_protocol_has_a_row_and_lasts_if_it_streams()
    {
        foreach (var method in Cluster.Descriptor.Methods.Concat(NodeLink.Descriptor.Methods))
        {
            var terms = CallTable.Rows[$"/{method.Service.FullName}/{method.Name}"];

            Assert.Equal(method.IsClientStreaming || method.IsServerStreaming, terms.IsLasting);
            Assert.Equal(method.IsClientStreaming, terms.Body.MaxBytes is null);
            Assert.InRange(terms.Body.MaxMessageBytes, 1, 32 * 1024 * 1024);
        }
    }

    [Fact]
    public void Only_a_node_and_an_open_page_may_send_without_end_or_as_slowly_as_they_like() =>
        Assert.All(CallTable.Rows.Values.Where(t => t.Body.MaxBytes is null || t.Body.MayBeSlow), t => Assert.True(t.Access is Access.Node or Access.Page));

    [Fact]
    public async Task A_route_without_a_row_is_refused_to_everyone()
    {
        var route = new RouteEndpointBuilder(_ => Task.CompletedTask, RoutePatternFactory.Parse("/v1/new"), 0);
        route.Metadata.Add(new AllowAnonymousAttribute());
        CallTable.Apply(route);
        Assert.Empty(route.Metadata);

        await using var services = new ServiceCollection().AddLogging().AddEdge().BuildServiceProvider();
        var policies = services.GetRequiredService<IAuthorizationPolicyProvider>();
        var admin = new ClaimsPrincipal(
            new CallerIdentity(new Principal("t", Role.Admin, "admin", null), new Credential("k", "t", DateTimeOffset.MaxValue), BearerAuthentication.SchemeName));
        var verdict = await services.GetRequiredService<IAuthorizationService>().AuthorizeAsync(
            admin, new DefaultHttpContext(), (await policies.GetFallbackPolicyAsync())!);

        Assert.False(verdict.Succeeded);
    }
}
