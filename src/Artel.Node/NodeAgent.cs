using System.Security.Cryptography;
using Artel.Node.Leases;
using Artel.Node.Link;
using Artel.Node.Processes;
using Artel.Node.Spool;
using Artel.Node.Work;

namespace Artel.Node;

/// <summary>A node of the cluster: keeps a link to the server, runs what it is granted, and keeps results until they are stored.</summary>
public sealed class NodeAgent(NodeAgentOptions options)
{
    /// <summary>
    /// Works until <paramref name="ct"/> is cancelled, the server tells the node to leave, or does not let it in. It ends running
    /// processes politely, gives their leases back, waits a little for the last results to be taken, and says goodbye. Without a
    /// connection it waits for one, for ever. One agent in a process: what tasks leave behind becomes the process's own.
    /// </summary>
    /// <exception cref="IOException">A folder cannot be used.</exception>
    public async Task<NodeAgentExit> RunAsync(CancellationToken ct)
    {
        var error = "";
        using var opened = options.Folder is null ? DataFolder.Open(options.DataDirectory, out error) : null;
        if ((options.Folder ?? opened) is not { } folder)
            return new NodeAgentExit(NodeAgentExitKind.Refused, error);

        using var launcher = NewLauncher(folder.Path, out var memory);
        Log.AgentStarts(options.Log, options.Id, folder.Path, launcher.GetType().Name);
        if (options.RunAs is { } runAs)
            Log.RunsAs(options.Log, runAs.Word);

        var results = folder.SpoolOf(options.Credential);
        foreach (var other in folder.OtherSpools(results))
            Log.OtherSpool(options.Log, other);

        var leases = new LeaseTable();
        using var spool = ResultSpool.Open(results, leases, options.Log);
        var labels = new Dictionary<string, string>(options.Labels) { [NodeAgentOptions.MemoryLabel] = memory };
        var effective = options with { Labels = labels };
        using var workplace = new Workplace(effective, launcher, spool, leases, NewScratch(folder.Path));

        var exit = await WorkAsync(effective, workplace, spool, leases, ct);
        Log.AgentEnds(options.Log, options.Id, exit.Reason);
        return exit;
    }

    private ScratchFolders NewScratch(string folder) => new(options.ScratchRoot(folder), options.RunAs is not null, options.Log);

    /// <param name="memory">Who keeps tasks to their memory, as the value of the label.</param>
    private IProcessLauncher NewLauncher(string folder, out string memory)
    {
        memory = "none";
        if (!OperatingSystem.IsLinux() || !LinuxLauncher.IsSupported)
        {
            Log.NoGuardian(options.Log);
            return new PortableLauncher(options.Time);
        }

        foreach (var pid in LeftOvers.End(folder))
            Log.LeftOverEnded(options.Log, pid);

        LeftOvers.Note(folder);
        if (options.RunAs is not null)
            Guardian.CloseToOthers();

        OomScore.ProtectThisProcess();
        var cgroups = options.EnforcesMemory ? MemoryCgroups.Open() : null;
        memory = !options.EnforcesMemory ? "none" : cgroups is null ? "watched" : $"cgroup-v{cgroups.Version}";
        return new LinuxLauncher(
            options.StarterProgram ?? LinuxLauncher.DefaultStarter, cgroups, left => Log.LeftByTask(options.Log, left));
    }

    private static async Task<NodeAgentExit> WorkAsync(
        NodeAgentOptions options, Workplace workplace, ResultSpool spool, LeaseTable leases, CancellationToken ct)
    {
        var incarnation = BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong)));
        var link = new ServerLink(options, incarnation, workplace, spool, leases);
        var stopAsked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        link.StopRequested += () => stopAsked.TrySetResult();

        using var endLink = new CancellationTokenSource();
        using var stop = ct.Register(() => stopAsked.TrySetResult());
        using var abandoned = options.EndAtOnce.Register(() =>
        {
            workplace.BeginStop();
            workplace.EndAll(atOnce: true);
        });
        var linking = link.RunAsync(endLink.Token);
        await Task.WhenAny(linking, stopAsked.Task);
        if (!ct.IsCancellationRequested && !linking.IsCompleted)
            await DrainedAsync(workplace, leases, linking, ct);

        await StopWorkAsync(workplace, leases);
        if (linking.IsCompleted)
        {
            var end = await linking;
            return new NodeAgentExit(end.WasWelcome ? NodeAgentExitKind.ToldToLeave : NodeAgentExitKind.Refused, end.Reason);
        }

        var exit = ct.IsCancellationRequested
            ? new NodeAgentExit(NodeAgentExitKind.Stopped, "the agent was stopped")
            : new NodeAgentExit(NodeAgentExitKind.ToldToLeave, "the server asked this node to stop");
        if (!link.SayGoodbye(exit.Reason))
            await endLink.CancelAsync();

        await ((Task)linking).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return exit;
    }

    /// <summary>Until nothing runs and every result is settled, or the link ends for good, or the caller loses patience.</summary>
    private static async Task DrainedAsync(Workplace workplace, LeaseTable leases, Task linking, CancellationToken ct)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var drained = WaitAsync();
        await Task.WhenAny(drained, linking);
        await either.CancelAsync();
        await drained.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

        async Task WaitAsync()
        {
            while (leases.Counts is not { IsIdle: true, Results: 0 })
                await workplace.BecameIdle.WaitAsync(either.Token);
        }
    }

    /// <summary>Ends what runs, gives back what has not started, and returns when no process is left.</summary>
    private static async Task StopWorkAsync(Workplace workplace, LeaseTable leases)
    {
        workplace.BeginStop();
        workplace.EndAll(atOnce: false);
        while (!leases.Counts.IsIdle)
            await workplace.BecameIdle.WaitAsync(CancellationToken.None);
    }
}
