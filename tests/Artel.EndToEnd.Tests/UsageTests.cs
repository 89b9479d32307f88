using System.Globalization;
using System.Text.Json;

namespace Artel.EndToEnd.Tests;

/// <summary>What was used, by whom, through the command line.</summary>
public sealed class UsageTests
{
    [Fact]
    public async Task Usage_counts_every_attempt_once_over_a_kill_of_the_server()
    {
        await using var cluster = await TestCluster.StartAsync(nodes: ["1"]);
        await EndsAsync(cluster, "failed", "--array", "1-40", "--tag", "blue", "--tag", "night", "--memory", "1MiB", "--", "sh", "-c", "[ $ARTEL_TASK_INDEX != 7 ]");
        var whole = await cluster.SubmitAsync("--array", "1-300", "--tag", "blue", "--", "true");
        cluster.Server.Signal("KILL");
        await cluster.StartServerAsync();
        await cluster.JobBecomesAsync(whole, "succeeded", TimeSpan.FromSeconds(60));

        var by = await cluster.JsonAsync("usage", "--by", "tag", "--since", "1d", "--until", "0s", "--limit", "10");

        var total = by.GetProperty("total");
        Assert.Equal((340L, 1L), (Number(total, "tasks"), Number(total, "failures")));
        Assert.Equal(340, Number(total, "attempts") - Number(total, "losses"));
        Assert.Equal(("tag", 2), (by.GetProperty("by").GetString(), by.GetProperty("row_count").GetInt32()));
        Assert.Equal([("blue", 340L), ("night", 40L)], by.GetProperty("rows").EnumerateArray().Select(r => (r.GetProperty("key").GetString(), Number(r, "tasks"))).Order());
        var reserved = total.GetProperty("cpu_seconds").GetDouble();
        Assert.Equal(total.GetProperty("held_seconds").GetDouble(), reserved, 3);
        Assert.InRange(total.GetProperty("memory_byte_seconds").GetDouble(), 1, reserved * (1 << 20));
        Assert.InRange(total.GetProperty("used_cpu_seconds").GetDouble(), 0.001, 60);
    }

    [Fact]
    public async Task Usage_by_user_node_and_day_is_a_table_that_everyone_may_see()
    {
        await using var cluster = await TestCluster.StartAsync(nodes: ["1"]);
        var ada = (await cluster.ArtelAsync("token", "create", "--role", "user", "--name", "ada")).Output.Trim();
        var viewer = (await cluster.ArtelAsync("token", "create", "--role", "viewer", "--name", "eve")).Output.Trim();
        var job = (await cluster.TryArtelWithAsync("ARTEL_TOKEN", ada, "submit", "--array", "1-3", "--", "true")).Output.Trim();
        await cluster.JobBecomesAsync(job, "succeeded");

        var table = (await cluster.TryArtelWithAsync("ARTEL_TOKEN", viewer, "usage", "--by", "user", "--user", "ada")).Output;
        Assert.Matches(@"^user  tasks  attempts  cpu hours +used\nada       3         3 +0\.\d+ +0\.\d+\n$", table);
        Assert.Equal("1", await KeyAsync("node"));
        Assert.Equal(TimeProvider.System.GetUtcNow().ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), await KeyAsync("day"));
        Assert.Empty((await cluster.JsonAsync("usage", "--user", "nobody")).GetProperty("rows").EnumerateArray());

        async Task<string?> KeyAsync(string by) => Assert.Single((await cluster.JsonAsync("usage", "--by", by)).GetProperty("rows").EnumerateArray()).GetProperty("key").GetString();
    }

    [Theory]
    [InlineData("--by: 'week' must be user, tag, node or day", "--by", "week")]
    [InlineData("since is later than until: there is no day between them", "--since", "2026-02-01", "--until", "2026-01-01")]
    public async Task A_wrong_question_is_refused_in_one_line(string error, params string[] options)
    {
        await using var cluster = await TestCluster.StartAsync();

        var ended = await cluster.TryArtelAsync(["usage", .. options]);

        Assert.Equal((2, $"artel: {error}\n"), (ended.Status, ended.Errors));
    }

    private static async Task EndsAsync(TestCluster cluster, string state, params string[] job) => await cluster.JobBecomesAsync(await cluster.SubmitAsync(job), state);

    private static long Number(JsonElement sum, string name) => sum.GetProperty(name).GetInt64();
}
