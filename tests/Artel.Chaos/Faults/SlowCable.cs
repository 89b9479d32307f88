using Artel.Testing;

namespace Artel.Chaos.Faults;

/// <summary>How cables are made slow and lossy here.</summary>
/// <param name="Queue">For <see cref="NetworkLab.Slow"/>.</param>
/// <param name="Note">For the table.</param>
internal sealed record SlowCable(string[] Queue, string Note)
{
    private static readonly SlowCable[] Kinds =
    [
        new(["netem", "delay", "80ms", "60ms", "loss", "8%", "reorder", "20%"], "slow cables: 80 ms, 8 % lost, 20 % reordered, by netem"),
        new(["tbf", "rate", "200kbit", "burst", "4kb", "limit", "12kb"], "slow cables: 200 kbit/s and what does not fit 12 kB lost, by tbf (there is no netem here)"),
    ];

    /// <summary>The best that this machine can do, or null.</summary>
    public static SlowCable? Find(NetworkLab lab, string machine)
    {
        var found = Kinds.FirstOrDefault(kind => lab.Slow(machine, kind.Queue) is null);
        lab.Quicken(machine);
        return found;
    }
}
