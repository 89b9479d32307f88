using System.Globalization;

namespace Artel.EndToEnd.Tests;

/// <summary>The most memory a process has had in use so far, in bytes: VmHWM of <c>/proc/PID/status</c>.</summary>
internal static class PeakMemory
{
    public static long OfProcess(int id)
    {
        var line = File.ReadLines($"/proc/{id}/status").Single(l => l.StartsWith("VmHWM:", StringComparison.Ordinal));
        return long.Parse(line.Split(' ', '\t').Last(word => word.Length > 0 && char.IsAsciiDigit(word[0])), CultureInfo.InvariantCulture) * 1024;
    }
}
