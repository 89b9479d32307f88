using Artel.Node.Processes;

namespace Artel.Node.Work;

/// <summary>
/// The time since the machine was started, with the time it slept: what a lease needs, which runs out whether or not the node is
/// awake. clock_gettime(2): CLOCK_BOOTTIME. Where there is no such clock, the usual one.
/// </summary>
internal sealed class BootTime : TimeProvider
{
    private const int ClockBootTime = 7;

    private BootTime()
    {
    }

    public static TimeProvider Instance { get; } = OperatingSystem.IsLinux() ? new BootTime() : System;

    /// <summary>By the clock that a guardian reads too.</summary>
    public static TimeSpan Now => Instance.GetElapsedTime(0);

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => OperatingSystem.IsLinux() ? Libc.Clock(ClockBootTime).Ticks : base.GetTimestamp();
}
