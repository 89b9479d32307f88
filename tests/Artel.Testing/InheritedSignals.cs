using System.Globalization;

namespace Artel.Testing;

/// <summary>
/// A shell without job control starts what it puts into the background with SIGINT ignored, and every program below inherits that,
/// rightly. Tests of Ctrl-C put it back to what it is in a terminal.
/// </summary>
internal static class InheritedSignals
{
    private const ulong Interrupt = 1UL << (2 - 1);

    public static bool InterruptIsIgnored { get; } = OperatingSystem.IsLinux() && (Ignored() & Interrupt) != 0;

    private static ulong Ignored()
    {
        var line = File.ReadLines("/proc/self/status").First(l => l.StartsWith("SigIgn:", StringComparison.Ordinal));
        return ulong.Parse(line.AsSpan("SigIgn:".Length).Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
    }
}
