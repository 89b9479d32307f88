namespace Artel.EndToEnd.Tests;

/// <summary>What a node has, gives and takes care of, through the command line.</summary>
public class LimitTests(LimitTests.NodeWithGpus node) : IClassFixture<LimitTests.NodeWithGpus>
{
    // It fills its memory by itself, in the same way everywhere.
    private static readonly string[] Hog = ["perl", "-e", "$x = 'a' x (300 << 20); sleep 60"];

    private TestCluster Cluster => node.Cluster;

    [Fact]
    public async Task A_node_says_what_it_was_given_by_hand_and_what_it_found()
    {
        var resources = (await Cluster.JsonAsync("node", "show", "1")).GetProperty("resources");

        Assert.Equal((4.0, 2.0, 3), (resources.GetProperty("cpus").GetDouble(), resources.GetProperty("gpus").GetDouble(), resources.GetProperty("counters").GetProperty("licences").GetInt32()));
        Assert.InRange(resources.GetProperty("memory_bytes").GetInt64(), 1L << 28, 1L << 46);
    }

    [Fact]
    public async Task A_task_that_takes_more_memory_than_it_asked_for_fails_and_says_so()
    {
        var job = await Cluster.SubmitAsync(["--memory", "200MiB", "--retries", "1", "--backoff", "10ms", "--retry-on", "out-of-memory", "--", .. Hog]);

        await Cluster.JobBecomesAsync(job, "failed");

        var why = await Cluster.WhyAsync(job + ".1");
        Assert.Matches(@"out of memory: it took [0-9.]+ MiB of 200 MiB", why);
        Assert.Contains("(attempt 2)", why, StringComparison.Ordinal);
        var attempt = await Cluster.LastAttemptAsync(job + ".1");
        Assert.Equal("out_of_memory", attempt.GetProperty("outcome").GetString());
        Assert.InRange(attempt.GetProperty("peak_memory_bytes").GetInt64(), 200L << 20, 450L << 20);
    }

    [Fact]
    public async Task Tasks_that_run_together_have_gpus_of_their_own()
    {
        var script = $"echo $CUDA_VISIBLE_DEVICES > {Cluster.Folder.Path}/gpu.$ARTEL_TASK_INDEX; while [ ! -e {Cluster.Folder.Path}/gpu.1 -o ! -e {Cluster.Folder.Path}/gpu.2 ]; do sleep 0.02; done";

        var job = await Cluster.SubmitAsync("--array", "1-2", "--gpus", "1", "--", "sh", "-c", script);

        await Cluster.JobBecomesAsync(job, "succeeded");
        string[] seen = [await File.ReadAllTextAsync(Cluster.Folder["gpu.1"]), await File.ReadAllTextAsync(Cluster.Folder["gpu.2"])];
        Assert.Equal(["0\n", "1\n"], seen.Order(StringComparer.Ordinal));
    }

    /// <summary>A cluster with one node that was told what it has.</summary>
    public sealed class NodeWithGpus : IAsyncLifetime
    {
        private TestCluster? _cluster;

        internal TestCluster Cluster => _cluster!;

        public async ValueTask InitializeAsync()
        {
            _cluster = await TestCluster.StartAsync(lostAfter: "60s");
            await _cluster.StartNodeAsync("1", "--cpus", "4", "--gpus", "2", "--counter", "licences=3");
        }

        public async ValueTask DisposeAsync()
        {
            if (_cluster is not null)
            {
                await _cluster.DisposeAsync();
            }
        }
    }
}
