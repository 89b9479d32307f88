using System.Globalization;
using Artel.Testing;

namespace Artel.Chaos.Faults;

/// <summary>
/// Kills the agent of a node or its guardian, or stops one of them for a time. Never both at once: what holds then is less, see
/// docs/delivery.md.
/// </summary>
internal sealed class NodeHand(TestCluster cluster, string node, IReadOnlyList<string> options, FaultPlan plan, Story story) : Hand("node " + node, plan, story)
{
    public const string KillAgent = "agent killed";
    public const string KillGuardian = "guardian killed";
    public const string PauseAgent = "agent stopped and continued";
    public const string PauseGuardian = "guardian stopped and continued";

    protected override async Task MakeAsync(Fault fault, CancellationToken stop)
    {
        var guardian = cluster.Node(node).Id;
        var agent = cluster.AgentOf(node);

        // A node that has just been started may not have an agent yet, and the file then names one of before.
        if (!Processes.ChildrenOf(guardian).Contains(agent))
            return;

        Story.Fault(fault.Kind, Thing, $"{fault.Length.TotalSeconds:0.0} s");
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

    /// <summary>What has ended meanwhile gets none.</summary>
    private static void Signal(string signal, int pid)
    {
        if (Processes.IsAlive(pid))
            SystemRights.Try("kill", "-s", signal, pid.ToString(CultureInfo.InvariantCulture));
    }
}
