using System.Runtime.InteropServices;

namespace Artel.Node.Link;

/// <summary>
/// The time since the machine was started, with the time it slept: what a lease needs, which runs out whether or not the node is
/// awake. clock_gettime(2): CLOCK_BOOTTIME. Where there is no such clock, the usual one.
/// </summary>
internal sealed partial class BootTime : TimeProvider
{
    private const int ClockBootTime = 7;
    private const long NanosecondsPerSecond = 1_000_000_000;

    private BootTime()
    {
    }

    public static TimeProvider Instance { get; } = OperatingSystem.IsLinux() ? new BootTime() : System;

    public override long TimestampFrequency => NanosecondsPerSecond;

    public override long GetTimestamp() =>
        clock_gettime(ClockBootTime, out var time) == 0 ? (time.Seconds * NanosecondsPerSecond) + time.Nanoseconds : base.GetTimestamp();

    [LibraryImport("libc")]
    private static partial int clock_gettime(int clock, out TimeSpec time);

    [StructLayout(LayoutKind.Sequential)]
    private readonly struct TimeSpec
    {
        public readonly nint Seconds;
        public readonly nint Nanoseconds;
    }
}
