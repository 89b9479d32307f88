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

/// <summary>What a node says of itself when it connects.</summary>
/// <param name="Kind"><c>native</c> or <c>classic</c>.</param>
/// <param name="Labels">In order of key.</param>
public sealed record NodeDescription(
    string Kind, string Version, string Host, string Address, Resources Resources, ImmutableArray<Label> Labels);
