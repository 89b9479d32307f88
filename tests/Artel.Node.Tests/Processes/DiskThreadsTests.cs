using System.Collections.Concurrent;
using System.Runtime.Versioning;
using Artel.Node.Processes;
using Artel.Testing;

namespace Artel.Node.Tests.Processes;

/// <summary>
/// What may wait for a disk holds up neither the thread that serves all processes nor other processes.
/// </summary>
[SupportedOSPlatform("linux")]
[Collection(nameof(LauncherTests))]
public sealed class DiskThreadsTests : IDisposable
{
    private const int Written = 10_000_000;

    private readonly LinuxLauncher _launcher = new();

    public void Dispose() => _launcher.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_process_that_writes_faster_than_the_disk_waits_and_holds_up_nobody(bool isAttended)
    {
        using var slow = new SlowDisk();
        var process = _launcher.Launch(Shell($"head -c {Written} /dev/zero"), slow, isAttended).Process!;
        var attending = isAttended
            ? Task.Run(process.Attend, TestContext.Current.CancellationToken)
            : Task.CompletedTask;
        await Eventually.Holds(() => slow.Bytes > 0, "the disk is asked to write");

        for (var i = 0; i < 20; i++)
        {
            var other = new ProcessRecord();
            _launcher.Launch(Shell($"echo {i}"), other);
            await Eventually.Gives(other.Exit, "another process ends");
            Assert.Equal($"{i}\n", other.StdoutText);
        }

        // One read, and what a pipe holds waits in the pipe.
        Assert.InRange(slow.Bytes, 1, 64 * 1024);
        slow.Release();
        await Eventually.Ends(slow.Exit, "it ends");
        await attending;
        Assert.Equal(Written, slow.Bytes);
        Assert.DoesNotContain("artel-processes", slow.Threads);
    }

    [Fact]
    public async Task The_thread_that_serves_all_processes_reports_no_end()
    {
        using var fast = new SlowDisk();
        fast.Release();
        _launcher.Launch(Shell("echo one; sleep 0.1; head -c 100000 /dev/zero >&2"), fast);

        await Eventually.Ends(fast.Exit, "it ends");

        Assert.Equal(100_004, fast.Bytes);
        Assert.DoesNotContain("artel-processes", fast.Threads);
    }

    private static LaunchRequest Shell(string script) =>
        new(["/bin/sh", "-c", script], new ProcessEnvironment(InheritedEnvironment.Empty));

    /// <summary>An observer that has no room in memory, and whose disk does nothing until it is released.</summary>
    private sealed class SlowDisk : IProcessObserver, IDisposable
    {
        private readonly ManualResetEventSlim _works = new();
        private readonly TaskCompletionSource _exit = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly ConcurrentDictionary<string, bool> _threads = new();
        private long _bytes;

        public Task Exit => _exit.Task;

        public long Bytes => Interlocked.Read(ref _bytes);

        public ICollection<string> Threads => _threads.Keys;

        public void Release() => _works.Set();

        public void Dispose() => _works.Dispose();

        public int RoomOf(OutputStream stream) => 0;

        public void OnOutput(OutputStream stream, ReadOnlySpan<byte> data)
        {
            _threads[Thread.CurrentThread.Name ?? ""] = true;
            Interlocked.Add(ref _bytes, data.Length);
            _works.Wait();
        }

        public void OnMemoryExceeded(long bytes) => Assert.Fail("it has no limit");

        public void OnExit(in ProcessExit exit)
        {
            _threads[Thread.CurrentThread.Name ?? ""] = true;
            _exit.TrySetResult();
        }
    }
}
