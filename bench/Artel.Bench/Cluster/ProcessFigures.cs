using System.Globalization;

namespace Artel.Bench.Cluster;

/// <summary>What the system knows of a running process (proc(5)).</summary>
internal static class ProcessFigures
{
    // USER_HZ, the same on every Linux that .NET runs on.
    private const double TicksPerSecond = 100;

    /// <summary>Time on processors so far, of all its threads, those of ended children left out.</summary>
    public static TimeSpan Cpu(int pid)
    {
        var stat = File.ReadAllText($"/proc/{pid}/stat");
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return TimeSpan.FromSeconds((Number(fields[11]) + Number(fields[12])) / TicksPerSecond);
    }

    /// <summary>Time on processors from now on for so long, in percent of one core.</summary>
    public static async Task<double> PercentAsync(int pid, TimeSpan window)
    {
        var cpu = Cpu(pid);
        var began = TimeProvider.System.GetTimestamp();
        await Task.Delay(window, TimeProvider.System);
        return 100 * (Cpu(pid) - cpu) / TimeProvider.System.GetElapsedTime(began);
    }

    /// <summary>Time on processors of its children that have ended and were waited for.</summary>
    public static TimeSpan CpuOfChildren(int pid)
    {
        var stat = File.ReadAllText($"/proc/{pid}/stat");
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return TimeSpan.FromSeconds((Number(fields[13]) + Number(fields[14])) / TicksPerSecond);
    }

    public static long ResidentBytes(int pid)
    {
        var line = File.ReadLines($"/proc/{pid}/status").First(l => l.StartsWith("VmRSS:", StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024;
    }

    private static double Number(string field) => double.Parse(field, CultureInfo.InvariantCulture);
}
