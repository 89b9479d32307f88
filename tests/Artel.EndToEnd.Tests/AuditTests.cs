using System.Text.Json;

namespace Artel.EndToEnd.Tests;

/// <summary>Who did what, through the command line.</summary>
public sealed class AuditTests
{
    [Fact]
    public async Task What_people_did_is_there_after_a_kill_of_the_server()
    {
        await using var cluster = await TestCluster.StartAsync();
        var ada = (await cluster.ArtelAsync("token", "create", "--role", "user", "--name", "ada")).Output.Trim();
        var job = (await cluster.TryArtelWithAsync("ARTEL_TOKEN", ada, "submit", "--name", "sums", "--", "sh", "-c", "s3cret")).Output.Trim();
        var refused = await cluster.TryArtelWithAsync("ARTEL_TOKEN", ada, "limit", "set", "db=0");
        Assert.NotEqual(0, refused.Status);

        // A refusal is on disk a moment later, and at once if somebody asks.
        await cluster.ArtelAsync("audit");
        cluster.Server.Signal("KILL");
        await cluster.StartServerAsync();

        var table = (await cluster.ArtelAsync("audit", "--user", "ada", "--since", "1h", "--until", "0s")).Output;
        var failed = await cluster.JsonAsync("audit", "--outcome", "failed", "--call", "SetLimit");
        var starts = await cluster.JsonAsync("audit", "--call", "server start");
        var last = await cluster.JsonAsync("audit", "--limit", "1");

        Assert.Contains("Submit", table, StringComparison.Ordinal);
        Assert.Contains($"job 'sums'", table, StringComparison.Ordinal);
        Assert.Contains($"job {job}, 1 tasks", table, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", table, StringComparison.Ordinal);
        var record = Assert.Single(failed.GetProperty("records").EnumerateArray());
        Assert.Equal(("ada", "SetLimit", "permission_denied"), (Text(record, "user"), Text(record, "call"), Text(record, "outcome")));
        Assert.StartsWith("this needs the role admin", Text(record, "detail"), StringComparison.Ordinal);
        Assert.Equal(2, starts.GetProperty("records").GetArrayLength());
        Assert.Equal((1, true), (last.GetProperty("records").GetArrayLength(), last.GetProperty("more").GetBoolean()));
    }

    [Fact]
    public async Task Records_go_when_they_are_as_old_as_the_server_is_to_keep_them()
    {
        await using var cluster = await TestCluster.StartAsync(server: ["--audit-keep", "1ms"]);
        await cluster.ArtelAsync("limit", "set", "db=1");
        Assert.Single(await LimitsAsync());
        cluster.Server.Signal("KILL");
        await cluster.StartServerAsync();

        await Polling.UntilAsync(LimitsAsync, records => records.Length == 0, "the old record is gone");
        return;

        async Task<JsonElement[]> LimitsAsync() =>
            [.. (await cluster.JsonAsync("audit", "--call", "SetLimit")).GetProperty("records").EnumerateArray()];
    }

    [Fact]
    public async Task The_audit_log_is_for_admins_and_a_wrong_time_to_keep_is_refused()
    {
        await using var cluster = await TestCluster.StartAsync();
        var viewer = (await cluster.ArtelAsync("token", "create", "--role", "viewer", "--name", "eve")).Output.Trim();

        var refused = await cluster.TryArtelWithAsync("ARTEL_TOKEN", viewer, "audit");
        var wrong = await cluster.TryArtelAsync("up", "--audit-keep", "0s", "--data", cluster.Folder["other"], "--listen", "127.0.0.1:0");

        Assert.Equal("artel: this needs the role admin; the token 'eve' has the role viewer\n", refused.Errors);
        Assert.Equal(2, wrong.Status);
        Assert.Contains("is out of range: write a duration from 1ms to 3650d", wrong.Errors, StringComparison.Ordinal);
    }

    private static string? Text(JsonElement record, string name) => record.GetProperty(name).GetString();
}
