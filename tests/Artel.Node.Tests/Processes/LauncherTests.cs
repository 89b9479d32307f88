using System.Runtime.Versioning;
using Artel.Node.Processes;
using Artel.Testing;

namespace Artel.Node.Tests.Processes;

/// <summary>Run alone: they count the descriptors of the whole process.</summary>
[CollectionDefinition(nameof(LauncherTests), DisableParallelization = true)]
public sealed class LauncherTests;

[Collection(nameof(LauncherTests))]
public sealed class PortableLauncherTests() : LauncherConformance(new PortableLauncher(TimeProvider.System));

[Collection(nameof(LauncherTests))]
[SupportedOSPlatform("linux")]
public sealed class LinuxLauncherTests() : LauncherConformance(new LinuxLauncher())
{
    [Fact]
    public void This_system_takes_the_fast_path() => Assert.True(LinuxLauncher.IsSupported);

    [Fact]
    public async Task What_a_program_leaves_in_the_background_does_not_outlive_it()
    {
        var (exit, record) = await Run(["/bin/sh", "-c", "(trap '' HUP TERM; while :; do sleep 0.05; done) & echo $!"]);

        var left = Number(record.StdoutText.TrimEnd());
        Assert.Equal(0, exit.ExitStatus);
        await Eventually.Holds(() => IsGone(left), "the background process is gone");
    }

    [Fact]
    public async Task A_program_starts_with_plain_signals_and_a_session_of_its_own()
    {
        var (_, record) = await Run(["/bin/sh", "-c", "grep -E 'Sig(Ign|Blk)' /proc/self/status; cut -d' ' -f6 /proc/$$/stat; echo $$"]);

        var lines = record.StdoutText.Split('\n');
        Assert.Equal("SigBlk:\t0000000000000000", lines[0]);

        // The two beyond 31 are the C library's own, and no program can change them.
        Assert.Equal(0L, Convert.ToInt64(lines[1].Split('\t')[1], 16) & 0x7fffffff);
        Assert.Equal(lines[3], lines[2]);
    }

    [Fact]
    public async Task The_signal_that_ended_a_program_is_told()
    {
        var (exit, _) = await Run(["/bin/sh", "-c", "kill -ABRT $$"]);

        Assert.Equal((0, 6), (exit.ExitStatus, exit.Signal));
    }
}
