using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Artel.Node.Processes;

/// <summary>A file that is in no folder: a process reads it at its own pace, and nobody has to feed it.</summary>
[SupportedOSPlatform("linux")]
internal static unsafe class MemoryFile
{
    /// <summary>
    /// A descriptor at the start of the content, closed on exec; or -1, and the error number is the last one.
    /// </summary>
    /// <param name="content">What is in it.</param>
    /// <param name="name">For /proc.</param>
    public static int Create(ReadOnlySpan<byte> content, string name)
    {
        const uint closeOnExec = 1;
        var descriptor = Libc.memfd_create(name, closeOnExec);
        long written = 0;
        fixed (byte* start = content)
        {
            // pwrite leaves the position at the start, where the process is to read from.
            while (descriptor >= 0 && written < content.Length)
            {
                var count = Libc.pwrite(descriptor, start + written, (nint)(content.Length - written), written);
                if (count >= 0)
                {
                    written += count;
                }
                else if (Marshal.GetLastPInvokeError() != Errno.Interrupted)
                {
                    Close(descriptor);
                    return -1;
                }
            }
        }

        return descriptor;
    }

    /// <summary>Closes a descriptor; -1 is none.</summary>
    public static void Close(int descriptor)
    {
        if (descriptor >= 0)
            _ = Libc.close(descriptor);
    }
}
