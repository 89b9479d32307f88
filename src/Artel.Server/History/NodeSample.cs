using System.Runtime.InteropServices;
using Artel.Core;

namespace Artel.Server.History;

/// <summary>
/// A sample of one node, or several in a row that say the same: small because there are up to a hundred of each of ten thousand nodes. Numbers that are too
/// large for their field are its largest: 65 gpus, 65535 tasks that run, or that fail in half a minute.
/// </summary>
[StructLayout(LayoutKind.Sequential, Pack = 2)]
internal readonly record struct NodeSample
{
    public const int Bytes = 24;

    private const int BytesPerMebi = 1 << 20;

    private readonly int _milliCpus;
    private readonly int _memoryMebi;
    private readonly int _succeeded;
    private readonly ushort _milliGpus;
    private readonly ushort _running;
    private readonly ushort _failed;

    public NodeSample(DateTimeOffset at, Amounts used, int running, long succeeded, long failed)
    {
        Seconds = (uint)Math.Clamp(at.ToUnixTimeSeconds(), 0, uint.MaxValue);
        _milliCpus = (int)Math.Clamp(used.MilliCpus, 0, int.MaxValue);
        _memoryMebi = (int)Math.Clamp((used.MemoryBytes + (BytesPerMebi / 2)) / BytesPerMebi, 0, int.MaxValue);
        _succeeded = (int)Math.Clamp(succeeded, 0, int.MaxValue);
        _milliGpus = (ushort)Math.Clamp(used.MilliGpus, 0, ushort.MaxValue);
        _running = (ushort)Math.Clamp(running, 0, ushort.MaxValue);
        _failed = (ushort)Math.Clamp(failed, 0, ushort.MaxValue);
    }

    /// <summary>When the last of them was taken.</summary>
    public DateTimeOffset At => DateTimeOffset.FromUnixTimeSeconds(Seconds);

    /// <summary>How many came before that and said the same.</summary>
    public ushort Repeats { get; init; }

    private uint Seconds { get; init; }

    /// <summary>Whether a sample says the same, of another time.</summary>
    public bool Says(NodeSample other) => other with { Seconds = Seconds, Repeats = Repeats } == this;

    /// <summary>Without the last of them. Only where there are several.</summary>
    /// <param name="period">How far apart they are.</param>
    public NodeSample WithoutLast(TimeSpan period) => this with { Seconds = Seconds - (uint)period.TotalSeconds, Repeats = (ushort)(Repeats - 1) };

    /// <param name="at">When the one was taken that is meant.</param>
    public LoadSample Read(DateTimeOffset at, TimeSpan span, Amounts total) => new(
        at, span, new Amounts(_milliCpus, (long)_memoryMebi * BytesPerMebi, _milliGpus), total, _running, 0, _succeeded, _failed, 0);
}
