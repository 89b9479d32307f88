using System.Net;

namespace Artel.Dashboard.Tests.Security;

/// <summary>What the dashboard answers whom, before anyone has logged in.</summary>
public sealed class GuardTests(GuardTests.Shared shared) : IClassFixture<GuardTests.Shared>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private DashboardCluster Dashboard => shared.Dashboard!;

    [Theory]
    [InlineData("evil.example", 421)]
    [InlineData("localhost.evil.example", 421)]
    [InlineData("localhost", 200)]
    [InlineData("127.0.0.1", 200)]
    [InlineData("[::1]:7071", 200)]
    [InlineData("farm.example", 200)]
    [InlineData("FARM.example:8443", 200)]
    public async Task It_answers_only_to_names_that_nobody_else_has_power_over(string host, int status)
    {
        foreach (var site in new[] { Dashboard.Site, Dashboard.TlsSite })
        {
            Assert.Equal(status, (int)await AskAsync(HttpMethod.Get, new Uri(site, "/login"), ("Host", host)));
        }
    }

    [Theory]
    [InlineData("/healthz")]
    [InlineData("/metrics")]
    public async Task What_is_open_on_loopback_is_not_open_to_pages_that_rebind_a_name(string path)
    {
        Assert.Equal(HttpStatusCode.OK, await AskAsync(HttpMethod.Get, new Uri(Dashboard.Site, path)));
        Assert.Equal(HttpStatusCode.MisdirectedRequest, await AskAsync(HttpMethod.Get, new Uri(Dashboard.Site, path), ("Host", "evil.example")));
    }

    [Theory]
    [InlineData("POST", "/login")]
    [InlineData("POST", "/logout")]
    [InlineData("POST", "/_blazor/negotiate?negotiateVersion=1")]
    [InlineData("GET", "/_blazor?id=none")]
    public async Task Pages_of_other_origins_can_ask_for_nothing(string method, string path)
    {
        var url = new Uri(Dashboard.Site, path);

        Assert.Equal(HttpStatusCode.Forbidden, await AskAsync(new HttpMethod(method), url, ("Origin", "https://evil.example")));
        Assert.Equal(HttpStatusCode.Forbidden, await AskAsync(new HttpMethod(method), url, ("Origin", "null")));
        Assert.NotEqual(HttpStatusCode.Forbidden, await AskAsync(new HttpMethod(method), url, ("Origin", Dashboard.Site.GetLeftPart(UriPartial.Authority))));
    }

    [Fact]
    public async Task Other_ports_of_the_same_machine_are_other_origins() =>
        Assert.Equal(HttpStatusCode.Forbidden, await AskAsync(HttpMethod.Post, new Uri(Dashboard.Site, "/login"), ("Origin", "http://127.0.0.1:1")));

    [Theory]
    [InlineData("/_blazor/negotiate?negotiateVersion=1")]
    [InlineData("/_blazor?id=none")]
    [InlineData("/jobs")]
    public async Task Nobody_gets_a_circuit_or_a_page_without_a_session(string path)
    {
        var method = path.Contains("negotiate", StringComparison.Ordinal) ? HttpMethod.Post : HttpMethod.Get;

        Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync(method, new Uri(Dashboard.Site, path)));
    }

    [Theory]
    [InlineData("/v1/status")]
    [InlineData("/v1/jobs")]
    [InlineData("/artel.v1.Cluster/GetStatus")]
    [InlineData("/artel.v1.NodeLink/Connect")]
    public async Task Without_TLS_there_is_nothing_of_the_clusters_own_interfaces(string path) =>
        Assert.Equal(HttpStatusCode.NotFound, await AskAsync(HttpMethod.Get, new Uri(Dashboard.Site, path)));

    [Theory]
    [InlineData("/login")]
    [InlineData("/_content/Artel.Dashboard/theme.js")]
    public async Task Every_answer_says_what_a_page_may_load(string path)
    {
        using var client = DashboardCluster.Client();
        using var answer = await client.GetAsync(new Uri(Dashboard.Site, path), Cancellation);
        var policy = Assert.Single(answer.Headers.GetValues("Content-Security-Policy"));

        Assert.Contains("default-src 'none'", policy, StringComparison.Ordinal);
        Assert.Contains("script-src 'self';", policy, StringComparison.Ordinal);
        Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe-eval", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("http", policy, StringComparison.Ordinal);
        Assert.Equal("nosniff", Assert.Single(answer.Headers.GetValues("X-Content-Type-Options")));
    }

    private static async Task<HttpStatusCode> AskAsync(HttpMethod method, Uri url, params (string Name, string Value)[] headers)
    {
        using var client = DashboardCluster.Client();
        using var request = new HttpRequestMessage(method, url);
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancellation);
        return answer.StatusCode;
    }

    public sealed class Shared : IAsyncLifetime
    {
        public DashboardCluster? Dashboard { get; private set; }

        public async ValueTask InitializeAsync() => Dashboard = await DashboardCluster.StartAsync();

        public ValueTask DisposeAsync() => Dashboard?.DisposeAsync() ?? ValueTask.CompletedTask;
    }
}
