using Artel.Bench.Cluster;

namespace Artel.Bench.Peers;

/// <summary>Debian's packages of the peers.</summary>
internal static class DebianPackages
{
    private static readonly string[] Names = ["findutils", "parallel", "python3-distributed", "munge", "slurm-client", "slurmctld", "slurmd"];

    // Nothing is asked; and their services are not started, since the bench starts daemons of its own.
    private static readonly Dictionary<string, string?> Surroundings = new() { ["DEBIAN_FRONTEND"] = "noninteractive", ["RUNLEVEL"] = "1" };

    /// <exception cref="BenchException">It does not work, with what apt-get said.</exception>
    public static async Task InstallAsync()
    {
        if (InstalledProgram.Find("apt-get") is null)
        {
            throw new BenchException("--install-peers needs apt-get, of Debian and its like");
        }

        await Console.Error.WriteLineAsync($"Installing {string.Join(' ', Names)} …");
        await InstalledProgram.RunAsync("apt-get", ["update"], environment: Surroundings);
        await InstalledProgram.RunAsync("apt-get", ["install", "--yes", "--no-install-recommends", .. Names], environment: Surroundings);
    }
}
