namespace Artel.EndToEnd.Tests;

/// <summary>Long output, which is on its way to the server while its process still writes: what is kept is what was written.</summary>
public class AheadTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Long_output_that_comes_while_it_is_written_is_kept_as_it_was_written(bool isServerKilled)
    {
        await using var cluster = await TestCluster.StartAsync(lostAfter: "60s");
        await cluster.StartNodeAsync("1", "--cpus", "1");
        var folder = cluster.Folder.Path;
        var job = await cluster.SubmitAsync(
            "--", "sh", "-c", $"(seq 1 900000; while [ ! -e {folder}/go ]; do seq 1 20000; sleep 0.05; done; echo end) | tee {folder}/written");
        await Polling.UntilAsync(() => Task.FromResult(LongestSegment(folder)), length => length > 5_000_000, "output is there before its process has ended");

        if (isServerKilled)
        {
            cluster.Server.Signal("KILL");
            await cluster.Server.EndAsync();
            await cluster.StartServerAsync();
        }

        cluster.Folder.Write("go", "");
        await cluster.JobBecomesAsync(job, "succeeded", TimeSpan.FromMinutes(1));
        await cluster.ArtelAsync("fetch", job, "--to", cluster.Folder["results"]);

        Assert.Equal(
            await File.ReadAllBytesAsync(Path.Combine(folder, "written")),
            await File.ReadAllBytesAsync(Assert.Single(Directory.GetFiles(cluster.Folder["results"], "out1.txt", SearchOption.AllDirectories))));
    }

    private static long LongestSegment(string folder) =>
        Directory.EnumerateFiles(folder, "*.seg", SearchOption.AllDirectories).Select(f => new FileInfo(f).Length).DefaultIfEmpty().Max();
}
