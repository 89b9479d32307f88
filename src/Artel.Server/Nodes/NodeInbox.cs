using Artel.Core;
using Artel.Server.Loop;
using Artel.Server.Nodes.Messages;
using Artel.Server.Outputs;
using Artel.Server.Storage;
using Artel.Server.Wire;
using V1 = Artel.Protocol.V1;

namespace Artel.Server.Nodes;

/// <summary>
/// What the server does with each message of a node, in the order in which they arrive; only those
/// with results may be dealt with side by side (<see cref="ResultsUnderWay"/>).
/// </summary>
internal sealed class NodeInbox(NodeSession session, ClusterLoop loop, OutputStore outputs, Vitals vitals, TimeSpan heartbeat)
{
    /// <summary>Results whose two streams are together no longer than this come with their data.</summary>
    public const long InlineOutput = 16 * 1024;

    /// <summary>More than a node has leases: then some of them are stale.</summary>
    private const int MostAnnounced = 8 * 1024;

    /// <returns>False if the link is at its end.</returns>
    public async Task<bool> TakeAsync(NodeMessage message, CancellationToken cancellation)
    {
        switch (message)
        {
            case NodeHeartbeat beat:
                await TakeHeartbeatAsync(beat, cancellation);
                return true;
            case NodeStarted started:
                await TakeStartedAsync(started, cancellation);
                return true;
            case NodeEnded ended:
                await TakeEndedAsync(ended, cancellation);
                return true;
            case NodeReturned returned:
                await loop.AskAsync(
                    (state, now) =>
                    {
                        state.GiveBack(session.Node, session.Incarnation, returned.Leases, now);
                        return true;
                    },
                    cancellation);
                return true;
            case NodeInspected inspected:
                // An answer that comes too late is dropped.
                if (session.Inspections.TryRemove(inspected.Inspection, out var asked))
                {
                    asked.TrySetResult(inspected.Lacks);
                }

                return true;
            case NodeGoodbye:
                await loop.AskAsync(
                    (state, now) =>
                    {
                        state.Stop(session.Node, session.Incarnation, now);
                        if (session.StopRequested)
                        {
                            state.Drain(session.Node, draining: false);
                        }

                        return true;
                    },
                    cancellation);
                return false;
            default:
                throw new MalformedMessageException("Hello is the first message of a link, and comes once");
        }
    }

    private async Task TakeHeartbeatAsync(NodeHeartbeat beat, CancellationToken cancellation)
    {
        session.State = beat.State;
        if (session.IsLate(heartbeat))
        {
            vitals.CountLateHeartbeat();
        }

        if (beat.Number > 0)
        {
            session.Send(new V1.ServerMessage { Renewed = new V1.Renewed { Heartbeat = beat.Number } });
        }

        // Only a change is passed on: most heartbeats are none of the rules' business.
        if (session.Problem != beat.Problem || !session.Unended.AsSpan().SequenceEqual(beat.Unended))
        {
            session.Problem = beat.Problem;
            session.Unended = beat.Unended;
            await loop.AskAsync(
                (state, _) =>
                {
                    state.Report(session.Node, session.Incarnation, session.Problem, session.Unended);
                    return true;
                },
                cancellation);
        }
    }

    private Task TakeStartedAsync(NodeStarted started, CancellationToken cancellation) => loop.AskAsync(
        (state, now) =>
        {
            foreach (var (lease, at) in started.Attempts)
            {
                if (!state.Start(session.Node, session.Incarnation, lease, at ?? now, now))
                {
                    vitals.CountStale(1);
                }
            }

            return true;
        },
        cancellation);

