using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Artel.Protocol.Client;

namespace Artel.EndToEnd.Tests;

/// <summary>The same API as JSON over HTTP, as docs/protocol.md shows it, by a client that knows nothing of gRPC.</summary>
public sealed class JsonApiTests(OneNodeCluster shared) : IClassFixture<OneNodeCluster>, IAsyncLifetime
{
    private HttpClient? _http;

    private TestCluster Cluster => shared.Cluster;

    private HttpClient Http => _http ?? throw new InvalidOperationException("not started");

    public async ValueTask InitializeAsync() => _http = Open(Cluster, await Cluster.AdminTicketAsync());

    public ValueTask DisposeAsync()
    {
        _http?.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task The_server_says_that_it_is_well_to_anyone()
    {
        Http.DefaultRequestHeaders.Authorization = null;

        Assert.Equal("ok\n", await Http.GetStringAsync("/healthz"));
    }

    [Fact]
    public async Task A_job_is_submitted_watched_and_read()
    {
        var status = await GetAsync("/v1/status");
        Assert.Equal(Cluster.Address, (string?)status["listen"]);
        Assert.Equal("ROLE_ADMIN", (string?)status["role"]);

        // The request of docs/protocol.md.
        var submitted = await PostAsync("/v1/jobs", """{"job": {"name": "hello", "tasks": [{"run": ["echo", "hello"]}]}}""");

        // 64 bits are a string, as protobuf's JSON mapping has them: a number of JavaScript would lose some.
        var job = (string)submitted["job"]!;
        Assert.Equal(1, (int)submitted["taskCount"]!);
        await Polling.UntilAsync(() => GetAsync($"/v1/jobs/{job}"), j => (string?)j["state"] == "JOB_STATE_SUCCEEDED", "the job has succeeded");

        Assert.Equal("hello", (string?)(await GetAsync($"/v1/jobs/{job}"))["name"]);
        Assert.Contains((await GetAsync("/v1/jobs?limit=1000"))["jobs"]!.AsArray(), j => (string?)j!["id"] == job);
        var task = (await GetAsync($"/v1/jobs/{job}/tasks"))["tasks"]!.AsArray().Single()!;
        Assert.Equal(["echo", "hello"], task["run"]!.AsArray().Select(a => (string?)a));
        var attempt = (await GetAsync($"/v1/jobs/{job}/tasks/1"))["attempts"]!.AsArray().Single()!;
        Assert.Equal("ATTEMPT_OUTCOME_SUCCEEDED", (string?)attempt["outcome"]);
        Assert.Equal("6", (string?)attempt["stdout"]!["length"]);
    }

    [Theory]
    [InlineData("1.0", HttpStatusCode.OK, "")]
    [InlineData("1.1", HttpStatusCode.OK, "")]
    [InlineData("1.2", HttpStatusCode.BadRequest, "update the server")]
    [InlineData("2.0", HttpStatusCode.BadRequest, "update the server")]
    [InlineData("0.9", HttpStatusCode.BadRequest, "update this artel")]
    [InlineData("new", HttpStatusCode.BadRequest, "MAJOR.MINOR")]
    public async Task Versions_one_minor_apart_work_together_and_others_are_told_what_to_update(string version, HttpStatusCode status, string says)
    {
        Http.DefaultRequestHeaders.Add("artel-protocol", version);

        var answer = await Http.GetAsync("/v1/status");

        Assert.Equal(["1.0"], answer.Headers.GetValues("artel-protocol"));
        Assert.Equal(status, answer.StatusCode);
        Assert.Contains(says, await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_whole_ticket_is_taken_as_well_as_its_secret()
    {
        Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", await Cluster.AdminTicketAsync());

        Assert.Equal("ROLE_ADMIN", (string?)(await GetAsync("/v1/status"))["role"]);
    }

    [Fact]
    public async Task A_job_is_held_explained_released_cancelled_and_retried()
    {
        var job = (string)(await PostAsync(
            "/v1/jobs", """{"job": {"hold": true, "tasks": [{"run": ["true"]}], "sections": [{"node": "ghost", "tasks": [{"run": ["true"]}]}]}}"""))["job"]!;
        Assert.Contains("held", (await GetAsync($"/v1/jobs/{job}/explanation"))["reasons"]!.ToJsonString(), StringComparison.Ordinal);

        await PostAsync($"/v1/jobs/{job}:release", "{}");
        Assert.Contains("ghost", (await GetAsync($"/v1/jobs/{job}/explanation?task=1"))["reasons"]!.ToJsonString(), StringComparison.Ordinal);
        Assert.True((bool)(await PostAsync($"/v1/jobs/{job}:hold", "{}"))["job"]!["held"]!);
        await PostAsync($"/v1/jobs/{job}:release", "{}");
        await Polling.UntilAsync(() => GetAsync($"/v1/jobs/{job}/tasks/2"), t => (string?)t["state"] == "TASK_STATE_SUCCEEDED", "the free task has succeeded");
        Assert.Equal("JOB_STATE_CANCELLED", (string?)(await PostAsync($"/v1/jobs/{job}:cancel", """{"tasks": [{"first": 1, "last": 1}]}"""))["job"]!["state"]);
        Assert.Equal(1, (int)(await PostAsync($"/v1/jobs/{job}:retry", "{}"))["tasks"]!);
        await PostAsync($"/v1/jobs/{job}:cancel", "{}");
    }

    [Fact]
    public async Task Nodes_are_seen_drained_and_resumed()
    {
        Assert.Equal("1", (string?)(await GetAsync("/v1/nodes"))["nodes"]!.AsArray().Single()!["id"]);
        Assert.True((bool)(await PostAsync("/v1/nodes/1:drain", "{}"))["draining"]!);
        Assert.Null((await PostAsync("/v1/nodes/1:drain", "{}"))["drainDeadline"]);
        Assert.NotNull((await PostAsync("/v1/nodes/1:drain", """{"deadline": "600s"}"""))["drainDeadline"]);
        Assert.False((bool)(await PostAsync("/v1/nodes/1:resume", "{}"))["draining"]!);
        Assert.Equal("NODE_CONDITION_CONNECTED", (string?)(await GetAsync("/v1/nodes/1"))["condition"]);
    }

    [Fact]
    public async Task Tokens_are_made_listed_and_revoked()
    {
        var created = await PostAsync("/v1/tokens", """{"role": "ROLE_VIEWER", "name": "anna", "validFor": "3600s"}""");
        var id = (string)created["token"]!["id"]!;
        using var viewer = Open(Cluster, (string)created["ticket"]!);
        Assert.Equal(HttpStatusCode.OK, (await viewer.GetAsync("/v1/jobs")).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await viewer.PostAsync("/v1/jobs", Json("""{"job": {"tasks": [{"run": ["true"]}]}}"""))).StatusCode);
        Assert.Contains((await GetAsync("/v1/tokens"))["tokens"]!.AsArray(), t => (string?)t!["id"] == id);

        (await Http.DeleteAsync($"/v1/tokens/{id}")).EnsureSuccessStatusCode();

        Assert.Equal(HttpStatusCode.Unauthorized, (await viewer.GetAsync("/v1/jobs")).StatusCode);
    }

    [Fact]
    public async Task What_is_wrong_is_said_with_the_status_of_its_kind()
    {
        await SaysAsync(HttpStatusCode.NotFound, "there is no job 999", await Http.GetAsync("/v1/jobs/999"));
        await SaysAsync(HttpStatusCode.NotFound, "there is no node 'ghost'", await Http.GetAsync("/v1/nodes/ghost"));
        await SaysAsync(HttpStatusCode.BadRequest, "run", await Http.PostAsync("/v1/jobs", Json("""{"job": {"tasks": [{"run": []}]}}""")));
        await SaysAsync(HttpStatusCode.BadRequest, "", await Http.PostAsync("/v1/jobs", Json("{ this is no JSON")));
        await SaysAsync(HttpStatusCode.BadRequest, "", await Http.PostAsync("/v1/jobs", Json("""{"job": 7}""")));
        Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "wrong");
        await SaysAsync(HttpStatusCode.Unauthorized, "this cluster does not know this token", await Http.GetAsync("/v1/status"));
        Http.DefaultRequestHeaders.Authorization = null;
        await SaysAsync(HttpStatusCode.Unauthorized, "this call needs a token", await Http.GetAsync("/v1/status"));
    }

    [Fact]
    public async Task A_request_that_is_repeated_with_its_id_makes_one_job()
    {
        const string Request = """{"requestId": "once-7f3a", "job": {"tasks": [{"run": ["true"]}]}}""";

        await using var cluster = await TestCluster.StartAsync();
        using var http = Open(cluster, await cluster.AdminTicketAsync());

        // At the same time, one after the other, and over a restart of the server.
        var together = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => PostAsync("/v1/jobs", Request, http)));
        var later = await PostAsync("/v1/jobs", Request, http);
        cluster.Server.Signal("KILL");
        await cluster.Server.EndAsync();
        await cluster.StartServerAsync();
        var afterRestart = await PostAsync("/v1/jobs", Request, http);
        var other = await PostAsync("/v1/jobs", Request.Replace("once", "another", StringComparison.Ordinal), http);

