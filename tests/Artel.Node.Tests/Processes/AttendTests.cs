using System.Runtime.Versioning;
using Artel.Node.Processes;
using Artel.Testing;

namespace Artel.Node.Tests.Processes;

/// <summary>The thread that started a process serves it for its first moments.</summary>
[Collection(nameof(LauncherTests))]
[SupportedOSPlatform("linux")]
public sealed class AttendTests : IDisposable
{
    private readonly LinuxLauncher _launcher = new();
    private readonly TemporaryFolder _folder = new();

    public void Dispose()
    {
        _launcher.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_short_one_is_over_when_the_thread_comes_back()
    {
        // Should the machine be so busy that even this takes longer than the first moments, another one will do.
        for (var tries = 0; tries < 20; tries++)
        {
            var (process, record) = Launch("/bin/sh", "-c", "echo out; echo err >&2; exit 3");

            process.Attend();

            var isOver = record.Exit.IsCompleted;
            Assert.Equal(3, (await Eventually.Gives(record.Exit, "it ends")).ExitStatus);
            Assert.Equal(("out\n", "err\n"), (record.StdoutText, record.StderrText));
            if (isOver)
            {
                return;
            }
        }

        Assert.Fail("none of twenty short processes was over when its thread came back");
    }

    [Fact]
    public async Task A_long_one_is_left_to_the_reactor()
    {
        var go = Path.Combine(_folder.Path, "go");
        var (process, record) = Launch("/bin/sh", "-c", $"echo early; until [ -e {go} ]; do sleep 0.01; done; echo late");

        process.Attend();

        Assert.False(record.Exit.IsCompleted);
        await File.WriteAllTextAsync(go, "", TestContext.Current.CancellationToken);
        Assert.Equal(0, (await Eventually.Gives(record.Exit, "it ends")).ExitStatus);
        Assert.Equal("early\nlate\n", record.StdoutText);
    }

    [Fact]
    public async Task More_than_a_pipe_holds_is_read_meanwhile()
    {
        var (process, record) = Launch("/bin/sh", "-c", "head -c 300000 /dev/zero; echo end >&2");

        process.Attend();

        Assert.Equal(0, (await Eventually.Gives(record.Exit, "it ends")).ExitStatus);
        Assert.Equal((300_000, "end\n"), (record.StdoutLength, record.StderrText));
    }

    [Fact]
    public async Task A_kill_from_elsewhere_ends_it_with_its_tree()
    {
        var (process, record) = Launch("/bin/sh", "-c", "sleep 600 & echo $!; wait");
        var attending = Task.Run(process.Attend, TestContext.Current.CancellationToken);
        await Eventually.Holds(() => record.StdoutText.EndsWith('\n'), "its child runs");

        process.Kill();

        Assert.Equal(9, (await Eventually.Gives(record.Exit, "it ends")).Signal);
        await Eventually.Ends(attending, "the thread comes back");
        Assert.False(Directory.Exists($"/proc/{record.StdoutText.TrimEnd()}"), "its child is gone");
    }

    [Fact]
    public async Task Who_was_asked_to_end_keeps_its_grace_after_its_first_process_has_ended()
    {
        // The shell ends at once, what it started takes a moment to tidy up: nobody kills it for that.
        var (process, record) = Launch("/bin/bash", "-c", "(trap 'sleep 0.2; echo tidied; exit' TERM; echo up; while :; do sleep 0.01; done) & trap 'exit 0' TERM; while :; do sleep 0.01; done");
        var attending = Task.Run(process.Attend, TestContext.Current.CancellationToken);
        await Eventually.Holds(() => record.StdoutText == "up\n", "it is up");

        process.AskToEnd();

        await Eventually.Gives(record.Exit, "it ends");
        await Eventually.Ends(attending, "the thread comes back");
        Assert.Equal("up\ntidied\n", record.StdoutText);
    }

    [Fact]
    public async Task Nothing_of_it_stays_open()
    {
        await RunAsync();
        var before = OpenDescriptors();

        for (var i = 0; i < 20; i++)
        {
            await RunAsync();
        }

        await Eventually.Holds(() => OpenDescriptors() <= before, "all descriptors are closed", () => $"{OpenDescriptors()} instead of {before}");

        async Task RunAsync()
        {
            var (process, record) = Launch("/bin/true");
            process.Attend();
            await Eventually.Gives(record.Exit, "it ends");
        }
    }

    private (IRunningProcess Process, ProcessRecord Record) Launch(params string[] arguments)
    {
        var record = new ProcessRecord();
        var result = _launcher.Launch(new LaunchRequest(arguments, new ProcessEnvironment(new Dictionary<string, string> { ["PATH"] = "/bin:/usr/bin" })), record, isAttended: true);
        Assert.Null(result.Error);
        return (result.Process!, record);
    }

    private static int OpenDescriptors() => Directory.GetFiles("/proc/self/fd").Length;
}
