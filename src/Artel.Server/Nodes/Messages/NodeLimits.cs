using Artel.Protocol.Maps;

namespace Artel.Server.Nodes.Messages;

/// <summary>
/// The bounds of what a node sends, in one place; docs/protocol.md names the same numbers. What the rules build on (leases, resources, labels,
/// lengths) is refused outside of them: the link ends. What only informs people (texts, measured times and memory) is cut or brought into range:
/// a node with a broken clock goes on working.
/// </summary>
internal static class NodeLimits
{
    /// <summary>Refused: leases, results or ranges of one message. An agent sends a quarter of it.</summary>
    public const int MaxItems = 16 * 1024;

    /// <summary>Refused: leases of one range. A node holds 4,096.</summary>
    public const int MaxRange = 64 * 1024;

    /// <summary>Refused: labels, and counters, of one node.</summary>
    public const int MaxFacts = 64;

    /// <summary>Refused: the key of a label or the name of a counter.</summary>
    public const int MaxKey = 64;

    /// <summary>Refused: the value of a label.</summary>
    public const int MaxValue = 256;

    /// <summary>Refused: all labels and counters together, since every list of nodes carries them.</summary>
    public const int MaxFactsText = 4096;

    /// <summary>Refused: thousandths of cpus or gpus of a node, 100,000 of them.</summary>
    public const int MaxMilli = 100_000_000;

    /// <summary>Refused: memory of a node, and counters. 8 PiB; below 2^53, so that sums over many nodes are exact everywhere.</summary>
    public const long MaxAmount = 1L << 53;

    /// <summary>Refused: length of one output, 1 TiB, whatever the task's own limit is.</summary>
    public const long MaxOutputBytes = 1L << 40;

    /// <summary>Refused: one chunk of the output of a running attempt. An agent sends 64 KiB.</summary>
    public const int MaxTailChunk = 1024 * 1024;

    /// <summary>Cut: version and host of a node.</summary>
    public const int MaxName = 256;

    /// <summary>Cut: why a node takes no work, and why it leaves.</summary>
    public const int MaxProblem = 512;

    /// <summary>Cut: the attempts that could not be ended, in one heartbeat.</summary>
    public const int MaxUnended = 16;

    /// <summary>Cut: the message of a result.</summary>
    public const int MaxMessage = 1024;

    /// <summary>Brought into range: memory of a result, 1 EiB.</summary>
    public const long MaxMemory = 1L << 60;

    /// <summary>Brought into range: a signal.</summary>
    public const int MaxSignal = 255;

    /// <summary>Brought into range: when a process started.</summary>
    public static readonly DateTimeOffset FirstStart = DateTimeOffset.UnixEpoch;

    /// <inheritdoc cref="FirstStart"/>
    public static readonly DateTimeOffset LastStart = new(2999, 12, 31, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Brought into range: wall and processor times of a result.</summary>
    public static readonly TimeSpan MaxTime = JobLimits.MaxDuration;
}
