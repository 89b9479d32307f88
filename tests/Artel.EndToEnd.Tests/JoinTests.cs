using System.Globalization;
using Artel.Protocol.Client;

namespace Artel.EndToEnd.Tests;

/// <summary>How a node gets into a cluster, back into it, and into another one.</summary>
public sealed class JoinTests
{
    private const int WrongUsage = 2;
    private const int NotAllowed = 5;

    [Fact]
    public async Task A_token_of_role_node_lets_one_node_join_within_an_hour_unless_it_says_otherwise()
    {
        await using var cluster = await TestCluster.StartAsync();

        var once = (await cluster.JsonAsync("token", "create", "--role", "node")).GetProperty("token");
        var many = (await cluster.JsonAsync("token", "create", "--role", "node", "--uses", "unlimited", "--valid-for", "2d")).GetProperty("token");

        Assert.Equal(1, once.GetProperty("uses_left").GetInt32());
        Assert.Equal(TimeSpan.FromHours(1), once.GetProperty("expires").GetDateTimeOffset() - once.GetProperty("created").GetDateTimeOffset());
        Assert.Equal(System.Text.Json.JsonValueKind.Null, many.GetProperty("uses_left").ValueKind);
        Assert.Equal(TimeSpan.FromDays(2), many.GetProperty("expires").GetDateTimeOffset() - many.GetProperty("created").GetDateTimeOffset());
        Assert.Equal(WrongUsage, (await cluster.TryArtelAsync("token", "create", "--role", "node", "--uses", "0")).Status);
        Assert.Equal(WrongUsage, (await cluster.TryArtelAsync("token", "create", "--role", "user", "--id", "7")).Status);
    }

