using System.Runtime.InteropServices;
using Artel.Cli.Processes;

namespace Artel.Cli.Output;

/// <summary>
/// Standard output or standard error as bytes. Unlike the streams of <see cref="Console"/> it notices that nobody reads
/// any more: the first write that fails is reported once, and everything after it is dropped. Any thread may write.
/// </summary>
/// <param name="descriptor">1 or 2.</param>
/// <param name="wasClosed">True if it was closed when this process started: then the first write fails.</param>
/// <param name="failed">Gets the error number of the first write that failed.</param>
internal sealed class StandardStream(int descriptor, bool wasClosed, Action<int> failed) : WriteOnlyStream
{
    private const int BadDescriptor = 9;
    private const int Interrupted = 4;
    private const int WouldBlock = 11;

    private int _hasFailed;

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        while (!buffer.IsEmpty && Volatile.Read(ref _hasFailed) == 0)
        {
            var written = wasClosed ? -1 : StandardDescriptors.Write(descriptor, buffer);
            if (written >= 0)
            {
                buffer = buffer[written..];
                continue;
            }

            var error = wasClosed ? BadDescriptor : Marshal.GetLastPInvokeError();
            if (error == WouldBlock)
                StandardDescriptors.WaitUntilWritable(descriptor);
            else if (error != Interrupted && Interlocked.Exchange(ref _hasFailed, 1) == 0)
                failed(error);
        }
    }

    public override void Flush()
    {
    }
}
