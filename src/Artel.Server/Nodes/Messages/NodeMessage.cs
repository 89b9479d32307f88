using Artel.Core;
using Artel.Server.Outputs;
using V1 = Artel.Protocol.V1;

namespace Artel.Server.Nodes.Messages;

/// <summary>What a node sends over its link, parsed by <see cref="NodeMessages"/>: every value is within <see cref="NodeLimits"/>.</summary>
internal abstract record NodeMessage;

/// <param name="Presented">Every lease that it has queued or runs, or whose result it keeps.</param>
/// <param name="Process">Process id of the agent, for people.</param>
internal sealed record NodeHello(
    NodeId Node, Incarnation Incarnation, NodeDescription Description, LeaseSet Presented, int Process, string Problem) : NodeMessage;

/// <param name="Number">0: not to be answered.</param>
/// <param name="Problem">Why the node takes no work; empty if it does.</param>
/// <param name="Unended">Attempts that were killed and have not ended.</param>
internal sealed record NodeHeartbeat(
    V1.NodeState State, long Number, string Problem, UnendedAttempt[] Unended) : NodeMessage;

/// <param name="Attempts">Null as a time: now.</param>
internal sealed record NodeStarted(IReadOnlyList<(Lease Lease, DateTimeOffset? At)> Attempts) : NodeMessage;

internal sealed record NodeEnded(IReadOnlyList<EndedAttempt> Results) : NodeMessage;

internal sealed record NodeReturned(LeaseSet Leases) : NodeMessage;

/// <param name="Lacks">What is missing at each place that was asked for.</param>
internal sealed record NodeInspected(ulong Inspection, IReadOnlyList<V1.Lack> Lacks) : NodeMessage;

internal sealed record NodeGoodbye : NodeMessage
{
    public static NodeGoodbye Instance { get; } = new();
}

/// <summary>A result as its node has sent it. Where its output is kept is known later.</summary>
/// <param name="DataFollows">The output comes by itself, after the server has asked for it.</param>
/// <param name="Spawn">How long it took to start the process; zero if that is not known.</param>
internal readonly record struct EndedAttempt(
    Lease Lease, AttemptOutcome Outcome, int ExitStatus, int Signal, string Message, DateTimeOffset? Started, Usage Usage,
    ReportedOutput Stdout, ReportedOutput Stderr, bool DataFollows, TimeSpan Spawn)
{
    /// <summary>True if one of its streams is too long to be kept in the row of the attempt.</summary>
    public bool GoesIntoSegment => Stdout.Data.Length > OutputStore.InlineLimit || Stderr.Data.Length > OutputStore.InlineLimit;

    /// <summary>The same result, with its output still to come.</summary>
    public EndedAttempt WithoutData() =>
        this with { Stdout = Stdout with { Data = default }, Stderr = Stderr with { Data = default }, DataFollows = true };

    public AttemptResult With(KeptOutput stdout, KeptOutput stderr) => new(Outcome, ExitStatus, Signal, Message, Started, Usage, stdout, stderr);
}

/// <summary>One stream of a result.</summary>
/// <param name="Length">Bytes that the node keeps.</param>
/// <param name="Written">Bytes that the process wrote.</param>
/// <param name="Data">All of it if it came along.</param>
internal readonly record struct ReportedOutput(long Length, long Written, ReadOnlyMemory<byte> Data);

/// <summary>A node has sent what it must not. Ends its link, and nothing else; the message is for its operator.</summary>
internal sealed class MalformedMessageException(string message) : Exception(message);
