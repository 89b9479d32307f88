using System.Globalization;

namespace Artel.Server.Hosting;

/// <summary>
/// How many connections there may be at once: what the system lets this process open, less what it needs for itself. Without such a
/// bound a server that runs out of descriptors can not write any more either, and dies of it.
/// </summary>
internal static class DescriptorLimit
{
    /// <summary>For the program's own files (some 230), the database, segments of output, and the runtime.</summary>
    private const int Reserve = 512;

    /// <summary>With fewer connections a server is of no use.</summary>
    private const int LeastConnections = 64;

    /// <summary>More are not of use to anyone, wherever the system would allow them.</summary>
    public const int MostConnections = 50_000;

    /// <exception cref="ServerStartException">Too few to work at all.</exception>
    public static int Connections() => ConnectionsOf(OpenFiles());

    /// <param name="openFiles">Null: no limit is known.</param>
    internal static int ConnectionsOf(long? openFiles)
    {
        if (openFiles is not { } limit)
        {
            return MostConnections;
        }

        return limit - Reserve >= LeastConnections
            ? (int)Math.Min(MostConnections, limit - Reserve)
            : throw new ServerStartException($"the system lets this process open {limit} files only: a server needs {Reserve + LeastConnections}, and as many more as there are nodes ('ulimit -n')");
    }

    /// <summary>proc(5): /proc/self/limits, "Max open files", soft limit. The runtime raises that to the hard one at its start.</summary>
    private static long? OpenFiles()
    {
        const string Limits = "/proc/self/limits";
        if (!OperatingSystem.IsLinux() || !File.Exists(Limits))
        {
            return null;
        }

        var line = File.ReadLines(Limits).FirstOrDefault(l => l.StartsWith("Max open files", StringComparison.Ordinal));
        var soft = line?.Split(' ', StringSplitOptions.RemoveEmptyEntries).ElementAtOrDefault(3);
        return long.TryParse(soft, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) ? limit : null;
    }
}
