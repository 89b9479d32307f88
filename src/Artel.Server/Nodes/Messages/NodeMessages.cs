using Artel.Core;
using Artel.Protocol.Maps;
using Artel.Server.Api;
using Google.Protobuf.WellKnownTypes;
using V1 = Artel.Protocol.V1;

namespace Artel.Server.Nodes.Messages;

/// <summary>
/// Parses what a node sends, in time that follows from its size in bytes. Past here nothing that a node says makes anything throw: leases are ranges
/// that are never expanded, times and amounts are in range, texts are bounded (<see cref="NodeLimits"/>).
/// </summary>
internal static class NodeMessages
{
    /// <summary>The first message of a link.</summary>
    /// <param name="address">Where the link comes from.</param>
    /// <exception cref="MalformedMessageException">It is not one that a node may send.</exception>
    public static NodeHello ParseHello(V1.Hello hello, string address)
    {
        if (!NodeIds.IsValid(hello.Node))
        {
            throw new MalformedMessageException($"'{NodeText.CleanLine(hello.Node, NodeIds.MaxLength)}' is not a node id: {NodeIds.Rule}");
        }

        var presented = Ranges("Hello.held and finished", hello.Held.Count + hello.Finished.Count, hello.Held.Concat(hello.Finished));
        return new NodeHello(
            new NodeId(hello.Node), new Incarnation(hello.Incarnation),
            new NodeDescription(
                NodeKind.Native, NodeText.CleanLine(hello.Version, NodeLimits.MaxName), NodeText.CleanLine(hello.Host, NodeLimits.MaxName), address,
                NodeFacts.Resources(hello), NodeFacts.Labels(hello))
            {
                RunAs = NodeText.CleanLine(hello.RunAs, NodeLimits.MaxName),
            },
            presented, Math.Max(0, hello.Process), NodeText.CleanLine(hello.Problem, NodeLimits.MaxProblem));
    }

    /// <summary>Any other message.</summary>
    /// <exception cref="MalformedMessageException">It is not one that a node may send.</exception>
    public static NodeMessage Parse(V1.NodeMessage message) => message.KindCase switch
    {
        V1.NodeMessage.KindOneofCase.Heartbeat => Parse(message.Heartbeat),
        V1.NodeMessage.KindOneofCase.Started => Parse(message.Started),
        V1.NodeMessage.KindOneofCase.Ended => Parse(message.Ended),
        V1.NodeMessage.KindOneofCase.Returned => new NodeReturned(Ranges("Returned.leases", message.Returned.Leases.Count, message.Returned.Leases)),
        V1.NodeMessage.KindOneofCase.Goodbye => NodeGoodbye.Instance,
        V1.NodeMessage.KindOneofCase.Inspected => Parse(message.Inspected),
        _ => throw new MalformedMessageException(
            "a link takes Heartbeat, Started, Ended, Returned, Inspected and Goodbye after Hello: update the agent"),
    };

    /// <summary>A time that is not one is refused, one that no clock of ours shows is brought into range.</summary>
    internal static DateTimeOffset? Start(string field, Timestamp? time)
    {
        if (time is null)
        {
            return null;
        }

        var at = Asked.IsTime(time) ? time.ToDateTimeOffset() : throw new MalformedMessageException($"{field} is not a time");
        return at < NodeLimits.FirstStart ? NodeLimits.FirstStart : at > NodeLimits.LastStart ? NodeLimits.LastStart : at;
    }

    internal static Lease Lease(string field, V1.Lease? lease) => lease is { Epoch: > 0, Sequence: > 0 }
        ? new Lease(lease.Epoch, lease.Sequence)
        : throw new MalformedMessageException($"{field} is not a lease: epoch and sequence are numbers from 1");

    internal static void Bound(string field, int count)
    {
        if (count > NodeLimits.MaxItems)
        {
            throw new MalformedMessageException($"{field} has {count} items: at most {NodeLimits.MaxItems}");
        }
    }

    private static NodeHeartbeat Parse(V1.Heartbeat heartbeat) => new(
        heartbeat.State is >= V1.NodeState.Waiting and <= V1.NodeState.Succeeded
            ? heartbeat.State
            : throw new MalformedMessageException($"Heartbeat.state is {(int)heartbeat.State}: a number from 1 to 4"),
        Math.Max(0, heartbeat.Number), NodeText.CleanLine(heartbeat.Problem, NodeLimits.MaxProblem),
        [.. heartbeat.Unended.Take(NodeLimits.MaxUnended).Select(
            u => new UnendedAttempt(Lease("Heartbeat.unended.lease", u.Lease), NodeText.CleanLine(u.Reason, NodeLimits.MaxProblem)))]);

    private static NodeStarted Parse(V1.Started started)
    {
        Bound("Started.attempts", started.Attempts.Count);
        var attempts = new (Lease, DateTimeOffset?)[started.Attempts.Count];
        for (var i = 0; i < attempts.Length; i++)
        {
            var attempt = started.Attempts[i];
            attempts[i] = (Lease("Started.lease", attempt.Lease), Start("Started.at", attempt.At));
        }

        return new NodeStarted(attempts);
    }

    private static NodeEnded Parse(V1.Ended ended)
    {
        Bound("Ended.results", ended.Results.Count);
        var results = new EndedAttempt[ended.Results.Count];
        for (var i = 0; i < results.Length; i++)
        {
            results[i] = NodeResults.Parse(ended.Results[i]);
        }

        return new NodeEnded(results);
    }

    private static NodeInspected Parse(V1.Inspected inspected)
    {
        if (inspected.Lacks.Count > PlaceCheck.MostPlaces
            || inspected.Lacks.Any(l => l is < V1.Lack.Unspecified or > V1.Lack.Program))
        {
            throw new MalformedMessageException(
                "Inspected.lacks has one answer for each place, a number from 0 to 3");
        }

        return new NodeInspected(inspected.Inspection, [.. inspected.Lacks]);
    }

    private static LeaseSet Ranges(string field, int count, IEnumerable<V1.LeaseRange> ranges)
    {
        Bound(field, count);
        return LeaseSet.Of(ranges.Select(range => Range(field, range)));
    }

    private static LeaseRange Range(string field, V1.LeaseRange range) =>
        range is { Epoch: > 0, FirstSequence: > 0 and <= long.MaxValue - NodeLimits.MaxRange, Count: > 0 and <= NodeLimits.MaxRange }
            ? new LeaseRange(range.Epoch, range.FirstSequence, range.Count)
            : throw new MalformedMessageException(
                $"{field} has {range.Count} leases from {range.Epoch}/{range.FirstSequence}: 1 to {NodeLimits.MaxRange} leases, numbers from 1");
}
