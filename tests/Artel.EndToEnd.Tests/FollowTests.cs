using System.Globalization;

namespace Artel.EndToEnd.Tests;

/// <summary>Output that is followed over the death of the server goes on exactly where it was.</summary>
public sealed class FollowTests
{
    private const int Lines = 200;

    [Fact]
    public async Task Whoever_follows_the_end_of_an_output_misses_nothing_and_gets_nothing_twice()
    {
        await using var cluster = await TestCluster.StartAsync(lostAfter: "60s", nodes: ["1"]);
        var go = cluster.Folder["go"];
        var job = await cluster.SubmitAsync(
            "--", "sh", "-c", $"seq 1 100; while [ ! -e {go} ]; do sleep 0.05; done; for i in $(seq 101 {Lines}); do echo $i; sleep 0.02; done");
        await Polling.UntilAsync(
            async () => (await cluster.ArtelAsync("logs", job)).Output, said => said.Contains("100\n", StringComparison.Ordinal), "it has written a part");
        await using var lines = cluster.BeginArtel("logs", "-f", "--tail", "3", job);
        await using var bytes = cluster.BeginArtel("logs", "-f", "--tail", "8B", job);
        await using var all = cluster.BeginArtel("logs", "-f", job);
        RunningProgram[] followers = [lines, bytes, all];
        foreach (var follower in followers)
            await follower.UntilAsync(f => f.Output.EndsWith("100\n", StringComparison.Ordinal), "it follows");

        cluster.Server.Signal("KILL");
        await cluster.Server.EndAsync();
        cluster.Folder.Write("go", "");
        await cluster.StartServerAsync();
        await cluster.JobBecomesAsync(job, "succeeded");

        Assert.Equal(From(98), await EndOfAsync(lines));
        Assert.Equal("\n" + From(99), await EndOfAsync(bytes));
        Assert.Equal(From(1), await EndOfAsync(all));

        static string From(int first) =>
            string.Concat(Enumerable.Range(first, Lines - first + 1).Select(i => i.ToString(CultureInfo.InvariantCulture) + "\n"));

        static async Task<string> EndOfAsync(RunningProgram follower)
        {
            var ended = await follower.EndAsync();
            Assert.True(ended.Status == 0, ended.ToString());
            return ended.Output;
        }
    }
}
