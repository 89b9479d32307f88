using System.Text.Json;
using Artel.Server;

namespace Artel.EndToEnd.Tests;

/// <summary>The server's key is changed while nodes run tasks and people call.</summary>
public sealed class KeyRotationTests
{
    private const int Killed = 128 + 9;
    private const int NotAllowed = 5;

    [Fact]
    public async Task Whoever_was_in_touch_before_the_change_goes_on_after_it()
    {
        await using var cluster = await TestCluster.StartAsync(heartbeat: "500ms", lostAfter: "60s", nodes: ["7"]);
        var job = await cluster.SubmitAsync("--", "sh", "-c", $"while [ ! -e {cluster.Folder["go"]} ]; do sleep 0.05; done; yes | head -c 300000");
        await cluster.JobBecomesAsync(job, "running");
        var ticket = await cluster.AdminTicketAsync();
        var before = await PinAsync(cluster);

        // Long enough for what is to happen in between, however busy the machine is; the change is not awaited but made.
        var announced = await cluster.JsonAsync("server", "rotate-key", "--overlap", "1h");
        Assert.Equal(before, announced.GetProperty("pin").GetString());
        var next = announced.GetProperty("next_pin").GetString();
        var status = await cluster.JsonAsync("server", "status");
        Assert.Equal(next, status.GetProperty("key").GetProperty("next_pin").GetString());
        Assert.Contains("key changes at", status.GetProperty("attention").ToString(), StringComparison.Ordinal);
        Assert.Equal(2, (await cluster.TryArtelAsync("server", "rotate-key")).Status);

        // Two other people: one calls in time, one does not.
        Assert.Equal(0, (await CallAsync(cluster, "in-touch", ticket)).Status);
        await cluster.ArtelAsync("server", "rotate-key", "--now");
        Assert.Equal(next, await PinAsync(cluster));

        Assert.Equal(0, (await CallAsync(cluster, "in-touch", ticket)).Status);
        var away = await CallAsync(cluster, "away", ticket);
        Assert.Equal(NotAllowed, away.Status);
        Assert.Contains("If the server's key was changed", Assert.Single(away.Errors.TrimEnd().Split('\n')), StringComparison.Ordinal);

        // The link of before goes on, and so do the connections that it makes for long output; then a link that is made again.
        cluster.Folder.Write("go", "");
        await cluster.ArtelAsync("wait", job);
        Assert.Equal(300_000, (await cluster.ArtelAsync("logs", job + ".1")).OutputBytes.Length);
        cluster.Server.Signal("KILL");
        await cluster.Server.EndAsync();
        await cluster.StartServerAsync();
        Assert.Equal(next, await PinAsync(cluster));
        await cluster.ArtelAsync("run", "--", "true");
        cluster.Node("7").Signal("KILL");
        await cluster.Node("7").EndAsync();
        await Processes.AreGoneAsync("--data " + cluster.DataOf("7"));
        await cluster.StartNodeAsync("7");
        Assert.DoesNotContain("does not have the key", cluster.Node("7").Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_key_changes_by_itself_when_the_overlap_is_over()
    {
        await using var cluster = await TestCluster.StartAsync(heartbeat: "500ms", lostAfter: "60s", nodes: ["7"]);
        var before = await PinAsync(cluster);

        await cluster.ArtelAsync("server", "rotate-key", "--overlap", "2s");

        await Polling.UntilAsync(() => PinAsync(cluster), pin => pin != before, "the key has changed");
        Assert.Equal(JsonValueKind.Null, (await cluster.JsonAsync("server", "status")).GetProperty("key").GetProperty("switches").ValueKind);
        await cluster.ArtelAsync("run", "--", "true");
    }

    [Fact]
    public async Task A_node_that_was_away_over_the_change_comes_back_with_a_new_token()
    {
        await using var cluster = await TestCluster.StartAsync(nodes: ["7"]);
        cluster.Node("7").Signal("TERM");
        await cluster.Node("7").EndAsync();
        await cluster.ArtelAsync("server", "rotate-key", "--now");

        await using (var stranded = cluster.BeginArtel("node", "start", "--data", cluster.DataOf("7")))
        {
            await stranded.UntilAsync(n => n.Errors.Contains("if its key was changed while this node was away, join again with a new token", StringComparison.Ordinal), "it says so");
        }

        // It is still the same node: nobody has to forget it first.
        await Processes.AreGoneAsync("--data " + cluster.DataOf("7"));
        await cluster.StartNodeAsync("7", "--join", await cluster.TokenAsync("node"));
    }

    [Theory]
    [InlineData((int)CrashPoint.NextKeyMade)]
    [InlineData((int)CrashPoint.KeyChanged)]
    public async Task A_change_survives_the_death_of_the_server(int point)
    {
#if !CRASH_POINTS
        Assert.Skip("only debug builds of the server have crash points");
#endif
        await using var cluster = TestCluster.Prepare(heartbeat: "500ms", lostAfter: "60s");
        cluster.ServerVariables["ARTEL_SERVER_PATH"] = Binaries.BuiltServer;
        cluster.ServerVariables["ARTEL_CRASH_AT"] = $"{point}:1";
        await cluster.StartServerAsync();
        await cluster.StartNodeAsync("7");
        var before = await PinAsync(cluster);

        // Announced, and made at once after that: it dies over the one or the other.
        _ = await cluster.TryArtelAsync("server", "rotate-key", "--overlap", "3s");
        await cluster.Server.UntilAsync(s => s.HasEnded, "the server dies");
        Assert.Equal(Killed, (await cluster.Server.EndAsync()).Status);
        cluster.ServerVariables.Remove("ARTEL_CRASH_AT");
        await cluster.StartServerAsync();

        await Polling.UntilAsync(() => PinAsync(cluster), pin => pin != before, "the key has changed");
        if (point == (int)CrashPoint.KeyChanged)
        {
            await cluster.WaitForNodeAsync("7", "connected");
        }
    }

    private static async Task<string?> PinAsync(TestCluster cluster) =>
        (await cluster.JsonAsync("server", "status")).GetProperty("key").GetProperty("pin").GetString();

    /// <summary>Somebody with a token of before and a folder of their own.</summary>
    private static async Task<Ended> CallAsync(TestCluster cluster, string who, string ticket)
    {
        await using var call = RunningProgram.Start(
            Binaries.Artel, ["ls"], cluster.Folder.Path, new Dictionary<string, string?> { ["ARTEL_HOME"] = cluster.Folder[who], ["ARTEL_TOKEN"] = ticket });
        return await call.EndAsync();
    }
}
