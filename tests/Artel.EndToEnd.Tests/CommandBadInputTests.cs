namespace Artel.EndToEnd.Tests;

/// <summary>Command lines and maps that are wrong: one clear message, the exit status of the contract, and nothing done.</summary>
public class CommandBadInputTests(OneNodeCluster shared) : IClassFixture<OneNodeCluster>
{
    private TestCluster Cluster => shared.Cluster;

    [Theory]
    [InlineData("map", "check")]
    [InlineData("map", "plan")]
    [InlineData("run")]
    [InlineData("submit")]
    public async Task All_mistakes_of_a_map_are_told_with_their_places_and_nothing_is_submitted(params string[] command)
    {
        var map = Cluster.Folder.Write($"wrong-{string.Join('-', command)}.yaml", """
            name: неправильная
            tsks: []
            tasks:
              - run: []
              - { name: a, run: ["true"], after: [ghost] }
              - { name: a, run: ["true"], array: 1-100000000 }
              - { name: b, run: ["true"], after: [c] }
              - { name: c, run: ["true"], after: [b], timeout: soon }
            """);
        var before = await JobsAsync();

        var refused = await Cluster.TryArtelAsync([.. command, map]);

        IsRefused(refused, 2);
        foreach (var (line, words) in new[] { (2, "tsks"), (4, "run"), (5, "ghost"), (6, "'a'"), (6, "100"), (7, "b"), (8, "soon") })
        {
            Assert.Contains(refused.Errors.Split('\n'), e =>
                e.StartsWith($"{map}:{line}:", StringComparison.Ordinal) && e.Contains(words, StringComparison.Ordinal));
        }

        Assert.Contains("did you mean 'tasks'", refused.Errors, StringComparison.Ordinal);
        Assert.Equal(before, await JobsAsync());
        Assert.False(Directory.Exists(Path.ChangeExtension(map, ".results")));
    }

