using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Artel.Node.Processes;

/// <summary>
/// Do for <see cref="ProcessReactor"/> what may have to wait for a disk. One thread reads output that has grown too
/// long for memory: a process that writes faster than the disk waits for its pipe, and nothing piles up here. The other
/// reports the ends of processes. Neither delays the reactor, and long output delays no end but its own.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed unsafe class DiskThreads : IDisposable
{
    private const int BufferSize = 64 * 1024;

    private readonly Epoll _epoll = new();
    private readonly ConcurrentDictionary<ulong, LinuxProcess> _long = new();
    private readonly ConcurrentQueue<LinuxProcess> _longEnded = new();
    private readonly BlockingCollection<LinuxProcess> _ended = [];
    private readonly Thread _outputThread;
    private readonly Thread _endThread;
    private volatile bool _stopping;

    public DiskThreads()
    {
        _outputThread = new Thread(ReadOutput) { Name = "artel-output", IsBackground = true };
        _endThread = new Thread(ReportEnds) { Name = "artel-ends", IsBackground = true };
        _outputThread.Start();
        _endThread.Start();
    }

    /// <summary>
    /// From here on the stream of a process is read here. False: the system has no room for it. Any thread.
    /// </summary>
    public bool TryTake(LinuxProcess process, OutputStream stream, int descriptor)
    {
        _long[process.Key] = process;
        return _epoll.TryAdd(descriptor, (process.Key << 2) | (ulong)stream);
    }

    /// <summary>Before it is closed: a process that is being started may hold a copy of it. Any thread.</summary>
    public void Remove(int descriptor) => _epoll.Remove(descriptor);

    /// <summary>The process was reaped: its last output is read, and its end is reported. Any thread.</summary>
    public void Conclude(LinuxProcess process)
    {
        if (!_long.ContainsKey(process.Key))
        {
            _ended.Add(process);
            return;
        }

        _longEnded.Enqueue(process);
        _epoll.Wake();
    }

    /// <summary>The process is at its end: no more of its output is read. Any thread.</summary>
    public void Forget(LinuxProcess process) => _long.TryRemove(process.Key, out _);

    /// <summary>Call it when nothing is handed over any more.</summary>
    public void Dispose()
    {
        _stopping = true;
        _epoll.Wake();
        _ended.CompleteAdding();
        _outputThread.Join();
        _endThread.Join();
        _epoll.Dispose();
        _ended.Dispose();
    }

    private void ReadOutput()
    {
        var buffer = (byte*)NativeMemory.Alloc(BufferSize);
        Span<ulong> ready = stackalloc ulong[Epoll.MostAtOnce];
        while (!_stopping || !_longEnded.IsEmpty)
        {
            while (_longEnded.TryDequeue(out var ended))
                ended.Conclude(buffer, BufferSize);

            foreach (var data in ready[.._epoll.Wait(ready, _stopping ? 0 : -1)])
            {
                if (!_long.TryGetValue(data >> 2, out var process))
                    continue;

                var pipe = (OutputStream)(data & 3) == OutputStream.Stdout ? process.Stdout : process.Stderr;
                pipe.OnReadable(process, buffer, BufferSize, mayWait: true);
            }
        }

        NativeMemory.Free(buffer);
    }

    private void ReportEnds()
    {
        var buffer = (byte*)NativeMemory.Alloc(BufferSize);
        foreach (var process in _ended.GetConsumingEnumerable())
            process.Conclude(buffer, BufferSize);

        NativeMemory.Free(buffer);
    }
}