    [Fact]
    public async Task Each_refused_join_says_in_one_line_why()
    {
        await using var cluster = await TestCluster.StartAsync(nodes: ["1"]);
        await using var other = await TestCluster.StartAsync();
        var bound = (await cluster.ArtelAsync("token", "create", "--role", "node", "--id", "7")).Output.Trim();
        var expired = (await cluster.ArtelAsync("token", "create", "--role", "node", "--valid-for", "1ms")).Output.Trim();
        var anotherServer = Tickets.Parse(await other.TokenAsync("node"), out _)!;
        anotherServer.Addresses.Clear();
        anotherServer.Addresses.Add(cluster.Address);

        await IsRefusedAsync(cluster, "8", bound, "this token is for node 7 only");
        await IsRefusedAsync(cluster, "8", expired, "this token expired on ");
        await IsRefusedAsync(cluster, "8", Tickets.Format(anotherServer), "does not have the key that this token names");
        await IsRefusedAsync(cluster, "1", await cluster.TokenAsync("node"), "a node with the id 1 has joined already", WrongUsage);

        // It was not used up by those who were refused.
        await cluster.StartNodeAsync("7", "--join", bound);
        await IsRefusedAsync(cluster, "9", (await cluster.ArtelAsync("token", "create", "--role", "node", "--id", "8")).Output.Trim(), "for node 8 only");
        await cluster.Node("7").DisposeAsync();
        await cluster.ArtelAsync("node", "forget", "7");
        await IsRefusedAsync(cluster, "7", bound, "this token has been used up");
        var forgotten = await cluster.TryArtelAsync("node", "start", "--data", cluster.DataOf("7"));
        Assert.True(forgotten.Status == NotAllowed, forgotten.ToString());
        Assert.Contains("node 7 was forgotten: join again with a new token", forgotten.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("argument")]
    [InlineData("equals")]
    [InlineData("variable")]
    [InlineData("file")]
    public async Task No_process_of_a_node_has_the_token_where_others_can_read_it(string way)
    {
        await using var cluster = await TestCluster.StartAsync();
        var token = await cluster.TokenAsync("node");
        cluster.Folder.Write("token", token);
        string[] join = way switch
        {
            "argument" => ["--join", token],
            "equals" => [$"--join={token}"],
            "file" => ["--join", $"@{cluster.Folder["token"]}"],
            _ => [],
        };
        var variables = new Dictionary<string, string?> { ["ARTEL_HOME"] = cluster.Home, ["ARTEL_TOKEN"] = await cluster.AdminTicketAsync() };
        if (way == "variable")
            variables["ARTEL_JOIN"] = token;

        await using var node = RunningProgram.Start(
            Binaries.Artel, ["node", "start", "--id", "7", "--data", cluster.DataOf("7"), .. join], cluster.Folder.Path, variables);
        await cluster.WaitForNodeAsync("7", "connected");

        var processes = new[] { node.Id, cluster.AgentOf("7") };
        foreach (var secret in new[] { token, await cluster.AdminTicketAsync() })
        {
            foreach (var process in processes)
            {
                Assert.DoesNotContain(secret, await File.ReadAllTextAsync($"/proc/{process}/cmdline"), StringComparison.Ordinal);
                Assert.DoesNotContain(secret, await File.ReadAllTextAsync($"/proc/{process}/environ"), StringComparison.Ordinal);
            }
        }

        Assert.Contains("--id", await File.ReadAllTextAsync($"/proc/{node.Id}/cmdline"), StringComparison.Ordinal);
        node.Signal("TERM");
        Assert.Equal(0, (await node.EndAsync()).Status);
    }

    [Fact]
    public async Task A_service_starts_with_the_same_line_each_time_and_its_token_is_used_once()
    {
        await using var cluster = await TestCluster.StartAsync();
        var once = (await cluster.ArtelAsync("token", "create", "--role", "node")).Output.Trim();
        for (var start = 1; start <= 3; start++)
        {
            await cluster.StartNodeAsync("7", "--join", once);
            cluster.Node("7").Signal("TERM");
            await cluster.Node("7").EndAsync();
        }

        // Also while the server is away.
        cluster.Server.Signal("KILL");
        await cluster.Server.EndAsync();
        var node = await cluster.BeginNodeAsync("7", "--join", once);
        await node.UntilAsync(n => n.Errors.Contains("no link to", StringComparison.Ordinal), "it tries to connect");
        await cluster.StartServerAsync();
        await cluster.WaitForNodeAsync("7", "connected");
    }

    [Fact]
    public async Task A_forgotten_node_joins_again_from_its_own_folder_with_a_new_token()
    {
        await using var cluster = await TestCluster.StartAsync(nodes: ["7"]);
        cluster.Node("7").Signal("TERM");
        await cluster.Node("7").EndAsync();
        await cluster.ArtelAsync("node", "forget", "7");

        await cluster.StartNodeAsync("7", "--join", (await cluster.ArtelAsync("token", "create", "--role", "node", "--id", "7")).Output.Trim());

        await cluster.ArtelAsync("run", "--", "true");
    }

    [Fact]
    public async Task A_node_that_joins_another_cluster_leaves_the_unsent_results_of_the_first_behind()
    {
        await using var first = await TestCluster.StartAsync(nodes: ["7"]);
        await using var second = await TestCluster.StartAsync();
        var job = await first.SubmitAsync("--", "sh", "-c", $"while [ ! -e {first.Folder["go"]} ]; do sleep 0.05; done; echo of the first");
        await first.JobBecomesAsync(job, "running");
        first.Server.Signal("KILL");
        await first.Server.EndAsync();
        first.Folder.Write("go", "");
        await first.Node("7").UntilAsync(_ => Journals(first).Any(j => j.Length > 0), "the result is in the spool");
        first.Node("7").Signal("KILL");
        await first.Node("7").EndAsync();

        // The same lease may be out at the second one: its own task has the same number.
        var own = await second.SubmitAsync("--", "echo", "of the second");
        await using (var moved = second.BeginArtel("node", "start", "--id", "7", "--data", first.DataOf("7"), "--join", await second.TokenAsync("node")))
        {
            await second.JobBecomesAsync(own, "succeeded");
            Assert.Contains("has left cluster", moved.Errors, StringComparison.Ordinal);
            Assert.Contains("unsent results of another cluster", moved.Errors, StringComparison.Ordinal);
            moved.Signal("TERM");
            await moved.EndAsync();
        }

        Assert.Equal("of the second\n", (await second.ArtelAsync("logs", own + ".1")).Output);

        // Back again, the task of the first one is done too, with its own output.
        await first.StartServerAsync();
        await first.ArtelAsync("node", "forget", "7");
        await first.BeginNodeAsync("7", "--join", await first.TokenAsync("node"));
        await first.JobBecomesAsync(job, "succeeded");
        Assert.Equal("of the first\n", (await first.ArtelAsync("logs", job + ".1")).Output);
    }

    [Fact]
    public async Task A_node_finds_a_server_that_has_moved_by_the_address_that_it_is_given_and_keeps_it()
    {
        await using var cluster = await TestCluster.StartAsync(nodes: ["7"]);
        cluster.Node("7").Signal("TERM");
        await cluster.Node("7").EndAsync();
        cluster.Server.Signal("TERM");
        await cluster.Server.EndAsync();
        await using var moved = RunningProgram.Start(
            Binaries.Artel, ["server", "start", "--data", cluster.Data, "--listen", "127.0.0.1:0", "--heartbeat", "1s", "--dashboard", "none", "--json"],
            environment: new Dictionary<string, string?> { ["ARTEL_HOME"] = cluster.Home });
        await moved.UntilAsync(s => s.Output.Contains('\n', StringComparison.Ordinal), "it listens");
        var address = System.Text.Json.JsonDocument.Parse(moved.Output).RootElement.GetProperty("listening").GetString()!;

        await using (var stranded = cluster.BeginArtel("node", "start", "--data", cluster.DataOf("7")))
        {
            await stranded.UntilAsync(n => n.Errors.Contains("no link to " + cluster.Address, StringComparison.Ordinal), "it does not find it");
        }

        await Processes.AreGoneAsync("node start --data " + cluster.DataOf("7"));
        await using (await cluster.StartNodeAsync("7", "--server", address))
        {
        }

        await Processes.AreGoneAsync("--data " + cluster.DataOf("7"));
        await cluster.StartNodeAsync("7");
    }

    [Fact]
    public async Task A_copy_of_a_running_nodes_folder_is_refused_and_disturbs_nothing()
    {
        await using var cluster = await TestCluster.StartAsync(nodes: ["7"]);
        var job = await cluster.SubmitAsync("--", "sh", "-c", $"while [ ! -e {cluster.Folder["go"]} ]; do sleep 0.05; done");
        await cluster.JobBecomesAsync(job, "running");
        var copy = cluster.Folder["copy"];
        await using (var cp = RunningProgram.Start("cp", ["-a", cluster.DataOf("7"), copy]))
        {
            Assert.Equal(0, (await cp.EndAsync()).Status);
        }

        var refused = await cluster.TryArtelAsync("node", "start", "--data", copy);

        Assert.Equal(NotAllowed, refused.Status);
        Assert.Equal(
            string.Create(
                CultureInfo.InvariantCulture,
                $"artel: {copy} is a copy of the data folder of a node agent that runs (process {cluster.AgentOf("7")}): "
                + $"stop that one first, or join as another node with a new token and an empty folder\n"),
            refused.Errors);

        // A copy on another machine knows nothing of that process: the server asks the first agent whether it lives.
        File.Delete(Path.Combine(copy, "tag"));
        refused = await cluster.TryArtelAsync("node", "start", "--data", copy);
        Assert.Equal(NotAllowed, refused.Status);
        Assert.Contains(
            string.Create(CultureInfo.InvariantCulture, $"node 7 is already connected from {Environment.MachineName} (process {cluster.AgentOf("7")}, "),
            refused.Errors, StringComparison.Ordinal);
        cluster.Folder.Write("go", "");
        await cluster.ArtelAsync("wait", job);
        Assert.Equal(1, (await cluster.JsonAsync("show", job + ".1")).GetProperty("attempt_count").GetInt32());
        Assert.False(cluster.Node("7").HasEnded);
    }

    [Fact]
    public async Task A_restarted_agent_whose_old_link_hangs_gets_in_before_the_node_is_lost()
    {
        await using var cluster = await TestCluster.StartAsync(lostAfter: "60s", nodes: ["7"]);
        Processes.Signal("STOP", cluster.AgentOf("7"));
        try
        {
            Directory.CreateDirectory(cluster.Folder["again"]);
            File.Copy(Path.Combine(cluster.DataOf("7"), "credential"), Path.Combine(cluster.Folder["again"], "credential"));

            await using var again = cluster.BeginArtel("node", "start", "--data", cluster.Folder["again"]);

            await again.UntilAsync(n => n.Errors.Contains("connected to", StringComparison.Ordinal), "it is connected", TimeSpan.FromSeconds(30));
            Assert.False(again.HasEnded);
        }
        finally
        {
            Processes.Signal("CONT", cluster.AgentOf("7"));
        }
    }

    [Fact]
    public async Task Up_prints_how_to_make_a_token_and_no_token()
    {
        using var folder = new TestFolder();
        await using var up = RunningProgram.Start(
            Binaries.Artel, ["up", "--data", folder["data"], "--listen", "0.0.0.0:0", "--dashboard", "none"],
            environment: new Dictionary<string, string?> { ["ARTEL_HOME"] = folder["home"] });

        await up.UntilAsync(u => u.Errors.Contains("To add a machine", StringComparison.Ordinal), "it is up");

        Assert.Contains("artel token create --role node", up.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("artel_", up.Errors + up.Output, StringComparison.Ordinal);
        up.Signal("TERM");
        await up.EndAsync();
    }

    private static IEnumerable<FileInfo> Journals(TestCluster cluster) =>
        new DirectoryInfo(Path.Combine(cluster.DataOf("7"), "spool")).EnumerateFiles("journal", SearchOption.AllDirectories);

    private static async Task IsRefusedAsync(TestCluster cluster, string id, string token, string why, int status = NotAllowed)
    {
        var refused = await cluster.TryArtelAsync("node", "start", "--id", id, "--data", cluster.Folder["refused-" + id], "--join", token);

        Assert.True(refused.Status == status, refused.ToString());
        Assert.Contains(why, Assert.Single(refused.Errors.TrimEnd().Split('\n')), StringComparison.Ordinal);
        Assert.DoesNotContain(token, refused.ToString(), StringComparison.Ordinal);
    }
}
