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
    public async Task A_program_that_is_open_for_writing_for_a_moment_is_started_after_it()
    {
        var program = Path.Combine(_folder.Path, "copied");
        File.Copy("/bin/true", program);
        var writer = File.OpenWrite(program);
        var closing = Task.Run(
            async () =>
            {
                await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, TestContext.Current.CancellationToken);
                await writer.DisposeAsync();
            },
            TestContext.Current.CancellationToken);

        var (exit, _) = await Run([program]);

        await closing;
        Assert.Equal(0, exit.ExitStatus);
    }

    [Fact]
    public void A_program_that_stays_open_for_writing_is_refused()
    {
        var program = Path.Combine(_folder.Path, "copied");
        File.Copy("/bin/true", program);
        using var writer = File.OpenWrite(program);

        var result = Launch([program], new ProcessRecord());

        Assert.Equal((null, true), (result.Process, result.Failure!.IsBusy));
        Assert.Contains("is open for writing", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_chain_of_a_thousand_nested_forks_is_killed_on_a_small_stack()
    {
        const string nested = "$| = 1; for (1..1000) { if (fork) { sleep 600; exit } } print \"ready\\n\"; sleep 600";
        var record = new ProcessRecord();
        var process = Launch(["/usr/bin/perl", "-e", nested], record).Process!;
        await Eventually.Holds(
            () => record.StdoutText == "ready\n",
            "the chain is complete",
            () => record.StderrText,
            TimeSpan.FromMinutes(2));

        // The system's smallest: recursion would need more. It would end this program.
        var thread = new Thread(process.Kill, maxStackSize: 128 * 1024);
        thread.Start();
        thread.Join();

        Assert.Equal(9, (await Eventually.Gives(record.Exit, "all are gone")).Signal);
    }

    [Fact]
    public async Task What_a_program_leaves_in_the_background_does_not_outlive_it()
    {
        var (exit, record) = await Run(["/bin/sh", "-c", "(trap '' HUP TERM; while :; do sleep 0.05; done) & echo $!"]);

        var left = Number(record.StdoutText.TrimEnd());
        Assert.Equal(0, exit.ExitStatus);
        await Eventually.Holds(() => IsGone(left), "the background process is gone");
    }

    [Theory]
    [InlineData("")]
    [InlineData("ulimit -x 5; ")]
    public async Task What_left_its_session_and_parents_does_not_outlive_it_either(string before)
    {
        var file = Path.Combine(_folder.Path, "pid" + before.Length);

        var (exit, _) = await Run(["/bin/bash", "-c", $"{before}{TestProgram.Path} escape {file} 60"]);

        // Gone, and reaped, when the end is told.
        Assert.Equal(0, exit.ExitStatus);
        Assert.Null(Artel.Testing.Processes.Describe(await Artel.Testing.Processes.IdInAsync(file)));
    }

    [Fact]
    public async Task The_kill_ends_what_left_the_session_and_parents()
    {
        var file = Path.Combine(_folder.Path, "pid");
        var record = new ProcessRecord();
        var process = Launch(["/bin/sh", "-c", $"trap '' TERM; {TestProgram.Path} escape {file} 60; while :; do sleep 0.05; done"], record).Process!;
        await Eventually.Holds(() => File.Exists(file), "it has escaped", () => record.StderrText);

        process.Kill();

        Assert.Equal(9, (await Eventually.Gives(record.Exit, "the process ends")).Signal);
        Assert.Null(Artel.Testing.Processes.Describe(await Artel.Testing.Processes.IdInAsync(file)));
    }

    [Fact]
    public async Task What_a_running_program_has_put_into_a_session_of_its_own_is_left_alone()
    {
        var file = Path.Combine(_folder.Path, "pid");
        var record = new ProcessRecord();
        var process = Launch(["/bin/sh", "-c", $"{TestProgram.Path} escape {file} 60; while :; do sleep 0.05; done"], record).Process!;
        await Eventually.Holds(() => File.Exists(file), "it has escaped", () => record.StderrText);

        await Run(["/bin/sh", "-c", "(setsid sleep 60 &)"]);

        Assert.NotNull(Artel.Testing.Processes.Describe(await Artel.Testing.Processes.IdInAsync(file)));
        process.Kill();
        await Eventually.Gives(record.Exit, "the process ends");
        Assert.Null(Artel.Testing.Processes.Describe(await Artel.Testing.Processes.IdInAsync(file)));
    }

    [Fact]
    public async Task What_a_running_program_leaves_to_be_reaped_is_reaped()
    {
        var record = new ProcessRecord();
        const string leaveFive = "for i in 1 2 3 4 5; do (setsid sh -c 'echo $$' &); done; while :; do sleep 0.05; done";
        var process = Launch(["/bin/sh", "-c", leaveFive], record).Process!;
        await Eventually.Holds(() => record.StdoutText.Count(c => c == '\n') == 5, "five have said who they are", () => record.StdoutText);
        var pids = record.StdoutText.Split('\n', StringSplitOptions.RemoveEmptyEntries);

        await Eventually.Holds(() => !pids.Any(p => Directory.Exists($"/proc/{p}")), "not even a zombie is left");

        process.Kill();
        await Eventually.Gives(record.Exit, "the process ends");
    }

    [Fact]
    public async Task The_rest_of_a_group_has_its_grace_also_without_the_output()
    {
        var file = Path.Combine(_folder.Path, "saved");
        var record = new ProcessRecord();
        var tree = $"(trap 'sleep 0.3; echo saved > {file}; exit' TERM; exec >/dev/null 2>&1; : > {file}.ready; while :; do sleep 0.02; done) & wait";
        var process = Launch(["/bin/sh", "-c", tree], record).Process!;
        await Eventually.Holds(() => File.Exists(file + ".ready"), "the child is ready");

        process.AskToEnd();

        await Eventually.Gives(record.Exit, "the process ends");
        Assert.Equal("saved\n", await File.ReadAllTextAsync(file));
    }

    [Fact]
    public async Task A_program_starts_with_plain_signals_and_a_session_of_its_own()
    {
        var (_, record) = await Run(["/bin/sh", "-c", "grep -E 'Sig(Ign|Blk)' /proc/self/status; cut -d' ' -f6 /proc/$$/stat; echo $$"]);

        var lines = record.StdoutText.Split('\n');
        Assert.Equal("SigBlk:\t0000000000000000", lines[0]);
        Assert.Equal("SigIgn:\t0000000000000000", lines[1]);
        Assert.Equal(lines[3], lines[2]);
    }

    [Fact]
    public async Task The_signal_that_ended_a_program_is_told()
    {
        var (exit, _) = await Run(["/bin/sh", "-c", "kill -ABRT $$"]);

        Assert.Equal((0, 6), (exit.ExitStatus, exit.Signal));
    }
}
