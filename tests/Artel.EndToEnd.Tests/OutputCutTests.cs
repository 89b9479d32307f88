using System.Text.Json;

namespace Artel.EndToEnd.Tests;

/// <summary>Output over its limit is cut at exactly that byte, and people and programs can see it.</summary>
public sealed class OutputCutTests(OneNodeCluster shared) : IClassFixture<OneNodeCluster>
{
    private const string Twelve = "echo one two; echo three four >&2";

    private TestCluster Cluster => shared.Cluster;

    [Fact]
    public async Task Run_gives_the_bytes_that_are_kept_and_says_on_standard_error_what_is_not()
    {
        var ran = await Cluster.TryArtelAsync("run", "--output-limit", "5B", "--", "sh", "-c", Twelve);

        Assert.Equal((0, "one t"), (ran.Status, ran.Output));
        Assert.StartsWith("three", ran.Errors, StringComparison.Ordinal);
        Assert.Matches(@"artel: standard output of task \d+\.1 was cut: 5 B kept of 8 B", ran.Errors);
        Assert.Matches(@"artel: standard error of task \d+\.1 was cut: 5 B kept of 11 B", ran.Errors);

        var many = await Cluster.TryArtelAsync(
            "run", "--output-limit", "1B", "--array", "1-12", "--", "echo", "{index}");
        Assert.Equal(12, many.Output.Length);
        Assert.Equal(10, many.Errors.Split("was cut: 1 B kept of").Length - 1);
        Assert.Contains(
            "12 outputs were cut at the limit of the task: --output-limit SIZE", many.Errors, StringComparison.Ordinal);

        var whole = await Cluster.TryArtelAsync("run", "--output-limit", "8B", "--", "echo", "one two");
        Assert.Equal(("one two\n", ""), (whole.Output, whole.Errors));
    }

    [Fact]
    public async Task Logs_fetch_and_json_say_it_too()
    {
        var job = await Cluster.SubmitAsync("--output-limit", "5B", "--array", "1-2", "--", "sh", "-c", Twelve);
        await Cluster.JobBecomesAsync(job, "succeeded");

        string[][] ways = [[job + ".1"], [job], [job + ".1-2"], ["--all", job], ["--all", "-f", job]];
        foreach (var logs in ways)
        {
            var said = await Cluster.ArtelAsync(["logs", .. logs, "--stdout"]);
            Assert.Contains(
                $"artel: standard output of task {job}.1 was cut: 5 B kept of 8 B",
                said.Errors,
                StringComparison.Ordinal);
            Assert.DoesNotContain("standard error of", said.Errors, StringComparison.Ordinal);
            Assert.DoesNotContain("cut", said.Output, StringComparison.Ordinal);
        }

        var fetched = await Cluster.ArtelAsync("fetch", job, "--to", Cluster.Folder["cut"], "--json");
        Assert.Equal(4, JsonSerializer.Deserialize<JsonElement>(fetched.Output).GetProperty("truncated").GetInt32());
        Assert.Contains(
            $"standard error of task {job}.2 was cut: 5 B kept of 11 B", fetched.Errors, StringComparison.Ordinal);
        Assert.Contains("4 outputs were cut", fetched.Errors, StringComparison.Ordinal);
        var kept = Path.Combine(Cluster.Folder["cut"], "1", "out1.txt");
        Assert.Equal("one t", await File.ReadAllTextAsync(kept, TestContext.Current.CancellationToken));
        Assert.True(
            (await Cluster.LastAttemptAsync(job + ".1")).GetProperty("stdout").GetProperty("truncated").GetBoolean());

        var refused = await Cluster.TryArtelAsync("submit", "--output-limit", "0", "--", "true");
        Assert.Equal(2, refused.Status);
        Assert.Contains("--output-limit is 0", refused.Errors, StringComparison.Ordinal);
    }
}
