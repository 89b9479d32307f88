using System.Text.Json;

namespace Artel.EndToEnd.Tests;

/// <summary>What follows the end of a job: its command, as a job of its own, and its webhook.</summary>
[Collection(HookedCluster.Name)]
public sealed class OnEndTests(HookedCluster shared)
{
    private TestCluster Cluster => shared.Cluster;

    [Fact]
    public async Task The_command_runs_once_as_a_job_of_the_same_user_that_knows_what_ended()
    {
        var file = Cluster.Folder["ended-env"];
        var user = (await Cluster.ArtelAsync("token", "create", "--role", "user", "--name", "ada")).Output.Trim();
        var script = Cluster.Folder.Write("notify.sh", """
            echo "$1 $2 $ARTEL_ENDED_JOB $ARTEL_ENDED_NAME $ARTEL_ENDED_STATE $ARTEL_ENDED_SUCCEEDED $ARTEL_ENDED_FAILED $ARTEL_ENDED_URL" >> ended-env
            """);
        var submitted = await Cluster.TryArtelWithAsync(
            "ARTEL_TOKEN", user, "submit", "--name", "five of them", "--array", "1-5", "--cpus", "0.1", "--on-end", $"sh '{script}' {{job}} {{state}}",
            "--on-end-when", "failure", "--", "sh", "-c", "[ {index} -gt 2 ]");
        var job = submitted.Output.Trim();

        var follower = await FollowerAsync(job);

        Assert.Equal(("ada", "succeeded"), (follower.GetProperty("user").GetString(), follower.GetProperty("state").GetString()));
        var line = Assert.Single(await File.ReadAllLinesAsync(file));
        Assert.Equal($"{job} failed {job} five of them failed 3 2 https://{Cluster.Address}/v1/jobs/{job}", line);
    }

    [Fact]
    public async Task Of_a_map_that_asks_for_failures_a_success_is_followed_by_nothing()
    {
        var map = Cluster.Folder.Write("on-end.yaml", $$"""
            name: mapped
            tasks: [["true"]]
            on_end: { run: ["true"], webhook: "http://{{shared.Receiver.Host}}/mapped", when: failure }
            """);
        var succeeded = await Cluster.SubmitAsync(map);
        await Cluster.JobBecomesAsync(succeeded, "succeeded");
        var failed = await Cluster.SubmitAsync(Cluster.Folder.Write("on-end-2.yaml", (await File.ReadAllTextAsync(map)).Replace("[\"true\"]]", "[\"false\"]]", StringComparison.Ordinal)));

        await FollowerAsync(failed);
        await CallsAsync("/mapped", 1);

        Assert.DoesNotContain(await JobsAsync(), j => Name(j) == $"on-end of {succeeded}");
        Assert.Single(Calls("/mapped"));
    }

    [Fact]
    public async Task The_webhook_gets_the_job_as_the_api_gives_it_and_is_called_until_it_answers()
    {
        var job = await Cluster.SubmitAsync("--cpus", "0.01", "--on-end-webhook", $"http://{shared.Receiver.Host}/job/twice", "--", "sh", "-c", "exit 3");

        var calls = await CallsAsync("/job/twice", 3);

        Assert.Single(calls.Select(c => c.Delivery).Distinct());
        using var http = JsonApiTests.Open(Cluster, await Cluster.AdminTicketAsync());
        var expected = JsonSerializer.Deserialize<JsonElement>(await http.GetStringAsync($"/v1/jobs/{job}"));
        Assert.All(calls, call => Assert.True(JsonElement.DeepEquals(expected, JsonSerializer.Deserialize<JsonElement>(call.Body)), $"{call.Body}\ninstead of\n{expected}"));
    }

    [Fact]
    public async Task A_cancelled_job_has_ended_too()
    {
        var job = await Cluster.SubmitAsync(
            "--on-end-webhook", $"http://{shared.Receiver.Host}/cancelled", "--on-end-when", "failure", "--", Binaries.TestProgram, "sleep", "60000");
        await Cluster.JobBecomesAsync(job, "running");
        await Cluster.ArtelAsync("cancel", job);

        Assert.Contains("JOB_STATE_CANCELLED", (await CallsAsync("/cancelled", 1))[0].Body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("this server does not call hooks.example.org: it has to be started with 'artel server start --webhook-host hooks.example.org'",
        "--on-end-webhook", "https://hooks.example.org/x")]
    [InlineData("is no http or https address", "--on-end-webhook", "hooks.example.org")]
    [InlineData("--on-end: a ' is not closed in: echo 'x", "--on-end", "echo 'x")]
    [InlineData("--on-end-when says nothing by itself", "--on-end-when", "failure")]
    [InlineData("--on-end-when: 'never' is none of always, success, failure", "--on-end", "true", "--on-end-when", "never")]
    public async Task What_is_wrong_is_refused_with_what_would_be_right(string said, params string[] options)
    {
        var refused = await Cluster.TryArtelAsync(["submit", .. options, "--", "true"]);

        Assert.Equal(2, refused.Status);
        Assert.Contains(said, refused.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_is_told_no_host_rightly_does_not_start()
    {
        var refused = await Cluster.TryArtelAsync("server", "start", "--data", Cluster.Folder["none"], "--webhook-host", "https://hooks.example.org/");

        Assert.Equal(2, refused.Status);
        Assert.Contains("--webhook-host 'https://hooks.example.org/': write HOST or HOST:PORT", refused.Errors, StringComparison.Ordinal);
    }

    /// <summary>The job of an on-end command, ended.</summary>
    private async Task<JsonElement> FollowerAsync(string job) => (await Polling.UntilAsync(
        async () => (await JobsAsync()).Where(j => Name(j) == $"on-end of {job}").ToArray(),
        found => found is [var one] && one.GetProperty("state").GetString() is "succeeded" or "failed", $"job {job} is followed by its command")).Single();

    private async Task<JsonElement[]> JobsAsync() => [.. (await Cluster.JsonAsync("ls", "--limit", "1000")).GetProperty("jobs").EnumerateArray()];

    private static string? Name(JsonElement job) => job.GetProperty("name").GetString();

    private HookCall[] Calls(string path) => [.. shared.Receiver.Calls.Where(c => c.Path == path)];

    private async Task<HookCall[]> CallsAsync(string path, int count)
    {
        await Eventually.Holds(() => Calls(path).Length >= count, $"{path} is called {count} times", () => $"{Calls(path).Length}; {Cluster.Server.Errors}");
        return Calls(path);
    }
}
