using System.Globalization;
using System.Runtime.Versioning;
using Artel.Node.Processes;

namespace Artel.Node.Tests.Machine;

[SupportedOSPlatform("linux")]
public sealed class MachineResourcesTests : IDisposable
{
    private const long GiB = 1L << 30;

    private const string Version2 = "42 32 0:29 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate";
    private const string Version1Memory = "40 32 0:30 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory";
    private const string Version1Cpu = "41 32 0:31 / /sys/fs/cgroup/cpu,cpuacct rw,relatime shared:1 - cgroup cgroup rw,cpu,cpuacct";

    private readonly MachineTree _machine = new();
    private readonly int _allowed = CpuAffinity.OfThisThread().Count * 1000;

    public void Dispose() => _machine.Dispose();

    [Fact]
    public void Without_cgroups_it_is_the_memory_of_the_machine_and_the_cpus_of_the_process()
    {
        var found = _machine.Detect();

        Assert.Equal((_allowed, 16 * GiB, 0), (found.Amounts.MilliCpus, found.Amounts.MemoryBytes, found.Amounts.MilliGpus));
    }

    [Fact]
    public void Cpus_that_the_process_may_not_use_do_not_count() => OnThreadOfItsOwn(() =>
    {
        Assert.Equal(0, CpuAffinity.Set([CpuAffinity.OfThisThread()[0]]));

        Assert.Equal(1000, _machine.Detect().Amounts.MilliCpus);
    });

    [Theory]
    [InlineData("max 100000", "max", null, null)]
    [InlineData("150000 100000", "2147483648", 1500, 2 * GiB)]
    [InlineData("50000 100000", "max", 1000, null)]
    [InlineData("99900000 100000", "99999999999999", null, null)]
    [InlineData("nonsense", "", null, null)]
    public void Limits_of_version_2_hold(string cpu, string memory, int? cpus, long? bytes)
    {
        _machine.HasCgroups("0::/system.slice/artel.service\n", Version2)
            .Has("sys/fs/cgroup/system.slice/artel.service/cpu.max", cpu + "\n")
            .Has("sys/fs/cgroup/system.slice/artel.service/memory.max", memory + "\n");

        AssertFound(cpus, bytes);
    }

    [Fact]
    public void So_do_those_of_the_groups_above()
    {
        _machine.HasCgroups("0::/a/b/c\n", Version2)
            .Has("sys/fs/cgroup/cpu.max", "170000 100000")
            .Has("sys/fs/cgroup/memory.max", "12884901888")
            .Has("sys/fs/cgroup/a/memory.max", "4294967296")
            .Has("sys/fs/cgroup/a/b/cpu.max", "130000 100000")
            .Has("sys/fs/cgroup/a/b/c/memory.max", "8589934592");

        AssertFound(1300, 4 * GiB);
    }

    [Fact]
    public void Those_beside_do_not()
    {
        _machine.HasCgroups("0::/a\n", Version2).Has("sys/fs/cgroup/b/memory.max", "1").Has("sys/fs/cgroup/a/b/memory.max", "1").Has("sys/fs/cgroup/ab/memory.max", "1");

        AssertFound(null, null);
    }

    [Fact]
    public void Limits_of_version_1_hold_each_in_its_own_tree()
    {
        _machine.HasCgroups("4:memory:/batch/job\n1:cpu,cpuacct:/batch\n0::/\n", Version1Memory, Version1Cpu, Version2)
            .Has("sys/fs/cgroup/memory/batch/memory.limit_in_bytes", "6442450944")
            .Has("sys/fs/cgroup/memory/batch/job/memory.limit_in_bytes", "9223372036854771712")
            .Has("sys/fs/cgroup/cpu,cpuacct/batch/cpu.cfs_quota_us", "65000")
            .Has("sys/fs/cgroup/cpu,cpuacct/batch/cpu.cfs_period_us", "50000")
            .Has("sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us", "-1")
            .Has("sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us", "100000");

        AssertFound(1300, 6 * GiB);
    }

    [Fact]
    public void The_default_of_version_1_is_no_limit()
    {
        _machine.HasCgroups("4:memory:/\n", Version1Memory).Has("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712");

        AssertFound(null, null);
    }

    [Theory]
    [InlineData("/docker/abc", "/docker/abc")]
    [InlineData("/docker/abc", "/")]
    [InlineData("/", "/../../elsewhere")]
    public void In_a_container_they_are_seen_from_its_own_group_on(string mounted, string path)
    {
        var mount = $"40 32 0:30 {mounted} /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory";
        _machine.HasCgroups($"4:memory:{path}\n", mount).Has("sys/fs/cgroup/memory/memory.limit_in_bytes", "1073741824");

        AssertFound(null, GiB);
    }

    [Fact]
    public void This_machine_tells_the_same_as_its_own_tools()
    {
        var found = MachineResources.Detect();

        Assert.InRange(found.Amounts.MilliCpus, 1, Environment.ProcessorCount * 1000);
        Assert.InRange(found.Amounts.MemoryBytes, 1L << 28, 1L << 46);
        Assert.Equal(found.Gpus.Count * 1000, found.Amounts.MilliGpus);
    }

    private void AssertFound(int? cpus, long? bytes)
    {
        var found = _machine.Detect().Amounts;
        Assert.Equal((Math.Min(cpus ?? int.MaxValue, _allowed), bytes ?? 16 * GiB), (found.MilliCpus, found.MemoryBytes));
    }

    /// <summary>Its cpus are of the thread, which others of the pool must not find changed.</summary>
    private static void OnThreadOfItsOwn(Action test)
    {
        Exception? failure = null;
        var thread = new Thread(() => failure = Record.Exception(test));
        thread.Start();
        thread.Join();
        Assert.True(failure is null, string.Create(CultureInfo.InvariantCulture, $"{failure}"));
    }
}
