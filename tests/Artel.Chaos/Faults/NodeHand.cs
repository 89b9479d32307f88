using System.Globalization;
using Artel.Testing;

namespace Artel.Chaos.Faults;

/// <summary>
/// Kills the agent of a node or its guardian, stops one of them for a time, asks the node to end in the middle of its
/// work, fills its disk, or leaves its agent few descriptors. Never kills both at once: what holds then is less, see
/// docs/delivery.md.
/// </summary>
internal sealed class NodeHand(
    TestCluster cluster, string node, IReadOnlyList<string> options, SmallDisk? disk, FaultPlan plan, Story story)
    : Hand("node " + node, plan, story)
{
    public const string KillAgent = "agent killed";
    public const string KillGuardian = "guardian killed";
    public const string PauseAgent = "agent stopped and continued";
    public const string PauseGuardian = "guardian stopped and continued";

    public const string Terminate = "node asked to end";
    public const string FillDisk = "node's disk full, again and again";
    public const string Shortage = "node short of descriptors";

    private static readonly TimeSpan Gap = TimeSpan.FromMilliseconds(150);

    protected override async Task MakeAsync(Fault fault, CancellationToken stop)
    {
        var guardian = cluster.Node(node).Id;
        var agent = cluster.AgentOf(node);

        // A node that has just been started may not have an agent yet, and the file then names one of before.
        if (!Processes.ChildrenOf(guardian).Contains(agent))
            return;

        Story.Fault(fault.Kind, Thing, $"{fault.Length.TotalSeconds:0.0} s");
        switch (fault.Kind)
        {
            case Terminate:
                // As service managers do it, once or twice.
                Signal("TERM", guardian);
                await LastAsync(fault.Length / 4, stop);
                Signal("TERM", guardian);
                await cluster.Node(node).EndAsync();
                await RestartAsync();
                return;
            case FillDisk:
                await FillAsync(fault.Length, stop);
                return;
            case Shortage:
                Limit(agent, "120:120");
                await LastAsync(fault.Length, stop);

                // Only root may raise it again. Otherwise the limit goes with the agent.
                if (Limit(agent, "1024:4096") is not null)
                    Signal("KILL", agent);

                return;
        }

        var target = fault.Kind is KillAgent or PauseAgent ? agent : guardian;
        Signal(fault.Kind is KillAgent or KillGuardian ? "KILL" : "STOP", target);
        await LastAsync(fault.Length, stop);
        Signal("CONT", target);
        await RestartAsync();
    }

    public override Task LookAsync() => RestartAsync();

    /// <summary>Starts the node again if it has ended. One whose last agent is not quite gone ends at once, and is started at the next look.</summary>
    private async Task RestartAsync()
    {
        var ended = cluster.Node(node);
        if (!ended.HasEnded)
            return;

        // It ends by itself after its agent or guardian was killed or stopped, but never in this way.
        var errors = ended.Errors;
        Story.Note(Thing, $"had ended and is started again; it said: {errors}");
        if (errors.Contains("unhandled exception", StringComparison.OrdinalIgnoreCase))
            Crashed(errors);

        await cluster.BeginNodeAsync(node, [.. options]);
    }

    /// <summary>Leaves little room, then makes room, again and again: some writes fail half way.</summary>
    private async Task FillAsync(TimeSpan time, CancellationToken stop)
    {
        var chance = new Random(node.Length + (int)time.TotalMilliseconds);
        for (var spent = TimeSpan.Zero; spent < time && !stop.IsCancellationRequested; spent += 2 * Gap)
        {
            try
            {
                disk!.Fill(leaveKibibytes: chance.Next(0, 200));
            }
            catch (IOException)
            {
                // The node took the room that was to be left.
                Story.Note(Thing, "its disk is full to the last byte");
            }

            await LastAsync(Gap, stop);
            disk!.MakeRoom();
            await LastAsync(Gap, stop);
        }
    }

    /// <summary>Sets the limits of open files of what runs.</summary>
    /// <returns>Why it failed, or null.</returns>
    private static string? Limit(int pid, string files) => Processes.IsAlive(pid)
        ? SystemRights.Try("prlimit", "--nofile=" + files, "--pid", pid.ToString(CultureInfo.InvariantCulture))
        : null;

    /// <summary>What has ended meanwhile gets none.</summary>
    private static void Signal(string signal, int pid)
    {
        if (Processes.IsAlive(pid))
            SystemRights.Try("kill", "-s", signal, pid.ToString(CultureInfo.InvariantCulture));
    }
}
