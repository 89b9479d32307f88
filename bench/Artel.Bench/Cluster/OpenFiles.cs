using System.Globalization;

namespace Artel.Bench.Cluster;

/// <summary>
/// How many files a process may have open (proc(5), <c>/proc/self/limits</c>). The runtime raises its limit to the most it may have, and the
/// server, which this process starts, inherits that.
/// </summary>
internal static class OpenFiles
{
    // What a server keeps for itself is more than what this process needs besides its connections.
    private const int Besides = 600;

    /// <exception cref="BenchException">So many connections can not be.</exception>
    public static void Require(int connections)
    {
        var limit = File.ReadLines("/proc/self/limits").First(l => l.StartsWith("Max open files", StringComparison.Ordinal))
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)[3];
        if (long.TryParse(limit, NumberStyles.None, CultureInfo.InvariantCulture, out var files) && files < connections + Besides)
        {
            throw new BenchException($"{connections} nodes need {connections + Besides} open files, and the system allows {files}: run it as root after 'ulimit -n {connections + Besides}', or with fewer nodes (--of N)");
        }
    }
}
