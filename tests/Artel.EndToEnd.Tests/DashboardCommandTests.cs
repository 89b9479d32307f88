using System.Net;
using System.Net.Sockets;

namespace Artel.EndToEnd.Tests;

/// <summary>Where the dashboard is served, and the links to it. What it shows is tested in Artel.Dashboard.Tests.</summary>
public sealed class DashboardCommandTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_link_is_printed_alone_for_the_machine_of_the_server_and_under_other_names()
    {
        await using var cluster = await TestCluster.StartAsync(server: ["--dashboard", "127.0.0.1:0", "--dashboard-name", "farm.example"]);

        var link = (await cluster.ArtelAsync("dashboard", "--no-open")).Output;
        var json = await cluster.JsonAsync("dashboard");

        Assert.Matches(@"^http://127\.0\.0\.1:\d+/login#code=login_[\w-]{43}\n$", link);
        Assert.True(json.GetProperty("expires").GetDateTimeOffset() > TimeProvider.System.GetUtcNow());
        Assert.NotEqual(link.Trim(), json.GetProperty("url").GetString());
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(link.Split('#')[0])) { Headers = { Host = "farm.example" } };
        using var page = await client.SendAsync(request, Cancellation);
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
    }

    [Fact]
    public async Task Without_a_dashboard_there_is_no_link_and_no_page()
    {
        await using var cluster = await TestCluster.StartAsync(server: ["--dashboard", "none"]);

        var refused = await cluster.TryArtelAsync("dashboard", "--no-open");

        Assert.NotEqual(0, refused.Status);
        Assert.Contains("without a dashboard", refused.Errors, StringComparison.Ordinal);
        Assert.Empty(refused.Output);
        using var handler = new HttpClientHandler { ServerCertificateCustomValidationCallback = (_, certificate, _, _) => certificate is not null };
        using var client = new HttpClient(handler);
        using var page = await client.GetAsync(new Uri($"https://{cluster.Address}/login"), Cancellation);
        Assert.Equal(HttpStatusCode.NotFound, page.StatusCode);
    }

    [Theory]
    [InlineData("0.0.0.0:7071", "on loopback only")]
    [InlineData("nonsense", "or 'none'")]
    public async Task Only_loopback_is_served_without_TLS(string address, string said)
    {
        await using var cluster = TestCluster.Prepare(server: ["--dashboard", address]);
        await cluster.BeginServerAsync();

        var ended = await cluster.Server.EndAsync();

        Assert.Equal(2, ended.Status);
        Assert.Contains(said, ended.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_address_that_was_asked_for_and_is_taken_is_told()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        await using var cluster = TestCluster.Prepare(server: ["--dashboard", $"{taken.LocalEndpoint}"]);
        await cluster.BeginServerAsync();

        var ended = await cluster.Server.EndAsync();

        Assert.Equal(1, ended.Status);
        Assert.Contains($"{taken.LocalEndpoint} is in use by another program", ended.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_clusters_on_one_machine_do_not_get_into_each_others_way_by_default()
    {
        using var folder = new TestFolder();
        await using var first = Up("first");
        await using var second = Up("second");

        foreach (var up in new[] { first, second })
        {
            await up.UntilAsync(p => p.HasEnded || p.Output.Contains('\n', StringComparison.Ordinal), "it is up");
            Assert.False(up.HasEnded, up.Errors);
        }

        // Whichever came second, and had the default address taken, is reached over TLS.
        foreach (var home in new[] { "first", "second" })
        {
            await using var asked = RunningProgram.Start(Binaries.Artel, ["dashboard", "--no-open"], folder.Path, Home(home));
            Assert.Matches("^https?://127", (await asked.EndAsync()).Output);
        }

        RunningProgram Up(string name) =>
            RunningProgram.Start(Binaries.Artel, ["up", "--listen", "127.0.0.1:0", "--id", "only", "--json"], folder.Path, Home(name));

        Dictionary<string, string?> Home(string name) => new() { ["ARTEL_HOME"] = folder[name] };
    }
}
