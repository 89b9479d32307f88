using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Artel.Node.Processes;

/// <summary>
/// The agent's end of one output pipe of a <see cref="LinuxProcess"/>. Whoever serves the process reads it, until the
/// observer has no more room in memory: from then on it is long, and <see cref="DiskThreads"/> reads it.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed unsafe class OutputPipe(
    OutputStream stream, int reader, IProcessObserver observer, ProcessReactor reactor)
{
    private const int ReadsPerEvent = 4;

    // More than a pipe holds, so that nothing is left behind; not without end, for someone who left the group may go on
    // writing.
    private const int ReadsAtEnd = 32;

    // If epoll took the one pipe of a process and not the other, both threads may read for a moment.
    private readonly Lock _reading = new();
    private volatile bool _isLong;
    private int _descriptor = reader;

    public int Descriptor => _descriptor;

    /// <summary>What poll(2) is to look at: -1, which it passes over, if the pipe is long.</summary>
    public int DescriptorToPoll => _isLong ? -1 : _descriptor;

    /// <summary>True if <see cref="DiskThreads"/> reads it.</summary>
    public bool IsLong => _isLong;

    /// <summary>False if the last writer has closed it, or this end was closed.</summary>
    public bool IsOpen => Volatile.Read(ref _descriptor) >= 0;

    /// <summary>Reads what is there, but only so much that no other process is kept waiting.</summary>
    /// <param name="process">Whose pipe it is.</param>
    /// <param name="mayWait">The caller may wait for the disk.</param>
    public void OnReadable(LinuxProcess process, byte* buffer, int size, bool mayWait)
    {
        for (var i = 0; i < ReadsPerEvent; i++)
        {
            if (!ReadOnce(process, buffer, size, mayWait))
                return;
        }
    }

    /// <summary>Reads all that is there.</summary>
    public void Drain(LinuxProcess process, byte* buffer, int size, bool mayWait)
    {
        for (var i = 0; i < ReadsAtEnd && ReadOnce(process, buffer, size, mayWait); i++)
        {
        }
    }

    /// <summary>Nothing more is read.</summary>
    public void Close(LinuxProcess process)
    {
        lock (_reading)
        {
            CloseDescriptor(process);
        }
    }

    /// <summary>False: nothing more for now, or not for the caller.</summary>
    private bool ReadOnce(LinuxProcess process, byte* buffer, int size, bool mayWait)
    {
        if (!mayWait && _isLong)
            return false;

        lock (_reading)
        {
            if (_descriptor < 0)
                return false;

            if (!mayWait)
            {
                var room = observer.RoomOf(stream);
                if (room == 0 && TryHandOver(process))
                    return false;

                // If the system has no room to hand it over, it is written here.
                size = room > 0 ? Math.Min(size, room) : size;
            }

            nint count;
            do
            {
                count = Libc.read(_descriptor, buffer, size);
            }
            while (count < 0 && Marshal.GetLastPInvokeError() == Errno.Interrupted);

            if (count > 0)
            {
                observer.OnOutput(stream, new ReadOnlySpan<byte>(buffer, (int)count));
                return true;
            }

            if (count == 0 || Marshal.GetLastPInvokeError() != Errno.TryAgain)
                CloseDescriptor(process);

            return false;
        }
    }

    /// <summary>Lets <see cref="DiskThreads"/> read it from here on. With the lock held.</summary>
    private bool TryHandOver(LinuxProcess process)
    {
        if (_isLong)
            return true;

        // Set before, so that whoever gets its first event there sees it.
        _isLong = true;
        if (!reactor.Disk.TryTake(process, stream, _descriptor))
        {
            _isLong = false;
            return false;
        }

        if (process.IsInEpoll)
            reactor.Epoll.Remove(_descriptor);

        return true;
    }

    /// <remarks>
    /// Taken out of epoll first: a process that is just being started holds copies of all descriptors until its exec,
    /// and as long as one copy is open epoll would go on reporting it.
    /// </remarks>
    private void CloseDescriptor(LinuxProcess process)
    {
        if (_descriptor < 0)
            return;

        if (process.IsInEpoll)
            reactor.Epoll.Remove(_descriptor);

        if (_isLong)
            reactor.Disk.Remove(_descriptor);

        _ = Libc.close(_descriptor);
        _descriptor = -1;
    }
}