        var job = Assert.Single(together.Append(later).Append(afterRestart).Select(r => (string?)r["job"]).Distinct());
        Assert.NotEqual(job, (string?)other["job"]);
        Assert.Equal(2, (await cluster.JsonAsync("ls")).GetProperty("jobs").GetArrayLength());
    }

    /// <summary>Trusts the server by its pin, as every client does.</summary>
    internal static HttpClient Open(TestCluster cluster, string ticketText)
    {
        var ticket = Tickets.Parse(ticketText, out _)!;
        var pin = new CertificatePin(ticket.Pin.Span);
        return new HttpClient(new HttpClientHandler
        {
            ServerCertificateCustomValidationCallback = (_, certificate, _, _) => certificate is not null && CertificatePin.Of(certificate).Equals(pin),
        })
        {
            BaseAddress = new Uri($"https://{cluster.Address}"),
            DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", ticket.Secret) },
        };
    }

    private static StringContent Json(string text) => new(text, new MediaTypeHeaderValue("application/json"));

    private static async Task SaysAsync(HttpStatusCode status, string words, HttpResponseMessage response)
    {
        var said = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == status, $"{response.StatusCode}: {said}");
        Assert.Contains(words, (string?)JsonNode.Parse(said)!["message"], StringComparison.Ordinal);
        response.Dispose();
    }

    private async Task<JsonNode> GetAsync(string path) => (await Http.GetFromJsonAsync<JsonNode>(path))!;

    private async Task<JsonNode> PostAsync(string path, string body, HttpClient? http = null)
    {
        using var response = await (http ?? Http).PostAsync(path, Json(body));
        var said = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, $"{path}: {response.StatusCode}: {said}");
        return JsonNode.Parse(said)!;
    }
}
