using Artel.Protocol.Client;

namespace Artel.EndToEnd.Tests;

/// <summary>Callers that are not to be let in, and servers that are not the one they should be.</summary>
public class TrustBadInputTests(OneNodeCluster shared) : IClassFixture<OneNodeCluster>
{
    private const int NotAllowed = 5;

    private TestCluster Cluster => shared.Cluster;

    [Fact]
    public async Task A_text_that_is_no_token_is_refused()
    {
        var refused = await Cluster.TryArtelWithAsync("ARTEL_TOKEN", "swordfish", "ls");

        IsRefused(refused, "ARTEL_TOKEN: this is no Artel token");
        Assert.DoesNotContain("swordfish", refused.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_token_is_refused()
    {
        var ticket = Tickets.Parse(await Cluster.AdminTicketAsync(), out _)!;
        ticket.Secret = new string('A', ticket.Secret.Length);

        var refused = await Cluster.TryArtelWithAsync("ARTEL_TOKEN", Tickets.Format(ticket), "ls");

        IsRefused(refused, "does not accept the token in ARTEL_TOKEN: this cluster does not know this token");
        Assert.DoesNotContain(ticket.Secret, refused.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_expired_token_is_refused()
    {
        var token = (await Cluster.ArtelAsync("token", "create", "--role", "user", "--valid-for", "1ms")).Output.Trim();

        IsRefused(await Cluster.TryArtelWithAsync("ARTEL_TOKEN", token, "ls"), "this token expired on ");
    }

    [Fact]
    public async Task A_revoked_token_is_refused()
    {
        var created = await Cluster.JsonAsync("token", "create", "--role", "user");
        await Cluster.ArtelAsync("token", "revoke", created.GetProperty("token").GetProperty("id").GetString()!);

        IsRefused(await Cluster.TryArtelWithAsync("ARTEL_TOKEN", created.GetProperty("ticket").GetString()!, "ls"), "this token was revoked");
    }

    [Theory]
    [InlineData("viewer", "user", "submit", "--", "true")]
    [InlineData("viewer", "user", "cancel", "1")]
    [InlineData("user", "admin", "node", "drain", "1")]
    [InlineData("user", "admin", "token", "ls")]
    [InlineData("user", "admin", "server", "stop")]
    [InlineData("node", "viewer", "ls")]
    public async Task A_token_of_another_role_is_refused(string role, string needed, params string[] command)
    {
        var token = await Cluster.TokenAsync(role);

        var refused = await Cluster.TryArtelWithAsync("ARTEL_TOKEN", token, command);

        // A join token lets nobody in but a node that joins.
        IsRefused(refused, $"this needs the role {needed}", $"has the role {role}");
        Assert.False(Cluster.Server.HasEnded);
    }

    [Fact]
    public async Task A_node_does_not_join_with_a_token_of_another_role()
    {
        IsRefused(await JoinAsync("other-role", await Cluster.TokenAsync("user")), "this token is for people");
    }

    [Fact]
    public async Task A_node_does_not_join_with_a_token_that_expired_or_was_used_up()
    {
        var expired = (await Cluster.ArtelAsync("token", "create", "--role", "node", "--valid-for", "1ms")).Output.Trim();
        IsRefused(await JoinAsync("too-late", expired), "expired");

        var once = (await Cluster.ArtelAsync("token", "create", "--role", "node", "--uses", "1")).Output.Trim();
        await using (var first = BeginJoin("first", once))
        {
            await Cluster.WaitForNodeAsync("first", "connected");
        }

        IsRefused(await JoinAsync("second", once), "used up");
    }

    [Fact]
    public async Task Another_server_at_the_same_address_is_refused_by_people_and_by_nodes()
    {
        await using var cluster = await TestCluster.StartAsync(heartbeat: "300ms", lostAfter: "60s", nodes: ["1"]);
        var waiting = await cluster.SubmitAsync("--node", "1", "--hold", "--", "echo", "kept");
        var join = await cluster.TokenAsync("node");
        cluster.Server.Signal("TERM");
        await cluster.Server.EndAsync();
        using var elsewhere = new TestFolder();
        await using (var impostor = RunningProgram.Start(
            Binaries.Artel, ["server", "start", "--data", elsewhere["data"], "--listen", cluster.Address],
            environment: new Dictionary<string, string?> { ["ARTEL_HOME"] = elsewhere["home"] }))
        {
            await impostor.UntilAsync(s => s.Output.Contains("listens on", StringComparison.Ordinal), "another server listens");

            IsRefused(await cluster.TryArtelAsync("ls"), $"the server at {cluster.Address} is not the one that the token in");
            IsRefused(await cluster.TryArtelAsync("node", "start", "--id", "2", "--data", cluster.Folder["node-2"], "--join", join), "does not have the key that this token names");
            await cluster.Node("1").UntilAsync(n => n.Errors.Contains("does not have the key", StringComparison.Ordinal), "node 1 sees that the server is another");
            Assert.False(cluster.Node("1").HasEnded);
        }

        // The right one is known again, by all.
        await cluster.StartServerAsync();
        await cluster.ArtelAsync("release", waiting);
        await cluster.ArtelAsync("wait", waiting);
        Assert.Equal("kept\n", (await cluster.ArtelAsync("logs", waiting + ".1")).Output);
    }

    [Fact]
    public async Task A_node_id_that_is_connected_already_is_refused_with_where_the_other_is()
    {
        await using var cluster = await TestCluster.StartAsync(lostAfter: "60s", nodes: ["1"]);
        var running = await cluster.SubmitAsync("--node", "1", "--", "sh", "-c", $"while [ ! -e {cluster.Folder["go"]} ]; do sleep 0.05; done");
        await cluster.JobBecomesAsync(running, "running");
        Directory.CreateDirectory(cluster.Folder["copy"]);
        File.Copy(Path.Combine(cluster.Folder["node-1"], "credential"), Path.Combine(cluster.Folder["copy"], "credential"));

        var copy = await cluster.TryArtelAsync("node", "start", "--id", "1", "--data", cluster.Folder["copy"]);
        var sameFolder = await cluster.TryArtelAsync("node", "start", "--id", "1", "--data", cluster.Folder["node-1"]);
        var anew = await cluster.TryArtelAsync("node", "start", "--id", "1", "--data", cluster.Folder["new"], "--join", await cluster.TokenAsync("node"));

        IsRefused(copy, $"node 1 is already connected from {Environment.MachineName} (process {cluster.AgentOf("1")}, 127.0.0.1:", "with this credential: stop that agent, or");
        IsRefused(sameFolder, $"another node agent (process {cluster.AgentOf("1")}) works in");
        Assert.Equal(2, anew.Status);
        Assert.Contains("a node with the id 1 has joined already", anew.Errors, StringComparison.Ordinal);

        // And the one that was there first has not been disturbed.
        cluster.Folder.Write("go", "");
        await cluster.ArtelAsync("wait", running);
        Assert.Equal(1, (await cluster.JsonAsync("show", running + ".1")).GetProperty("attempt_count").GetInt32());
    }

    private static void IsRefused(Ended ended, params string[] words)
    {
        Assert.True(ended.Status == NotAllowed, ended.ToString());
        Assert.Equal("", ended.Output);
        foreach (var some in words)
        {
            Assert.Contains(some, ended.Errors, StringComparison.Ordinal);
        }
    }

    private RunningProgram BeginJoin(string id, string token) =>
        Cluster.BeginArtel("node", "start", "--id", id, "--data", Cluster.Folder["node-" + id], "--join", token);

    private async Task<Ended> JoinAsync(string id, string token)
    {
        await using var node = BeginJoin(id, token);
        return await node.EndAsync();
    }
}
