using Artel.Testing;

namespace Artel.Chaos.Faults;

/// <summary>Cuts the cable of a machine, shakes it, or makes it slow and lossy.</summary>
internal sealed class CableHand(NetworkLab lab, string machine, SlowCable slow, FaultPlan plan, Story story) : Hand("cable of " + machine, plan, story)
{
    public const string Cut = "cable cut";
    public const string Shake = "cable cut again and again";
    public const string Slow = "cable slow and lossy";

    private static readonly TimeSpan Gap = TimeSpan.FromMilliseconds(250);

    protected override async Task MakeAsync(Fault fault, CancellationToken stop)
    {
        Story.Fault(fault.Kind, Thing, $"{fault.Length.TotalSeconds:0.0} s");
        switch (fault.Kind)
        {
            case Cut:
                lab.Cut(machine);
                await LastAsync(fault.Length, stop);
                lab.Mend(machine);
                break;
            case Shake:
                for (var spent = TimeSpan.Zero; spent < fault.Length; spent += 2 * Gap)
                {
                    lab.Cut(machine);
                    await LastAsync(Gap, stop);
                    lab.Mend(machine);
                    await LastAsync(Gap, stop);
                }

                break;
            case Slow:
                lab.Slow(machine, slow.Queue);
                await LastAsync(3 * fault.Length, stop);
                lab.Quicken(machine);
                break;
        }
    }
}

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
