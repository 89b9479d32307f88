using System.Runtime.InteropServices;

namespace Artel.Cli.Processes;

/// <summary>
/// The first three descriptors of this process, and the signal that tells of ended children, as they come from whoever
/// started it.
/// </summary>
internal static unsafe partial class StandardDescriptors
{
    private const int GetFlags = 1;
    private const int ReadOnly = 0;
    private const int WriteOnly = 1;
    private const int ChildSignal = 17;
    private const short Writable = 4;

    /// <summary>True if standard output was closed when this process started.</summary>
    public static bool OutputWasClosed { get; private set; }

    /// <summary>
    /// Opens /dev/null in place of those that are closed. Call before anything else: whatever is opened next would get
    /// their numbers, and what is meant for standard error would be written to a pipe of the runtime. Also restores
    /// SIGCHLD if it is ignored, since then no process could be waited for.
    /// </summary>
    public static void Restore()
    {
        if (!OperatingSystem.IsLinux())
            return;

        _ = signal(ChildSignal, 0);
        OutputWasClosed = fcntl(1, GetFlags) < 0;
        for (var descriptor = 0; descriptor <= 2; descriptor++)
        {
            // The lowest number that is free: this one.
            if (fcntl(descriptor, GetFlags) < 0)
                _ = open("/dev/null", descriptor == 0 ? ReadOnly : WriteOnly);
        }
    }

    /// <summary>
    /// Calls write(2). Returns the number of bytes written, or -1, with the error in
    /// <see cref="Marshal.GetLastPInvokeError"/>.
    /// </summary>
    public static int Write(int descriptor, ReadOnlySpan<byte> bytes)
    {
        fixed (byte* buffer = bytes)
            return (int)write(descriptor, buffer, bytes.Length);
    }

    /// <summary>Waits until a descriptor that does not block by itself can be written to, or has failed.</summary>
    public static void WaitUntilWritable(int descriptor)
    {
        var polled = new PollDescriptor { Descriptor = descriptor, Requested = Writable };
        _ = poll(&polled, 1, -1);
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint write(int descriptor, byte* buffer, nint count);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fcntl(int descriptor, int command);

    [LibraryImport("libc")]
    private static partial nint signal(int number, nint handler);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int poll(PollDescriptor* descriptors, nuint count, int timeoutMilliseconds);

    /// <summary>struct pollfd.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct PollDescriptor
    {
        public int Descriptor;
        public short Requested;
        public short Returned;
    }
}
