using System.Diagnostics;
using System.Globalization;
using System.Runtime.Versioning;
using Artel.Node.Machine;
using Artel.Node.Processes;
using Artel.Testing;

namespace Artel.Node.Tests.Processes;

/// <summary>The kernel keeps tasks to their memory, in cgroups that go with them. Version 1, as the machines of our
/// tests have it.</summary>
[Collection(nameof(LauncherTests))]
[SupportedOSPlatform("linux")]
public sealed class CgroupLimitTests : IDisposable
{
    private const long MiB = 1 << 20;

    private readonly TemporaryFolder _folder = new();
    private readonly string? _own = CgroupLimits.OwnFolder("/", "memory");
    private readonly MemoryCgroups? _cgroups = MemoryCgroups.Open();
    private readonly LinuxLauncher _launcher;

    public CgroupLimitTests()
    {
        var lack = _cgroups is null ? "no cgroup of the memory controller is writable" : null;
        SystemRights.Require(lack, "tasks are kept to their memory by cgroups");
        _launcher = new LinuxLauncher(cgroups: _cgroups);
    }

    public void Dispose()
    {
        _launcher.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_task_that_takes_more_than_it_may_is_ended_by_the_kernel_and_told()
    {
        var (_, record) = Launch(["/usr/bin/tail", "/dev/zero"], 64 * MiB);

        var exit = await Eventually.Gives(record.Exit, "it is ended");

        Assert.Equal(9, exit.Signal);
        Assert.NotEmpty(record.Exceeded);
        Assert.All(record.Exceeded, bytes => Assert.Equal(64 * MiB, bytes));
        Assert.InRange(exit.PeakMemoryBytes, 32 * MiB, 64 * MiB);
    }

    [Fact]
    public async Task A_child_that_the_kernel_kills_counts_though_its_parent_goes_on()
    {
        var (process, record) = Launch(["/bin/sh", "-c", "tail /dev/zero; sleep 60"], 64 * MiB);

        await Eventually.Holds(() => record.Exceeded.Count > 0, "it is told while the parent still runs");

        Assert.False(record.Exit.IsCompleted);
        process.Kill();
        await Eventually.Gives(record.Exit, "it ends");
    }

    [Fact]
    public async Task Processes_that_left_their_parents_and_session_count_too()
    {
        var allocate = $"{TestProgram.Path} allocate 100 60";
        var script = $"setsid {allocate} & (setsid {allocate} &) ; sleep 60";
        var (process, record) = Launch(["/bin/sh", "-c", script], 150 * MiB);

        await Eventually.Holds(() => record.Exceeded.Count > 0, "the sum is over the limit");

        process.Kill();
        await Eventually.Gives(record.Exit, "it ends");
    }

    [Fact]
    public async Task What_a_thread_starts_after_a_limited_task_is_not_in_its_cgroup()
    {
        var (_, limited) = Launch(["/bin/cat", "/proc/self/cgroup"], 64 * MiB);
        var (_, free) = Launch(["/bin/cat", "/proc/self/cgroup"], null);

        await Eventually.Gives(limited.Exit, "it ends");
        await Eventually.Gives(free.Exit, "it ends");
        var own = string.Create(CultureInfo.InvariantCulture, $"/artel-{Environment.ProcessId}-");
        Assert.Contains(own, limited.StdoutText, StringComparison.Ordinal);
        Assert.DoesNotContain(own, free.StdoutText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_read_is_no_peak_of_memory()
    {
        var file = _folder.File("data", new string('x', 100_000_000));

        var (_, record) = Launch(["/bin/sh", "-c", $"cat {file} > /dev/null"], 64 * MiB);

        var exit = await Eventually.Gives(record.Exit, "it ends");
        Assert.Equal(0, exit.ExitStatus);
        Assert.Empty(record.Exceeded);
        Assert.InRange(exit.PeakMemoryBytes, 0, 32 * MiB);
    }

    [Fact]
    public async Task Nothing_is_left_of_the_cgroups_when_the_tasks_and_the_agent_are_gone()
    {
        var before = Directory.GetDirectories(_own!);
        using (var launcher = new LinuxLauncher(cgroups: MemoryCgroups.Open()))
        {
            for (var i = 0; i < 5; i++)
            {
                var record = new ProcessRecord();
                var environment = new ProcessEnvironment(InheritedEnvironment.Empty);
                launcher.Launch(new LaunchRequest(["/bin/true"], environment, MemoryLimitBytes: 64 * MiB), record);
                await Eventually.Gives(record.Exit, "it ends");
            }

            Assert.NotEqual(before, Directory.GetDirectories(_own!));
        }

        Assert.Equal(before, Directory.GetDirectories(_own!));
    }

    [Fact]
    public void What_a_dead_agent_has_left_is_removed_and_a_living_ones_is_not()
    {
        using var other = Process.Start("/bin/sleep", ["60"]);
        var ticks = ProcFile.ReadStat(other.Id)!.Value.StartTicks;
        var living = Path.Combine(_own!, string.Create(CultureInfo.InvariantCulture, $"artel-{other.Id}-{ticks}-1"));
        var dead = Path.Combine(_own!, string.Create(CultureInfo.InvariantCulture, $"artel-{other.Id}-{ticks - 1}-1"));
        Directory.CreateDirectory(living);
        Directory.CreateDirectory(Path.Combine(dead, "7"));

        MemoryCgroups.RemoveLeftOvers();
        var (deadThere, livingThere) = (Directory.Exists(dead), Directory.Exists(living));
        other.Kill();
        other.WaitForExit();
        MemoryCgroups.RemoveLeftOvers();

        Assert.Equal((false, true), (deadThere, livingThere));
        Assert.False(Directory.Exists(living));
    }

    [Fact]
    public async Task Tasks_go_before_the_agent_if_the_machine_is_out_of_memory()
    {
        var (_, record) = Launch(["/bin/sh", "-c", "sleep 0.3; cat /proc/self/oom_score_adj"], null);

        await Eventually.Gives(record.Exit, "it ends");

        Assert.InRange(int.Parse(record.StdoutText, CultureInfo.InvariantCulture), 500, 1000);
    }

    private (IRunningProcess Process, ProcessRecord Record) Launch(string[] arguments, long? limit)
    {
        var record = new ProcessRecord();
        var environment = new Dictionary<string, string> { ["PATH"] = "/usr/bin:/bin", ["DOTNET_gcServer"] = "0" };
        var request = new LaunchRequest(
            arguments, new ProcessEnvironment(environment), _folder.Path, MemoryLimitBytes: limit);
        var result = _launcher.Launch(request, record);
        Assert.Null(result.Error);
        return (result.Process!, record);
    }
}
