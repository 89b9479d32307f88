using Artel.Testing;

namespace Artel.Chaos.Faults;

/// <summary>Kills the server, stops it for a time, fills its disk.</summary>
internal sealed class ServerHand(TestCluster cluster, SmallDisk? disk, FaultPlan plan, Story story) : Hand("server", plan, story)
{
    public const string Kill = "server killed";
    public const string Pause = "server stopped and continued";
    public const string FillDisk = "server's disk full";

    private const int LeftKibibytes = 64;

    protected override async Task MakeAsync(Fault fault, CancellationToken stop)
    {
        Story.Fault(fault.Kind, Thing, $"{fault.Length.TotalSeconds:0.0} s");
        switch (fault.Kind)
        {
            case Kill:
                cluster.Server.Signal("KILL");
                await cluster.Server.EndAsync();
                await LastAsync(fault.Length / 3, stop);
                break;
            case Pause:
                cluster.Server.Signal("STOP");
                await LastAsync(fault.Length, stop);
                cluster.Server.Signal("CONT");
                return;
            case FillDisk:
                Fill(disk!);
                for (var spent = TimeSpan.Zero; spent < fault.Length && !cluster.Server.HasEnded; spent += TimeSpan.FromMilliseconds(100))
                    await LastAsync(TimeSpan.FromMilliseconds(100), stop);

                disk!.MakeRoom();
                if (!cluster.Server.HasEnded)
                    return;

                Story.Note(Thing, $"ended on its full disk: {cluster.Server.Errors}");
                break;
        }

        await cluster.StartServerAsync();
    }

    private static void Fill(SmallDisk disk)
    {
        try
        {
            disk.Fill(LeftKibibytes);
        }
        catch (IOException)
        {
            // The server took the room that was to be left: full is full.
            return;
        }
    }

    public override async Task LookAsync()
    {
        if (!cluster.Server.HasEnded)
            return;

        // On a full disk it may end only when what it wrote last has failed, a moment after there was room again.
        var errors = cluster.Server.Errors;
        Story.Note(Thing, $"ended by itself: {errors}");
        if (!errors.Contains("is full: make room", StringComparison.Ordinal))
            Crashed(errors);

        await cluster.StartServerAsync();
    }
}
