using System.Runtime.Versioning;
using Artel.Node.Processes;
using Artel.Testing;

namespace Artel.Node.Tests.Processes;

/// <summary>Memory and cpus of real processes, with the launcher that watches them.</summary>
[Collection(nameof(LauncherTests))]
[SupportedOSPlatform("linux")]
public sealed class LimitTests : IDisposable
{
    private const long MiB = 1L << 20;

    private readonly LinuxLauncher _launcher = new();
    private readonly TemporaryFolder _folder = new();

    public void Dispose()
    {
        _launcher.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_program_that_takes_more_than_it_may_is_told()
    {
        var (process, record) = Launch([TestProgram.Path, "allocate", "300", "60"], 250 * MiB);

        await Eventually.Holds(() => record.Exceeded.Count > 0, "it is told");

        Assert.InRange(record.Exceeded[0], 250 * MiB, 450 * MiB);
        Assert.Equal(9, (await End(process, record)).Signal);
    }

    [Fact]
    public async Task A_task_that_is_being_started_is_not_taken_for_another_that_began_with_the_same_tag()
    {
        var (process, record) = Launch(["/bin/sleep", "60"], 250 * MiB);
        var running = (LinuxProcess)process;

        // No tag was taken for this one, so it has the early one of the first; and it is not known yet, as one that has not executed its program.
        var devNull = Libc.open("/dev/null", Libc.OpenCloseOnExec);
        var request = new LaunchRequest(["/bin/sleep", "60"], new ProcessEnvironment(new Dictionary<string, string>()), "");
        Assert.Equal(0, LinuxSpawn.Start("/bin/sleep", request, devNull, devNull, devNull, out var starting));
        Assert.Equal(running.Tags.Early, ProcessTags.Of(starting));

        Assert.Equal([running.Id], TaskProcesses.Of([running], _ => true)![running]);

        MemoryFile.Close(devNull);
        ProcessTree.Kill(starting);
        await Eventually.Holds(() => Libc.TryReap(starting), "it is gone");
        await End(process, record);
    }

    [Fact]
    public async Task The_memory_of_a_process_in_thousands_of_groups_counts()
    {
        Assert.SkipUnless(Environment.UserName == "root", "only root may join other groups");
        var groups = string.Join(',', Enumerable.Range(100_000, 3000));
        var (process, record) = Launch(["/usr/bin/setpriv", "--groups", groups, TestProgram.Path, "allocate", "300", "60"], 250 * MiB);

        await Eventually.Holds(() => record.Exceeded.Count > 0, "it is told");

        await End(process, record);
    }

    // A fork takes some milliseconds on a slow machine.
    private static readonly TimeSpan ManyForks = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task A_limit_holds_beside_thousands_of_processes_of_other_tasks()
    {
        var (crowd, crowdRecord) = Launch(["/bin/sh", "-c", "i=0; while [ $i -lt 3000 ]; do sleep 300 & i=$((i+1)); done; echo ready; wait"], null);
        await Eventually.Holds(
            () => crowdRecord.StdoutText.Contains("ready", StringComparison.Ordinal),
            "they all run",
            deadline: ManyForks);
        var worst = 0L;
        for (var i = 0; i < 2; i++)
        {
            var (process, record) = Launch([TestProgram.Path, "allocate", "2000", "60"], 250 * MiB);
            await Eventually.Holds(() => record.Exceeded.Count > 0, "it is told");
            worst = Math.Max(worst, record.Exceeded[0]);
            await End(process, record);
        }

        await End(crowd, crowdRecord);
        Assert.InRange(worst, 250 * MiB, 600 * MiB);
    }

    [Fact]
    public async Task The_memory_of_its_children_counts_wherever_they_have_gone()
    {
        var allocate = $"{TestProgram.Path} allocate 100 60";
        var (process, record) = Launch(["/bin/sh", "-c", $"{allocate} & setsid {allocate} & (setsid {allocate} &) ; wait"], 300 * MiB);

        await Eventually.Holds(() => record.Exceeded.Count > 0, "it is told");

        Assert.InRange(record.Exceeded[0], 300 * MiB, 600 * MiB);
        await End(process, record);
    }

    [Fact]
    public async Task A_program_within_its_limit_is_left_alone_and_so_is_one_without()
    {
        var (within, withinRecord) = Launch([TestProgram.Path, "allocate", "100", "60"], 400 * MiB);
        var (without, withoutRecord) = Launch([TestProgram.Path, "allocate", "300", "60"], null);
        var (over, overRecord) = Launch([TestProgram.Path, "allocate", "300", "60"], 200 * MiB);

        // The same looks see all three.
        await Eventually.Holds(() => overRecord.Exceeded.Count > 5 && withinRecord.StdoutLength > 0 && withoutRecord.StdoutLength > 0, "the third is told");

        Assert.Empty(withinRecord.Exceeded);
        Assert.Empty(withoutRecord.Exceeded);
        await End(within, withinRecord);
        await End(without, withoutRecord);
        await End(over, overRecord);
    }

    [Fact]
    public async Task What_processes_share_counts_once()
    {
        var (process, record) = Launch(
            ["/bin/bash", "-c", "printf -v x '%*s' 60000000 ''; for i in 1 2 3 4 5; do (while :; do read -t 60; done) < <(sleep 60) & done; echo ready; wait"], 280 * MiB);
        await Eventually.Holds(() => record.StdoutText == "ready\n", "it has its memory", () => record.StderrText);

        // Five times 60 MB and more, if each is counted by itself. Another one that is over its limit tells that it was looked at.
        var (other, otherRecord) = Launch([TestProgram.Path, "allocate", "10", "60"], 1);
        await Eventually.Holds(() => otherRecord.Exceeded.Count > 5, "the other one is told");

        Assert.True(Tree(process.Id).Sum(ProcFile.TakenMemoryBytes) > 280 * MiB, "the sum is over the limit");
        Assert.Empty(record.Exceeded);
        await End(process, record);
        await End(other, otherRecord);
    }

    [Fact]
    public async Task Files_that_are_mapped_do_not_count()
    {
        var file = _folder.File("data", new string('x', 120_000_000));
        var (process, record) = Launch([TestProgram.Path, "map", file, "60"], 100 * MiB);
        await Eventually.Holds(() => record.StdoutText == "ready\n", "it has read the file", () => record.StderrText);
        var (other, otherRecord) = Launch([TestProgram.Path, "allocate", "10", "60"], 1);
        await Eventually.Holds(() => otherRecord.Exceeded.Count > 5, "the other one is told");

        Assert.Empty(record.Exceeded);
        Assert.True((await End(process, record)).PeakMemoryBytes > 120_000_000, "but it has them in memory");
        await End(other, otherRecord);
    }

    [Fact]
    public async Task The_peak_is_that_of_all_processes_together()
    {
        var allocate = $"{TestProgram.Path} allocate 150 2.5";
        var (_, record) = Launch(["/bin/sh", "-c", $"{allocate} & {allocate} & wait"], null);

        var exit = await Eventually.Gives(record.Exit, "it ends");

        Assert.InRange(exit.PeakMemoryBytes, 300 * MiB, 600 * MiB);
    }

    [Fact]
    public async Task A_pinned_program_runs_on_its_cpus_only_and_others_are_not_moved()
    {
        const string cpus = "grep Cpus_allowed_list /proc/self/status | cut -f2";
        var own = CpuAffinity.OfThisThread();
        var last = own[^1];

        var (_, pinned) = Launch(["/bin/sh", "-c", cpus], null, [last]);
        var (_, free) = Launch(["/bin/sh", "-c", cpus], null);

        await Eventually.Gives(pinned.Exit, "the pinned one ends");
        await Eventually.Gives(free.Exit, "the other one ends");
        Assert.Equal($"{last}\n", pinned.StdoutText);
        Assert.Equal(own, CpuAffinity.OfThisThread());
        Assert.NotEqual(own.Count > 1 ? pinned.StdoutText : "", free.StdoutText);
    }

    [Fact]
    public void Cpus_that_are_not_there_are_an_error_that_says_so()
    {
        var result = _launcher.Launch(new LaunchRequest(["/bin/true"], new ProcessEnvironment(InheritedEnvironment.Empty), Cpus: [8000, 8001]), new ProcessRecord());

        Assert.Null(result.Process);
        Assert.StartsWith("it can not be pinned to cpus 8000,8001", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_kill_by_the_kernel_for_want_of_memory_is_told_from_another()
    {
        var group = $"/sys/fs/cgroup/memory/artel-test-{Environment.ProcessId}";
        SystemRights.Require(MemoryGroup(group), "no cgroup with a limit of memory can be made here");
        try
        {
            // It waits for the end of a line, and there is none.
            var (_, grown) = Launch(["/bin/sh", "-c", $"echo $$ > {group}/cgroup.procs && exec tail /dev/zero"], null);
            var exit = await Eventually.Gives(grown.Exit, "the kernel ends it");
            var (_, killed) = Launch(["/bin/sh", "-c", "kill -9 $$"], null);
            var other = await Eventually.Gives(killed.Exit, "the other one ends");

            Assert.Equal((9, true), (exit.Signal, exit.IsKilledByKernel));
            Assert.Equal((9, false), (other.Signal, other.IsKilledByKernel));
        }
        finally
        {
            await Eventually.Holds(() => SystemRights.Try("rmdir", group) is null, "the cgroup is empty");
        }
    }

    /// <summary>Null, or why there is none.</summary>
    private static string? MemoryGroup(string group)
    {
        try
        {
            if (!Directory.Exists("/sys/fs/cgroup/memory"))
                return "the memory controller is not mounted as version 1";

            Directory.CreateDirectory(group);
            File.WriteAllText($"{group}/memory.limit_in_bytes", "134217728");
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return e.Message;
        }
    }

    private (IRunningProcess Process, ProcessRecord Record) Launch(string[] arguments, long? memoryLimit, IReadOnlyList<int>? cpus = null)
    {
        var record = new ProcessRecord();
        var environment = new Dictionary<string, string> { ["PATH"] = "/usr/bin:/bin", ["DOTNET_gcServer"] = "0" };
        var result = _launcher.Launch(new LaunchRequest(arguments, new ProcessEnvironment(environment), _folder.Path, null, cpus, memoryLimit), record);
        Assert.Null(result.Error);
        return (result.Process!, record);
    }

    private static async Task<ProcessExit> End(IRunningProcess process, ProcessRecord record)
    {
        process.Kill();
        return await Eventually.Gives(record.Exit, "the process ends");
    }

    private static IEnumerable<int> Tree(int root) => ProcFile.Children(root).SelectMany(Tree).Prepend(root);
}
