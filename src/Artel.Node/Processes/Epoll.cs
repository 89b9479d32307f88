using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Artel.Node.Processes;

/// <summary>
/// Descriptors that one thread waits for, and a way to wake it. All but <see cref="Wait"/>: any thread.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed unsafe class Epoll : IDisposable
{
    /// <summary>Events that one wait gives.</summary>
    public const int MostAtOnce = 128;

    private const ulong WakeData = 0;

    // struct epoll_event is packed on x64 only.
    private static readonly int EventSize = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 12 : 16;
    private static readonly int DataOffset = EventSize - sizeof(ulong);

    private readonly int _epoll = Libc.epoll_create1(Libc.OpenCloseOnExec);
    private readonly int _wake = Libc.eventfd(0, Libc.OpenCloseOnExec | Libc.OpenNonBlocking);

    public Epoll()
    {
        if (_epoll < 0 || _wake < 0 || !TryAdd(_wake, WakeData))
            throw new IOException($"epoll cannot be used: {Marshal.GetLastPInvokeErrorMessage()}");
    }

    /// <summary>
    /// Waits for input of a descriptor. False: the system has no room for it (the error number is the last one).
    /// </summary>
    /// <param name="data">What <see cref="Wait"/> gives for it; not 0.</param>
    public bool TryAdd(int descriptor, ulong data)
    {
        var @event = stackalloc byte[16];
        *(uint*)@event = Libc.EpollIn;
        *(ulong*)(@event + DataOffset) = data;
        return Libc.epoll_ctl(_epoll, Libc.EpollAdd, descriptor, @event) == 0;
    }

    /// <summary>Does nothing if it is not there.</summary>
    public void Remove(int descriptor) => _ = Libc.epoll_ctl(_epoll, Libc.EpollRemove, descriptor, null);

    /// <summary>Waits for what is ready, or to be woken.</summary>
    /// <param name="ready">Gets the data of what is ready.</param>
    /// <param name="milliseconds">-1 to wait without end.</param>
    /// <returns>How many.</returns>
    public int Wait(Span<ulong> ready, int milliseconds)
    {
        var events = stackalloc byte[MostAtOnce * 16];
        var count = Libc.epoll_wait(_epoll, events, Math.Min(MostAtOnce, ready.Length), milliseconds);
        var found = 0;
        for (var i = 0; i < count; i++)
        {
            var data = *(ulong*)(events + (i * EventSize) + DataOffset);
            if (data != WakeData)
            {
                ready[found++] = data;
                continue;
            }

            ulong wakes;
            _ = Libc.read(_wake, (byte*)&wakes, sizeof(ulong));
        }

        return found;
    }

    public void Wake()
    {
        ulong one = 1;
        _ = Libc.write(_wake, (byte*)&one, sizeof(ulong));
    }

    public void Dispose()
    {
        _ = Libc.close(_wake);
        _ = Libc.close(_epoll);
    }
}