    [Theory]
    [InlineData("tasks: [", "2:1")]
    [InlineData("\ttasks: x", "1:9")]
    [InlineData("just words", "1:1")]
    [InlineData("", "1:1")]
    [InlineData("a: 1\n---\nb: 2\n", "2:1")]
    public async Task A_file_that_is_no_map_is_told_with_its_place(string text, string place)
    {
        var map = Cluster.Folder.Write("no-map.yaml", text);

        var refused = await Cluster.TryArtelAsync("submit", map);

        IsRefused(refused, 2);
        Assert.Contains($"{map}:{place}", refused.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_map_that_is_not_there_or_is_a_folder_is_told()
    {
        var missing = await Cluster.TryArtelAsync("run", "карта.yaml");
        var folder = await Cluster.TryArtelAsync("run", Cluster.Folder.Path);

        IsRefused(missing, 2);
        Assert.Contains("карта.yaml", missing.Errors, StringComparison.Ordinal);
        IsRefused(folder, 2);
        Assert.Contains(Cluster.Folder.Path, folder.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("there is no command 'artel sumbit': did you mean 'submit'?", "sumbit", "map.yaml")]
    [InlineData("there is no command 'artel node lst': did you mean 'ls'?", "node", "lst")]
    [InlineData("--colour", "ls", "--colour")]
    [InlineData("'many' ", "submit", "--cpus", "many", "--", "true")]
    [InlineData("'12.' is no job", "show", "12.")]
    [InlineData("--role", "token", "create", "--role", "king")]
    [InlineData("a/b", "node", "start", "--id", "a/b")]
    [InlineData("nothing follows '--'", "run", "--")]
    [InlineData("'x' is no address to listen on: write HOST:PORT, such as 127.0.0.1:7070", "up", "--listen", "x")]
    [InlineData("'x' is no address to listen on: write HOST:PORT, such as 127.0.0.1:7070", "server", "start", "--listen", "x")]
    [InlineData("'licence=many' is no pair with a whole number", "node", "start", "--id", "wrong", "--counter", "licence=many")]
    [InlineData("'gpus=2' is no counter: write --gpus 2", "up", "--counter", "gpus=2")]
    public async Task A_wrong_command_line_is_told_in_one_line(string words, params string[] command)
    {
        var refused = await Cluster.TryArtelAsync(command);

        IsRefused(refused, 2);
        Assert.Contains(words, Assert.Single(refused.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ls")]
    [InlineData("submit", "--", "true")]
    [InlineData("show", "1")]
    [InlineData("logs", "1")]
    [InlineData("wait", "1")]
    [InlineData("logs", "-f", "1")]
    [InlineData("fetch", "1", "--to", "fetched-nothing")]
    [InlineData("node", "ls")]
    [InlineData("server", "status")]
    [InlineData("token", "create", "--role", "node")]
    public async Task No_cluster_within_reach_is_status_3(params string[] command)
    {
        using var home = new TestFolder();
        var unconfigured = await Cluster.TryArtelWithAsync("ARTEL_HOME", home.Path, command);

        // Port 1 of loopback: nobody listens.
        var dead = await Cluster.TryArtelWithAsync("ARTEL_SERVER", "127.0.0.1:1", command);

        IsRefused(unconfigured, 3);
        Assert.Contains("artel up", unconfigured.Errors, StringComparison.Ordinal);
        IsRefused(dead, 3);
        Assert.Contains("no cluster at 127.0.0.1:1", dead.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_node_whose_server_is_not_there_can_not_join()
    {
        var ticket = Artel.Protocol.Client.Tickets.Parse(await Cluster.TokenAsync("node"), out _)!;
        ticket.Addresses.Clear();
        ticket.Addresses.Add("127.0.0.1:1");

        var refused = await Cluster.TryArtelAsync(
            "node", "start", "--id", "7", "--data", Cluster.Folder["node-7"], "--join", Artel.Protocol.Client.Tickets.Format(ticket));

        IsRefused(refused, 3);
        Assert.Contains("127.0.0.1:1", refused.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("there is no job 999", "show", "999")]
    [InlineData("there is no job 999", "show", "999.1")]
    [InlineData("there is no job 999", "why", "999")]
    [InlineData("there is no job 999", "why", "999.1")]
    [InlineData("there is no job 999", "logs", "999.1")]
    [InlineData("there is no job 999", "logs", "-f", "999")]
    [InlineData("there is no job 999", "wait", "999")]
    [InlineData("there is no job 999", "cancel", "999")]
    [InlineData("there is no job 999", "cancel", "999.1")]
    [InlineData("there is no job 999", "retry", "999")]
    [InlineData("there is no job 999", "hold", "999")]
    [InlineData("there is no job 999", "release", "999")]
    [InlineData("there is no job 999", "fetch", "999", "--to", "fetched-nothing")]
    [InlineData("there is no job 999", "events", "--job", "999")]
    [InlineData("there is no job 999", "stats", "999")]
    [InlineData("there is no job 999", "set", "999", "--priority", "1")]
    [InlineData("there is no node 'ghost'", "node", "show", "ghost")]
    [InlineData("there is no node 'ghost'", "node", "drain", "ghost")]
    [InlineData("there is no node 'ghost'", "node", "resume", "ghost")]
    [InlineData("there is no node 'ghost'", "node", "stop", "ghost")]
    [InlineData("there is no node 'ghost'", "node", "forget", "ghost")]
    [InlineData("no token", "token", "revoke", "0123")]
    public async Task What_is_not_there_is_status_4(string words, params string[] command)
    {
        var refused = await Cluster.TryArtelAsync(command);

        IsRefused(refused, 4);
        Assert.Contains(words, refused.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("show")]
    [InlineData("why")]
    [InlineData("logs")]
    [InlineData("cancel")]
    [InlineData("retry")]
    public async Task A_task_that_its_job_does_not_have_is_status_4(string command)
    {
        var job = await Cluster.SubmitAsync("--wait", "--", "true");

        var refused = await Cluster.TryArtelAsync(command, job + ".2");

        IsRefused(refused, 4);
        Assert.Contains($"job {job} has tasks 1 to 1, not 2", refused.Errors, StringComparison.Ordinal);
    }

    private static void IsRefused(Ended ended, int status)
    {
        Assert.True(ended.Status == status, ended.ToString());
        Assert.Equal("", ended.Output);
        Assert.DoesNotContain("   at ", ended.Errors, StringComparison.Ordinal);
    }

    private async Task<int> JobsAsync() => (await Cluster.JsonAsync("ls")).GetProperty("jobs").GetArrayLength();
}
