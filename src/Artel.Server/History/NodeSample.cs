using System.Runtime.InteropServices;
using Artel.Core;

namespace Artel.Server.History;

/// <summary>
/// A sample of one node, small because there are a hundred of each of ten thousand nodes. Numbers that are too large for their field are its largest:
/// 65 gpus, 65535 tasks that run, or that fail in half a minute.
/// </summary>
[StructLayout(LayoutKind.Sequential, Pack = 2)]
internal readonly struct NodeSample(DateTimeOffset at, Amounts used, int running, long succeeded, long failed)
{
    public const int Bytes = 22;

    private const int BytesPerMebi = 1 << 20;

    private readonly uint _seconds = (uint)Math.Clamp(at.ToUnixTimeSeconds(), 0, uint.MaxValue);
    private readonly int _milliCpus = (int)Math.Clamp(used.MilliCpus, 0, int.MaxValue);
    private readonly int _memoryMebi = (int)Math.Clamp((used.MemoryBytes + (BytesPerMebi / 2)) / BytesPerMebi, 0, int.MaxValue);
    private readonly int _succeeded = (int)Math.Clamp(succeeded, 0, int.MaxValue);
    private readonly ushort _milliGpus = (ushort)Math.Clamp(used.MilliGpus, 0, ushort.MaxValue);
    private readonly ushort _running = (ushort)Math.Clamp(running, 0, ushort.MaxValue);
    private readonly ushort _failed = (ushort)Math.Clamp(failed, 0, ushort.MaxValue);

    public DateTimeOffset At => DateTimeOffset.FromUnixTimeSeconds(_seconds);

    public LoadSample Read(TimeSpan span, Amounts total) => new(
        At, span, new Amounts(_milliCpus, (long)_memoryMebi * BytesPerMebi, _milliGpus), total, _running, 0, _succeeded, _failed, 0);
}
