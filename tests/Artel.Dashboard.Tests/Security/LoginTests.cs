using System.Net;

namespace Artel.Dashboard.Tests.Security;

/// <summary>How a browser gets in, and how it does not.</summary>
public sealed class LoginTests : IAsyncLifetime
{
    private DashboardCluster? _dashboard;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private DashboardCluster Dashboard => _dashboard!;

    public async ValueTask InitializeAsync() => _dashboard = await DashboardCluster.StartAsync();

    public ValueTask DisposeAsync() => Dashboard.DisposeAsync();

    [Fact]
    public async Task A_page_sends_who_is_not_logged_in_to_the_login_and_back()
    {
        using var client = DashboardCluster.Client();
        using var asking = new HttpRequestMessage(HttpMethod.Get, new Uri(Dashboard.Site, "/jobs?state=failed")) { Headers = { { "Accept", "text/html" } } };
        using var sent = await client.SendAsync(asking, Cancellation);

        Assert.Equal(HttpStatusCode.Redirect, sent.StatusCode);
        Assert.Equal("/login?to=%2Fjobs%3Fstate%3Dfailed", sent.Headers.Location?.OriginalString);

        using var entered = await DashboardCluster.LogInAsync(client, Dashboard.Site, await Dashboard.SecretAsync("viewer"), "/jobs?state=failed");
        Assert.Equal("/jobs?state=failed", entered.Headers.Location?.OriginalString);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(client, Dashboard.Site));
    }

    [Theory]
    [InlineData("http")]
    [InlineData("https")]
    public async Task The_cookie_is_for_this_site_and_for_no_script(string scheme)
    {
        var site = scheme == "https" ? Dashboard.TlsSite : Dashboard.Site;
        using var client = DashboardCluster.Client();
        using var entered = await DashboardCluster.LogInAsync(client, site, await Dashboard.SecretAsync("viewer"));

        var cookie = Assert.Single(entered.Headers.GetValues("Set-Cookie"), c => c.Contains("artel-", StringComparison.Ordinal) && !c.StartsWith("artel-form", StringComparison.Ordinal));
        Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("samesite=strict", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(scheme == "https", cookie.StartsWith("__Host-", StringComparison.Ordinal));
        Assert.Equal(scheme == "https", cookie.Contains("; secure", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task A_login_link_works_once()
    {
        var link = await Dashboard.LinkAsync();
        Assert.Equal(Dashboard.Site, new Uri(link.GetLeftPart(UriPartial.Authority)));
        var code = link.Fragment["#code=".Length..];
        using var first = DashboardCluster.Client();
        using var second = DashboardCluster.Client();

        using var entered = await DashboardCluster.LogInAsync(first, Dashboard.Site, code);
        using var refused = await DashboardCluster.LogInAsync(second, Dashboard.Site, code);

        Assert.Equal("/", entered.Headers.Location?.OriginalString);
        Assert.StartsWith("/login?problem=link", refused.Headers.Location?.OriginalString, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(first, Dashboard.Site));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(second, Dashboard.Site));
    }

    [Theory]
    [InlineData("", "empty")]
    [InlineData("nonsense", "token")]
    [InlineData("login_nonsense", "link")]
    public async Task What_lets_nobody_in_is_told_on_the_page(string secret, string problem)
    {
        using var client = DashboardCluster.Client();
        using var refused = await DashboardCluster.LogInAsync(client, Dashboard.Site, secret);

        Assert.StartsWith($"/login?problem={problem}&", refused.Headers.Location?.OriginalString, StringComparison.Ordinal);
        var page = await client.GetStringAsync(new Uri(Dashboard.Site, refused.Headers.Location!), Cancellation);
        Assert.Contains("role=\"alert\"", page, StringComparison.Ordinal);
        Assert.DoesNotContain("nonsense", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_nodes_token_lets_no_browser_in()
    {
        using var client = DashboardCluster.Client();
        using var refused = await DashboardCluster.LogInAsync(client, Dashboard.Site, await Dashboard.SecretAsync("node"));

        Assert.StartsWith("/login?problem=node", refused.Headers.Location?.OriginalString, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("//evil.example/")]
    [InlineData("/\\evil.example")]
    [InlineData("https://evil.example/")]
    public async Task After_the_login_nobody_is_sent_elsewhere(string to)
    {
        using var client = DashboardCluster.Client();
        using var entered = await DashboardCluster.LogInAsync(client, Dashboard.Site, await Dashboard.SecretAsync("viewer"), to);

        Assert.Equal("/", entered.Headers.Location?.OriginalString);
    }

    [Fact]
    public async Task A_form_without_its_token_is_refused()
    {
        using var client = DashboardCluster.Client();
        using var content = new FormUrlEncodedContent([KeyValuePair.Create("secret", await Dashboard.SecretAsync("admin"))]);
        using var refused = await client.PostAsync(new Uri(Dashboard.Site, "/login"), content, Cancellation);

        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
    }

    [Fact]
    public async Task A_session_ends_with_its_token()
    {
        using var client = DashboardCluster.Client();
        (await DashboardCluster.LogInAsync(client, Dashboard.Site, await Dashboard.SecretAsync("viewer"))).Dispose();
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(client, Dashboard.Site));

        var tokens = (await Dashboard.Cluster.JsonAsync("token", "ls")).GetProperty("tokens").EnumerateArray();
        var token = tokens.First(t => t.GetProperty("role").GetString() == "viewer").GetProperty("id").GetString()!;
        await Dashboard.Cluster.ArtelAsync("token", "revoke", token);

        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(client, Dashboard.Site));
    }

    [Fact]
    public async Task A_session_goes_on_after_a_kill_of_the_server()
    {
        using var client = DashboardCluster.Client();
        (await DashboardCluster.LogInAsync(client, Dashboard.Site, await Dashboard.SecretAsync("viewer"))).Dispose();

        Dashboard.Cluster.Server.Signal("KILL");
        await Dashboard.Cluster.StartServerAsync();

        Assert.Equal(HttpStatusCode.OK, await StatusAsync(client, Dashboard.Site));
    }

    [Fact]
    public async Task Whoever_logs_out_is_out_also_with_a_kept_cookie()
    {
        using var client = DashboardCluster.Client();
        using var entered = await DashboardCluster.LogInAsync(client, Dashboard.Site, await Dashboard.SecretAsync("viewer"));
        var cookie = entered.Headers.GetValues("Set-Cookie").Single(c => !c.StartsWith("artel-form", StringComparison.Ordinal)).Split(';')[0];

        var page = await client.GetStringAsync(new Uri(Dashboard.Site, "/logout"), Cancellation);
        using var content = new FormUrlEncodedContent([KeyValuePair.Create("__RequestVerificationToken", DashboardCluster.TokenOf(page))]);
        using var left = await client.PostAsync(new Uri(Dashboard.Site, "/logout"), content, Cancellation);
        Assert.Equal(HttpStatusCode.Redirect, left.StatusCode);

        using var again = new HttpRequestMessage(HttpMethod.Get, Dashboard.Site) { Headers = { { "Cookie", cookie } } };
        using var plain = new HttpClient(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false });
        using var refused = await plain.SendAsync(again, Cancellation);
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
    }

    [Fact]
    public async Task The_audit_log_has_the_address_of_the_browser()
    {
        using var client = DashboardCluster.Client(IPAddress.Parse("127.0.0.7"));
        (await DashboardCluster.LogInAsync(client, Dashboard.Site, "login_nonsense")).Dispose();
        (await DashboardCluster.LogInAsync(client, Dashboard.Site, "nonsense")).Dispose();
        (await DashboardCluster.LogInAsync(client, Dashboard.Site, (await Dashboard.LinkAsync()).Fragment["#code=".Length..])).Dispose();
        (await DashboardCluster.LogInAsync(client, Dashboard.Site, await Dashboard.SecretAsync("viewer"))).Dispose();

        var records = (await Dashboard.Cluster.JsonAsync("audit", "--call", "OpenSession")).GetProperty("records").EnumerateArray().ToArray();

        Assert.All(records, r => Assert.Equal("127.0.0.7", r.GetProperty("address").GetString()));
        Assert.Equal(
            ["unauthenticated", "unauthenticated", "ok", "ok"], records.Select(r => r.GetProperty("outcome").GetString()));
    }

    private static async Task<HttpStatusCode> StatusAsync(HttpClient client, Uri page)
    {
        using var answer = await client.GetAsync(page, Cancellation);
        return answer.StatusCode;
    }
}
