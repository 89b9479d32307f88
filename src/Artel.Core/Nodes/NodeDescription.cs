using System.Collections.Immutable;

namespace Artel.Core;

/// <summary>The four states of a node, with the numbers of the protocol.</summary>
public enum NodeState
{
    /// <summary>Waits for a task.</summary>
    Waiting = 1,

    /// <summary>A process runs.</summary>
    Running = 2,

    /// <summary>The process failed and must be restarted.</summary>
    Failed = 3,

    Succeeded = 4,
}

/// <summary>How the server stands with a node.</summary>
public enum NodeCondition
{
    Connected = 1,

    /// <summary>The link is down; its attempts still count.</summary>
    Disconnected = 2,

    /// <summary>Silent for so long that its attempts were given up.</summary>
    Lost = 3,

    /// <summary>It left by itself, or was stopped.</summary>
    Stopped = 4,
}

/// <summary>What a node speaks, and with it what can be asked of it.</summary>
public enum NodeKind
{
    Native = 1,

    /// <summary>Takes arguments and says how the process ended, no more: it works on what a map assigns to it, one task after the other.</summary>
    Classic = 2,
}

/// <summary>What a node says of itself when it connects.</summary>
/// <param name="Resources">Of a classic node they are not known: it runs what it is given.</param>
/// <param name="Labels">In order of key.</param>
public sealed record NodeDescription(
    NodeKind Kind, string Version, string Host, string Address, Resources Resources, ImmutableArray<Label> Labels)
{
    /// <summary>As which accounts it runs tasks: an account's name, or "submitter" for one by user. Empty: as the account of its agent.</summary>
    public string RunAs { get; init; } = "";
}
