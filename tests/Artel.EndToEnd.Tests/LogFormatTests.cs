using System.Globalization;
using System.Text.Json;

namespace Artel.EndToEnd.Tests;

/// <summary>Logs for programs: an object a line, with the same fields from servers and nodes.</summary>
public sealed class LogFormatTests
{
    [Fact]
    public async Task A_server_and_a_node_log_objects_with_the_same_fields()
    {
        await using var cluster = await TestCluster.StartAsync(server: ["--log-format", "json"]);
        var node = await cluster.StartNodeAsync("1", "--log-format", "json");
        var before = TimeProvider.System.GetUtcNow();
        node.Signal("TERM");
        await node.EndAsync();
        await cluster.WaitForNodeAsync("1", "stopped");

        var servers = Lines(cluster.Server.Errors);
        var nodes = Lines(node.Errors);

        var connected = servers.Single(l => l.GetProperty("EventId").GetInt32() == 20);
        Assert.Equal("1", connected.GetProperty("State").GetProperty("Node").GetString());
        Assert.Contains("Node 1 connected from 127.0.0.1:", connected.GetProperty("Message").GetString(), StringComparison.Ordinal);
        var ends = nodes.Single(l => l.GetProperty("EventId").GetInt32() == 2);
        Assert.Equal(("1", "the agent was stopped"), (ends.GetProperty("State").GetProperty("Node").GetString(), ends.GetProperty("State").GetProperty("Reason").GetString()));
        Assert.Equal(connected.EnumerateObject().Select(p => p.Name), ends.EnumerateObject().Select(p => p.Name));
        var at = DateTimeOffset.ParseExact(ends.GetProperty("Timestamp").GetString()!, "yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
        Assert.InRange(at, before - TimeSpan.FromSeconds(1), before + TimeSpan.FromMinutes(1));
    }

    [Fact]
    public async Task The_environment_says_it_for_all_that_is_started_in_it_and_an_option_says_it_better()
    {
        await using var cluster = await TestCluster.StartAsync(server: ["--log-format", "text"]);
        await using var node = RunningProgram.Start(
            Binaries.Artel, ["node", "start", "--id", "9", "--data", cluster.Folder["node-9"], "--join", await cluster.TokenAsync("node")], cluster.Folder.Path,
            new Dictionary<string, string?> { ["ARTEL_HOME"] = cluster.Home, ["ARTEL_LOG_FORMAT"] = "json" });
        await cluster.WaitForNodeAsync("9", "connected");

        Assert.NotEmpty(Lines(node.Errors));
        Assert.Contains(" Node 9 connected from 127.0.0.1:", cluster.Server.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("{", cluster.Server.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("server", "start")]
    [InlineData("node", "start", "--id", "1")]
    [InlineData("up")]
    public async Task Another_format_is_refused(params string[] command)
    {
        using var folder = new TestFolder();
        await using var option = Start([.. command, "--log-format", "xml"], "");
        await using var variable = Start(command, "xml");

        await IsRefusedAsync(option, "--log-format");
        await IsRefusedAsync(variable, "ARTEL_LOG_FORMAT");

        RunningProgram Start(string[] arguments, string format) => RunningProgram.Start(
            Binaries.Artel, arguments, folder.Path, new Dictionary<string, string?> { ["ARTEL_HOME"] = folder["home"], ["ARTEL_LOG_FORMAT"] = format });

        static async Task IsRefusedAsync(RunningProgram program, string what)
        {
            var ended = await program.EndAsync();
            Assert.True(ended.Status == 2, ended.ToString());
            Assert.Contains(what, ended.Errors, StringComparison.Ordinal);
            Assert.Contains("'xml'", ended.Errors, StringComparison.Ordinal);
            Assert.Contains("json", ended.Errors, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Up_hands_it_on_to_its_server_and_its_node()
    {
        using var folder = new TestFolder();
        await using var up = RunningProgram.Start(
            Binaries.Artel, ["up", "--listen", "127.0.0.1:0", "--log-format", "json", "--json"], folder.Path, new Dictionary<string, string?> { ["ARTEL_HOME"] = folder["home"] });
        await up.UntilAsync(u => u.HasEnded || u.Output.Contains('\n', StringComparison.Ordinal), "it is up");
        await up.UntilAsync(u => u.Errors.Contains("\"EventId\":20", StringComparison.Ordinal), "its node is connected");

        up.Signal("TERM");
        await up.EndAsync();

        Assert.NotEmpty(Lines(up.Errors));
    }

    /// <summary>Every line must be an object.</summary>
    private static List<JsonElement> Lines(string text) =>
        [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonSerializer.Deserialize<JsonElement>(l))];
}
