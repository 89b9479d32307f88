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