    private async Task TakeEndedAsync(NodeEnded ended, CancellationToken cancellation)
    {
        foreach (var result in ended.Results.Where(r => r.Spawn > TimeSpan.Zero))
        {
            vitals.Spawns.Add(result.Spawn);
        }

        if (ended.Results.Any(r => r.DataFollows))
        {
            await AnnounceAsync([.. ended.Results.Where(r => r.DataFollows)], cancellation);
        }

        var whole = ended.Results.Where(r => !r.DataFollows).ToArray();
        if (whole.Length == 0)
        {
            return;
        }

        // One that was announced before, and has lost its output since.
        if (!session.Announced.IsEmpty)
        {
            foreach (var result in whole)
            {
                session.Announced.TryRemove(result.Lease, out _);
            }
        }

        var attempts = await FindAttemptsAsync([.. whole.Where(r => r.GoesIntoSegment).Select(r => r.Lease)], cancellation);
        var results = new List<(Lease Lease, AttemptResult Result)>(whole.Length);
        var stale = new List<Lease>();
        foreach (var result in whole)
        {
            var attempt = attempts.GetValueOrDefault(result.Lease);
            if (result.GoesIntoSegment && !attempts.ContainsKey(result.Lease))
            {
                stale.Add(result.Lease);
                continue;
            }

            try
            {
                results.Add((result.Lease, result.With(
                    outputs.Append(attempt.Task, attempt.Attempt, OutputStream.Stdout, result.Stdout.Data, result.Stdout.Written),
                    outputs.Append(attempt.Task, attempt.Attempt, OutputStream.Stderr, result.Stderr.Data, result.Stderr.Written))));
            }
            catch (NoRoomException)
            {
                // The node has it in its spool: it is asked for as if it were too long to come along, and delivered when there is room.
                Announce(result.WithoutData());
            }
        }

        Refuse(stale);
        await EndAsync(results, cancellation);
    }

    /// <summary>
    /// Asks for the output of results that come without it. What is remembered of them is bounded by what the node has leases for: a lease that it
    /// does not hold is refused, and one that it has lost since is forgotten when there are too many.
    /// </summary>
    private async Task AnnounceAsync(EndedAttempt[] results, CancellationToken cancellation)
    {
        var attempts = await FindAttemptsAsync([.. results.Select(r => r.Lease)], cancellation);
        foreach (var result in results.Where(r => attempts.ContainsKey(r.Lease)))
        {
            Announce(result);
        }

        Refuse([.. results.Select(r => r.Lease).Where(l => !attempts.ContainsKey(l))]);
        if (session.Announced.Count > MostAnnounced)
        {
            var lost = await loop.GlanceAsync(
                state => session.Announced.Keys.Where(l => state.Lookup(session.Node, session.Incarnation, l) is null).ToArray(), cancellation);
            foreach (var lease in lost)
            {
                session.Announced.TryRemove(lease, out _);
            }
        }
    }

    private void Announce(EndedAttempt result)
    {
        session.Announced[result.Lease] = result;
        session.Send(new V1.ServerMessage { SendOutput = new V1.SendOutput { Lease = WireWriter.Write(result.Lease) } });
    }

    /// <summary>Gives results to the rules. Those of stale leases are refused.</summary>
    public async Task EndAsync(IReadOnlyList<(Lease Lease, AttemptResult Result)> results, CancellationToken cancellation)
    {
        var stale = await loop.AskAsync(
            (state, now) => results.Where(r => !state.End(session.Node, session.Incarnation, r.Lease, r.Result, now)).Select(r => r.Lease).ToArray(),
            cancellation);
        Refuse(stale);
    }

    public void Refuse(IReadOnlyCollection<Lease> stale)
    {
        if (stale.Count > 0)
        {
            vitals.CountStale(stale.Count);
            var refused = new V1.Settled { Verdict = V1.Settled.Types.Verdict.Refused };
            refused.Leases.AddRange(WireWriter.WriteRanges(stale));
            session.Send(new V1.ServerMessage { Settled = refused });
        }
    }

    /// <summary>
    /// Output that goes into a segment is filed under its task: the rules know which one that is. A lease that is good is on disk since it was granted; if one
    /// is stale the node is notified, so that has to be on disk too.
    /// </summary>
    private async Task<Dictionary<Lease, (TaskId Task, int Attempt)>> FindAttemptsAsync(Lease[] leases, CancellationToken cancellation)
    {
        if (leases.Length == 0)
        {
            return [];
        }

        var found = await loop.GlanceAsync(Find, cancellation);
        return found.Count == leases.Length ? found : await loop.AskAsync((state, _) => Find(state), cancellation);

        Dictionary<Lease, (TaskId Task, int Attempt)> Find(ClusterState state)
        {
            var attempts = new Dictionary<Lease, (TaskId Task, int Attempt)>();
            foreach (var lease in leases)
            {
                if (state.Lookup(session.Node, session.Incarnation, lease) is { } attempt)
                {
                    // A node may name a lease twice.
                    attempts[lease] = attempt;
                }
            }

            return attempts;
        }
    }
}
