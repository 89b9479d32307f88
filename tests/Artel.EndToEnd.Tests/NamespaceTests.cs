using System.Diagnostics;
using Artel.Protocol.Client;

namespace Artel.EndToEnd.Tests;

/// <summary>Server and nodes on machines of their own, as far as the network goes: three network namespaces joined by a switch.</summary>
public class NamespaceTests
{
    [Fact]
    public async Task A_map_runs_over_the_network_and_large_output_comes_back_whole()
    {
        using var lab = NetworkLab.Create("server", "1", "2");
        await using var cluster = await TestCluster.StartAsync(lostAfter: "60s", lab: lab, nodes: ["1", "2"]);
        var map = cluster.Folder.Write("map.yaml", $"""
            nodes:
              1: [[sh, -c, 'echo $ARTEL_NODE'], ["{Binaries.TestProgram}", flood, "20000000"]]
              2: [[sh, -c, 'echo $ARTEL_NODE']]
            tasks:
              - run: [echo, "{"{index}"}"]
                array: 1-20
            """);

        var run = await cluster.ArtelAsync("run", map, "--results", cluster.Folder["results"], "--json");

        foreach (var node in new[] { "1", "2" })
        {
            Assert.Equal(node + "\n", await File.ReadAllTextAsync(Path.Combine(cluster.Folder["results"], node, "out1.txt")));
            var address = (await cluster.JsonAsync("node", "show", node)).GetProperty("address").GetString();
            Assert.StartsWith(lab.AddressOf(node) + ":", address, StringComparison.Ordinal);
        }

        Assert.StartsWith(lab.AddressOf("server"), cluster.Address, StringComparison.Ordinal);
        Assert.Equal(20_000_000, new FileInfo(Path.Combine(cluster.Folder["results"], "1", "out2.txt")).Length);
        Assert.Equal(23, Directory.EnumerateFiles(cluster.Folder["results"], "out*.txt", SearchOption.AllDirectories).Count());
    }

    [Fact]
    public async Task A_token_whose_first_five_addresses_are_dead_works_at_once_for_commands_and_for_a_join()
    {
        using var lab = NetworkLab.Create("server", "1");
        lab.Swallow("1", "192.0.2");
        await using var cluster = await TestCluster.StartAsync(lab: lab, nodes: []);
        var port = cluster.Address[(cluster.Address.LastIndexOf(':') + 1)..];
        string[] dead =
        [
            $"192.0.2.1:{port}", $"192.0.2.2:{port}", $"127.0.0.1:{port}", "nowhere.invalid:7070", $"192.0.2.3:{port}",
        ];

        // One after the other they took 15 s for a command and 37 s for a join, on a machine with nothing else to do.
        var home = cluster.Folder["home-1"];
        var created = await cluster.ArtelAsync("token", "create", "--role", "user", "--name", "ann");
        var token = WithAddresses(created.Output, [.. dead, cluster.Address]);
        var (program, arguments) = lab.On("1", Binaries.Artel, ["ls"]);
        foreach (var isFirst in new[] { true, false })
        {
            var began = Stopwatch.GetTimestamp();
            await using var command = RunningProgram.Start(
                program,
                arguments,
                environment: new Dictionary<string, string?> { ["ARTEL_TOKEN"] = token, ["ARTEL_HOME"] = home });
            Assert.Equal(0, (await command.EndAsync()).Status);
            Assert.InRange(Stopwatch.GetElapsedTime(began), TimeSpan.Zero, TimeSpan.FromSeconds(12));
            Assert.Contains(
                cluster.Address,
                await File.ReadAllTextAsync(Path.Combine(home, "server-addresses")),
                StringComparison.Ordinal);
        }

        created = await cluster.ArtelAsync("token", "create", "--role", "node");
        var join = WithAddresses(created.Output, [.. dead, cluster.Address]);
        var since = Stopwatch.GetTimestamp();
        (program, arguments) = lab.On(
            "1", Binaries.Artel, ["node", "start", "--id", "1", "--join", join, "--data", cluster.Folder["node-1"]]);
        await using var node = RunningProgram.Start(
            program, arguments, environment: new Dictionary<string, string?> { ["ARTEL_HOME"] = home });
        await cluster.WaitForNodeAsync("1", "connected");
        Assert.InRange(Stopwatch.GetElapsedTime(since), TimeSpan.Zero, TimeSpan.FromSeconds(25));
    }

