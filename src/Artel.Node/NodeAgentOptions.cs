using System.Security.Cryptography;
using System.Text;
using Artel.Node.Accounts;
using Artel.Node.Processes;
using Artel.Protocol.Client;
using Artel.Protocol.V1;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Artel.Node;

/// <summary>What a node agent is started with.</summary>
public sealed record NodeAgentOptions
{
    /// <summary>The node's id: 1 to 64 letters, digits, '-', '_', '.'.</summary>
    public required string Id { get; init; }

    /// <summary>Folder of this node alone: credential, spool, scratch folders. Made where it is missing.</summary>
    public required string DataDirectory { get; init; }

    /// <summary>Where the cluster is, and the node's own secret. From <see cref="NodeCredential.Access"/>.</summary>
    public required ClusterAccess Access { get; init; }

    /// <summary>
    /// What the agent keeps in its data folder to be this node again. Null: it keeps nothing, and what it learns of the server ends with it.
    /// </summary>
    public NodeCredential? Credential { get; init; }

    /// <summary>The one address of the server to use, <c>host:port</c>, whatever else is known. Null: those of <see cref="Access"/> and what the server says.</summary>
    public string? Server { get; init; }

    /// <summary>The data folder, if the caller holds it already; it stays the caller's.</summary>
    public DataFolder? Folder { get; init; }

    /// <summary>What tasks may occupy. What the machine has is known to <see cref="MachineResources"/>.</summary>
    public required Resources Resources { get; init; }

    /// <summary>
    /// By what programs are told to use one gpu or the other, as in <c>CUDA_VISIBLE_DEVICES</c>. Where these are less than <see cref="Resources"/>
    /// has, it is the index instead.
    /// </summary>
    public IReadOnlyList<string> Gpus { get; init; } = [];

    /// <summary>Whether a task that takes more memory than it asks for is ended.</summary>
    public bool EnforcesMemory { get; init; } = true;

    /// <summary>Facts about the node that tasks may require. <c>os</c>, <c>arch</c> and <c>host</c> are added unless they are set here.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    /// <summary>As which accounts tasks run. Null: as the agent's own, so that a task can do what the agent can.</summary>
    public RunAs? RunAs { get; init; }

    /// <summary>
    /// The program that becomes a task of another account: one that calls <see cref="TaskStarter.Run"/> when <see cref="TaskStarter.IsFor"/> says so. By
    /// default the one that runs.
    /// </summary>
    public string? StarterProgram { get; init; }

    /// <summary>
    /// The folder in which the node creates one of its own for the scratch folders of tasks. Null: <see cref="DataDirectory"/>, or
    /// <see cref="AccountScratch"/> with <see cref="RunAs"/>.
    /// </summary>
    public string? ScratchDirectory { get; init; }

    /// <summary>Where the admin's token lies on this machine, if it does: the agent warns when its tasks could read it.</summary>
    public string? AccessFile { get; init; }

    public TimeProvider Time { get; init; } = TimeProvider.System;

    public ILogger Log { get; init; } = NullLogger.Instance;

    /// <summary>Of the program, as it is shown to people.</summary>
    public string Version { get; init; } = "0.0.0";

    /// <summary>Most processes at the same time, whatever they need.</summary>
    public int MaxProcesses { get; init; } = 1024;

    /// <summary>The longest wait before the first try to reconnect; it doubles with each further one. The wait itself is random, from 0 up to this.</summary>
    public TimeSpan FirstReconnectDelay { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>No wait before a try to reconnect is longer.</summary>
    public TimeSpan MaxReconnectDelay { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>For the waits before reconnects.</summary>
    public Random Random { get; init; } = Random.Shared;

    /// <summary>How long a stopping agent waits for the server to take the last results. What is not taken stays in the spool.</summary>
    public TimeSpan StopPatience { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Cancelled: what runs is killed, without the polite signal and the grace. Whoever cancels it stops the agent too.</summary>
    public CancellationToken EndAtOnce { get; init; }

    /// <summary>How to tell the guardian that the agent lives.</summary>
    public GuardianAlarm Alarm { get; init; } = GuardianAlarm.None;

    /// <summary>
    /// The label that says who keeps tasks to the memory they ask for: <c>cgroup-v1</c> or <c>cgroup-v2</c>, the agent
    /// by looking (<c>watched</c>), or nobody (<c>none</c>). It is always the agent's own.
    /// </summary>
    public const string MemoryLabel = "memory-limits";

    /// <summary>The folder above the scratch folders of nodes whose tasks run as other accounts, which cannot get into the data folder.</summary>
    public const string AccountScratch = "/var/lib/artel/scratch";

    /// <summary>The folder that scratch folders are created in. Its name is of the data folder: two nodes never share one.</summary>
    internal string ScratchRoot(string dataFolder) =>
        ScratchDirectory is null && RunAs is null
            ? Path.Combine(dataFolder, "scratch")
            : Path.Combine(Path.GetFullPath(ScratchDirectory ?? AccountScratch), "artel-" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Path.GetFullPath(dataFolder))).AsSpan(0, 8)));

    /// <summary><see cref="Labels"/> with the default ones.</summary>
    internal Dictionary<string, string> AllLabels()
    {
        var labels = new Dictionary<string, string>(Labels);
        foreach (var (key, value) in MachineResources.Labels())
            labels.TryAdd(key, value);

        return labels;
    }
}
