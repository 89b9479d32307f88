using System.Globalization;
using System.Runtime.Versioning;
using Artel.Node.Processes;
using Artel.Node.Tests.Processes;
using Artel.Protocol.V1;

namespace Artel.Node.Tests.Link;

/// <summary>What tasks get of the node, and what becomes of those that take more.</summary>
[SupportedOSPlatform("linux")]
[Collection(nameof(LauncherTests))]
public sealed class ResourceTests : IAsyncLifetime
{
    private const long MiB = 1L << 20;

    /// <summary>
    /// The kernel counts memory of a cgroup in batches of 64 pages at most: it may refuse the one that reaches the limit.
    /// </summary>
    private const long Batch = 64 * 4096;

    private readonly ScriptedServer _server = new();
    private readonly TemporaryFolder _folder = new();
    private readonly TemporaryFolder _signals = new();
    private readonly int _cpus = CpuAffinity.OfThisThread().Count;

    public async ValueTask InitializeAsync() => await _server.Start();

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _folder.Dispose();
        _signals.Dispose();
    }

    [Fact]
    public async Task A_task_that_takes_more_memory_than_it_asked_for_is_ended_and_that_is_said()
    {
        await using var agent = Agent();
        var link = await _server.Link();
        var allocate = $"{TestProgram.Path} allocate 150 60";

        await link.Grant(Templates.Program("allocate", "300", "60").With(Memory(200 * MiB)), first: 1, templateNumber: 1);
        var alone = await link.Result(1);

        // By itself: of tasks that are started in the same moment, what leaves its session at once can not be told apart.
        await link.Grant(Templates.Shell($"trap '' TERM; {allocate} & (setsid {allocate} &) ; wait").With(Memory(250 * MiB)), first: 2, templateNumber: 2);
        var withChildren = await link.Result(2);

        Assert.Equal((NodeState.Failed, AttemptOutcome.OutOfMemory, 9), (alone.State, alone.Outcome, alone.Signal));
        Assert.Matches(@"^it took [0-9.]+ MiB of 200 MiB$", alone.Message);
        Assert.InRange(alone.Usage.PeakMemoryBytes, (200 * MiB) - Batch, 450 * MiB);
        Assert.Equal(AttemptOutcome.OutOfMemory, withChildren.Outcome);
        Assert.Matches(@"^it took [0-9.]+ MiB of 250 MiB$", withChildren.Message);
        Assert.InRange(withChildren.Usage.PeakMemoryBytes, (250 * MiB) - Batch, 500 * MiB);
    }

    [Fact]
    public async Task It_may_go_on_where_that_is_not_enforced()
    {
        await using var agent = Agent(o => o with { EnforcesMemory = false });
        var link = await _server.Link();

        await link.Grant(Templates.Program("allocate", "300", "1").With(Memory(50 * MiB)));

        var result = await link.Result(1);
        Assert.Equal((AttemptOutcome.Succeeded, ""), (result.Outcome, result.Message));
        Assert.InRange(result.Usage.PeakMemoryBytes, 300 * MiB, 450 * MiB);
    }

    [Fact]
    public async Task Each_task_with_a_whole_gpu_has_one_of_its_own()
    {
        await using var agent = Agent(o => o with { Gpus = ["3", "GPU-1a"] });
        var link = await _server.Link();

        await link.Grant(UntilTold("echo $CUDA_VISIBLE_DEVICES $ROCR_VISIBLE_DEVICES $ARTEL_GPUS $CUDA_DEVICE_ORDER").With(Gpus(1000)), count: 3);
        await link.HasStarted(1);
        await link.HasStarted(2);
        Tell(1);
        var first = await link.Result(1);
        await link.HasStarted(3);
        Tell(2);
        Tell(3);

        Assert.Equal("3 3 3 PCI_BUS_ID\n", Text(first));
        Assert.Equal("GPU-1a GPU-1a GPU-1a PCI_BUS_ID\n", Text(await link.Result(2)));
        Assert.Equal(Text(first), Text(await link.Result(3)));
        var said = link.Said.ToList();
        Assert.True(
            said.FindIndex(m => m.Started?.Attempts.Any(a => a.Lease.Sequence == 3) == true)
                >= said.FindIndex(m => m.Ended?.Results.Any(r => r.Lease.Sequence == 1) == true),
            "the third has waited for the first");
    }

    [Fact]
    public async Task Tasks_with_fractions_share_a_gpu_that_no_other_has()
    {
        await using var agent = Agent();
        var link = await _server.Link();

        await link.Grant(UntilTold("echo $ARTEL_GPUS").With(Gpus(500)), first: 1, count: 2, templateNumber: 1, task: 1);
        await link.Grant(UntilTold("echo $ARTEL_GPUS").With(Gpus(1000)), first: 3, templateNumber: 2, task: 3);
        await link.HasStarted(1);
        await link.HasStarted(2);
        await link.HasStarted(3);
        Tell(1);
        Tell(2);
        Tell(3);

        Assert.Equal(["0\n", "0\n", "1\n"], [Text(await link.Result(1)), Text(await link.Result(2)), Text(await link.Result(3))]);
    }

    [Fact]
    public async Task A_task_that_asks_for_no_gpu_sees_none_unless_it_says_which_itself()
    {
        await using var agent = Agent();
        var link = await _server.Link();
        var itself = Templates.Run("env");
        itself.Env["CUDA_VISIBLE_DEVICES"] = "7";
        var asks = Templates.Run("env").With(Gpus(1000));
        asks.Env["CUDA_VISIBLE_DEVICES"] = "7";

        await link.Grant(Templates.Run("env"), first: 1, templateNumber: 1);
        await link.Grant(itself, first: 2, templateNumber: 2);
        await link.Grant(asks, first: 3, templateNumber: 3);

        var none = Text(await link.Result(1)).Split('\n');
        Assert.Contains("CUDA_VISIBLE_DEVICES=", none);
        Assert.Contains("ROCR_VISIBLE_DEVICES=", none);
        Assert.DoesNotContain(none, l => l.StartsWith("ARTEL_GPUS", StringComparison.Ordinal));
        Assert.Contains("CUDA_VISIBLE_DEVICES=7", Text(await link.Result(2)).Split('\n'));
        Assert.Contains("CUDA_VISIBLE_DEVICES=0", Text(await link.Result(3)).Split('\n'));
    }

    [Fact]
    public async Task On_a_node_without_gpus_the_environment_is_left_as_it_is()
    {
        await using var agent = Agent(o => o with { Resources = new Resources { MilliCpus = 1000 } });
        var link = await _server.Link();

        await link.Grant(Templates.Run("env"));

        Assert.DoesNotContain(Text(await link.Result(1)).Split('\n'), l => l.StartsWith("ROCR_VISIBLE_DEVICES", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Pinned_tasks_have_cpus_of_their_own_and_wait_for_them()
    {
        await using var agent = Agent(o => o with { Resources = new Resources { MilliCpus = 1000 * (_cpus + 2) } });
        var link = await _server.Link();
        var pinned = UntilTold("echo $ARTEL_CPUS $(grep Cpus_allowed_list /proc/self/status | cut -f2)").WithCpus(600);
        pinned.Pin = true;

        await link.Grant(pinned, count: _cpus + 1);
        for (var i = 1; i <= _cpus; i++)
            await link.HasStarted(i);

        // The next has all it asks for but a cpu of its own; one that is not pinned goes by.
        await link.Grant(Templates.Shell("echo .$ARTEL_CPUS").WithCpus(100), first: 1000, templateNumber: 1, task: 1000);
        Assert.Equal(".\n", Text(await link.Result(1000)));
        Assert.DoesNotContain(new LeaseId(1, _cpus + 1), link.Started);
        for (var i = 1; i <= _cpus + 1; i++)
            Tell(i);

        var seen = new List<string>();
        for (var i = 1; i <= _cpus; i++)
            seen.Add(Text(await link.Result(i)));

        Assert.Equal(CpuAffinity.OfThisThread().Select(c => $"{c} {c}\n").Order(StringComparer.Ordinal), seen.Order(StringComparer.Ordinal));
        Assert.Contains(Text(await link.Result(_cpus + 1)), seen);
    }

    [Fact]
    public async Task A_task_that_can_never_have_so_many_cpus_of_its_own_fails_and_says_so()
    {
        await using var agent = Agent(o => o with { Resources = new Resources { MilliCpus = 1000 * (_cpus + 1) } });
        var link = await _server.Link();
        var pinned = Templates.Run("true").WithCpus(1000 * (_cpus + 1));
        pinned.Pin = true;

        await link.Grant(pinned);

        var result = await link.Result(1);
        Assert.Equal(AttemptOutcome.NotStarted, result.Outcome);
        Assert.Equal($"it is to have {_cpus + 1} cpus of its own, this node has {_cpus}", result.Message);
    }

    private RunningAgent Agent(Func<NodeAgentOptions, NodeAgentOptions>? change = null) => new(_server, _folder.Path, o =>
    {
        // Nobody settles the results that it would wait for.
        o = o with { Resources = new Resources { MilliCpus = 4000, MemoryBytes = 4096 * MiB, MilliGpus = 2000 }, StopPatience = TimeSpan.FromMilliseconds(50) };
        return change is null ? o : change(o);
    });

    /// <summary>Says something, then goes on until <see cref="Tell"/>.</summary>
    private TaskTemplate UntilTold(string script) =>
        Templates.Shell($"{script}; while [ ! -e go.${{ARTEL_TASK_ID#7.}} ]; do sleep 0.02; done").In(_signals.Path);

    private void Tell(int task) => _signals.File(string.Create(CultureInfo.InvariantCulture, $"go.{task}"), "");

    private static Needs Memory(long bytes) => new() { MilliCpus = 0, MemoryBytes = bytes };

    private static Needs Gpus(int milli) => new() { MilliCpus = 0, MilliGpus = milli };

    private static string Text(AttemptResult result) => result.StdoutData.ToStringUtf8();
}