    [Fact]
    public async Task A_node_that_is_cut_off_loses_its_free_task_to_another_and_its_late_result_is_refused()
    {
        using var lab = NetworkLab.Create("server", "1", "2");
        await using var cluster = await TestCluster.StartAsync(heartbeat: "500ms", lostAfter: "5s", lab: lab, nodes: ["1"]);
        var folder = cluster.Folder.Path;
        var map = cluster.Folder.Write("map.yaml", $"""
            nodes:
              1: [[sh, -c, 'while [ ! -e {folder}/go.list ]; do sleep 0.05; done; echo list $ARTEL_NODE']]
            tasks:
              - [sh, -c, 'while [ ! -e {folder}/go.$ARTEL_NODE ]; do sleep 0.05; done; echo free $ARTEL_NODE; touch {folder}/done.$ARTEL_NODE']
            """);
        var job = await cluster.SubmitAsync(map);
        await BecomesAsync(cluster, job + ".1", "running", "1");
        await BecomesAsync(cluster, job + ".2", "running", "1");
        await cluster.StartNodeAsync("2");

        // When node 1 is cut off for longer than it may be silent
        lab.Cut("1");
        await cluster.WaitForNodeAsync("1", "lost");

        // Then its free task is given to node 2, and the task of its list is not
        await BecomesAsync(cluster, job + ".2", "running", "2");
        Assert.Contains("node 1", await cluster.WhyAsync(job + ".1"), StringComparison.Ordinal);
        Assert.DoesNotContain("2", await NodesOfAsync(cluster, job + ".1"));

        // When node 1 has ended its free task all the same, and comes back
        cluster.Folder.Write("go.1", "");
        await Polling.UntilAsync(() => Task.FromResult(File.Exists(Path.Combine(folder, "done.1"))), done => done, "the cut node ends its task");
        lab.Mend("1");
        await cluster.WaitForNodeAsync("1", "connected");

        // Then that result, which it presented when it came back, is refused
        await cluster.ArtelAsync("submit", "--wait", "--node", "1", "--", "true");
        Assert.Equal("running", (await cluster.JsonAsync("show", job + ".2")).GetProperty("state").GetString());

        // And the one of node 2 is the only one accepted
        cluster.Folder.Write("go.2", "");
        cluster.Folder.Write("go.list", "");
        await cluster.ArtelAsync("wait", job);
        Assert.Equal("free 2\n", (await cluster.ArtelAsync("logs", job + ".2")).Output);
        Assert.Equal("list 1\n", (await cluster.ArtelAsync("logs", job + ".1")).Output);
        var outcomes = (await cluster.JsonAsync("show", job + ".2")).GetProperty("attempts").EnumerateArray()
            .Select(a => $"{a.GetProperty("outcome")} on {a.GetProperty("node")}").ToArray();
        Assert.Equal("lost on 1", outcomes[0]);
        Assert.Equal("succeeded on 2", outcomes[^1]);
        Assert.Single(outcomes, o => o.StartsWith("succeeded", StringComparison.Ordinal));
        Assert.All(await NodesOfAsync(cluster, job + ".1"), node => Assert.Equal("1", node));
    }

    private static async Task<string[]> NodesOfAsync(TestCluster cluster, string task) =>
        [.. (await cluster.JsonAsync("show", task)).GetProperty("attempts").EnumerateArray().Select(a => a.GetProperty("node").GetString()!)];

    private static Task BecomesAsync(TestCluster cluster, string task, string state, string node) => Polling.UntilAsync(
        () => cluster.JsonAsync("show", task),
        t => t.GetProperty("state").GetString() == state && t.GetProperty("attempts").EnumerateArray().Last().GetProperty("node").GetString() == node,
        $"task {task} is {state} on node {node}");

    private static string WithAddresses(string token, string[] addresses)
    {
        var ticket = Tickets.Parse(token, out _)!;
        ticket.Addresses.Clear();
        ticket.Addresses.AddRange(addresses);
        return Tickets.Format(ticket);
    }
}
