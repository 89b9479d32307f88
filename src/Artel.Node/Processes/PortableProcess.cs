using System.Buffers;
using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Artel.Node.Processes;

/// <summary>One process of the portable path, served by tasks of its own.</summary>
internal sealed partial class PortableProcess : IRunningProcess
{
    private const int BufferSize = 64 * 1024;
    private static readonly TimeSpan LingerTime = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan FirstSample = TimeSpan.FromMilliseconds(30);

    private readonly Process _process;
    private readonly IProcessObserver _observer;
    private readonly TimeProvider _time;
    private readonly long _startedAt;

    // Serialises what the observer hears from the two readers.
    private readonly Lock _observerGate = new();
    private readonly Lock _gate = new();
    private IReadOnlyList<ProcFile.Stat> _descendants = [];
    private bool _askedToEnd;
    private bool _hasEnded;
    private int _sentSignal;
    private TimeSpan _user;
    private TimeSpan _system;
    private long _peakMemoryBytes;

    private PortableProcess(Process process, IProcessObserver observer, TimeProvider time)
    {
        _process = process;
        _observer = observer;
        _time = time;
        _startedAt = time.GetTimestamp();
        Id = process.Id;
    }

    public int Id { get; }

    public static PortableProcess Follow(Process process, ReadOnlyMemory<byte> stdin, IProcessObserver observer, TimeProvider time)
    {
        var followed = new PortableProcess(process, observer, time);
        _ = Task.Run(() => followed.FollowAsync(stdin));
        return followed;
    }

    public void Attend()
    {
        // Its readers and its end have tasks of their own.
    }

    public void AskToEnd()
    {
        lock (_gate)
        {
            if (_hasEnded)
                return;

            if (OperatingSystem.IsWindows())
            {
                // There is no polite signal for a process without a window.
                KillTree();
                return;
            }

            // They may be orphans by the time of Kill, when nothing tells any more whose they were.
            _descendants = Descendants(Id);
            _askedToEnd = true;
            _sentSignal = SigTerm;
            foreach (var each in _descendants)
                _ = kill(each.Pid, SigTerm);

            _ = kill(Id, SigTerm);
        }
    }

    public void Kill()
    {
        lock (_gate)
        {
            KillTree();
        }
    }

    [LibraryImport("libc")]
    private static partial int kill(int pid, int signal);

    private const int SigTerm = 15;
    private const int SigKill = 9;

    private async Task FollowAsync(ReadOnlyMemory<byte> stdin)
    {
        using var stopReading = new CancellationTokenSource();
        using var stopSampling = new CancellationTokenSource();
        var output = Task.WhenAll(
            ReadAsync(_process.StandardOutput.BaseStream, OutputStream.Stdout, stopReading.Token),
            ReadAsync(_process.StandardError.BaseStream, OutputStream.Stderr, stopReading.Token));
        var input = FeedAsync(stdin, stopReading.Token);
        var sampling = SampleAsync(stopSampling.Token);

        await _process.WaitForExitAsync(CancellationToken.None);
        var wall = _time.GetElapsedTime(_startedAt);
        await stopSampling.CancelAsync();
        await sampling;
        Sample();

        bool awaitTree;
        lock (_gate)
        {
            awaitTree = _askedToEnd;
            _hasEnded = !awaitTree;
        }

        // After the polite signal the rest of the tree has its grace; Kill, at the end of that, closes the output.
        if (!awaitTree)
            await stopReading.CancelAsync(LingerTime, output, _time);

        await output;
        await stopReading.CancelAsync();
        await input;
        lock (_gate)
        {
            _hasEnded = true;
        }

        _observer.OnExit(ExitOf(wall));
        _process.Dispose();
    }

    private ProcessExit ExitOf(TimeSpan wall)
    {
        // Process tells a signal as 128 + its number, like a shell; only of those sent from here is it known that they were one.
        var code = _process.ExitCode;
        var signalled = _sentSignal != 0 && (code is 128 + SigTerm or 128 + SigKill || OperatingSystem.IsWindows());
        return new ProcessExit(
            signalled ? 0 : code,
            signalled ? (OperatingSystem.IsWindows() ? SigKill : code - 128) : 0,
            wall, _user, _system, _peakMemoryBytes);
    }

    private async Task ReadAsync(Stream stream, OutputStream which, CancellationToken ct)
    {
        // Process leaves it to its reader to close what was read from.
        await using var _ = stream;
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            int count;
            while ((count = await stream.ReadAsync(buffer, ct)) > 0)
            {
                lock (_observerGate)
                {
                    _observer.OnOutput(which, buffer.AsSpan(0, count));
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The process has ended; someone who left its tree still holds the pipe, and has had time enough.
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private async Task FeedAsync(ReadOnlyMemory<byte> stdin, CancellationToken ct)
    {
        try
        {
            await using var stream = _process.StandardInput.BaseStream;
            await stream.WriteAsync(stdin, ct);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // A process need not read all that it is given.
        }
    }

    private async Task SampleAsync(CancellationToken ct)
    {
        var pause = FirstSample;
        while (!ct.IsCancellationRequested)
        {
            await Task.Delay(pause, _time, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            Sample();
            pause *= 1.5;
        }
    }

    /// <summary>Where the system forgets a process at its end, this is as near to its last numbers as one comes.</summary>
    private void Sample()
    {
        try
        {
            _process.Refresh();
            _user = _process.UserProcessorTime;
            _system = _process.PrivilegedProcessorTime;
            _peakMemoryBytes = Math.Max(
                _peakMemoryBytes,
                OperatingSystem.IsLinux() ? ProcFile.PeakMemoryBytes(Id) : _process.PeakWorkingSet64);
        }
        catch (Exception e) when (e is InvalidOperationException or Win32Exception or NotSupportedException)
        {
            // It ended meanwhile: what was noted last stands.
        }
    }

    private void KillTree()
    {
        if (_hasEnded)
            return;

        _sentSignal = SigKill;
        try
        {
            _process.Kill(entireProcessTree: true);
        }
        catch (Exception e) when (e is InvalidOperationException or Win32Exception or AggregateException)
        {
            // Some of the tree ended by themselves meanwhile, which is what was wanted.
        }

        foreach (var each in _descendants)
        {
            // Not if its number has been given to another process since.
            if (ProcFile.ReadStat(each.Pid) is { } now && now.StartTicks == each.StartTicks)
                _ = kill(each.Pid, SigKill);
        }
    }

    private static List<ProcFile.Stat> Descendants(int root)
    {
        var found = new List<ProcFile.Stat>();
        if (!OperatingSystem.IsLinux())
            return found;

        var all = ProcFile.All().ToLookup(s => s.Parent);
        var parents = new Queue<int>([root]);
        while (parents.TryDequeue(out var parent))
        {
            foreach (var child in all[parent])
            {
                found.Add(child);
                parents.Enqueue(child.Pid);
            }
        }

        return found;
    }
}

file static class CancellationAfter
{
    /// <summary>Cancels when <paramref name="work"/> has not ended by itself within <paramref name="patience"/>.</summary>
    public static async Task CancelAsync(this CancellationTokenSource source, TimeSpan patience, Task work, TimeProvider time)
    {
        if (await Task.WhenAny(work, Task.Delay(patience, time)) != work)
            await source.CancelAsync();
    }
}
