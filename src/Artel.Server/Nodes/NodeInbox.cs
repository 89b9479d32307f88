using Artel.Core;
using Artel.Server.Loop;
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

    /// <returns>False where the link is at its end.</returns>
    public async Task<bool> TakeAsync(V1.NodeMessage message, CancellationToken cancellation)
    {
        switch (message.KindCase)
        {
            case V1.NodeMessage.KindOneofCase.Heartbeat:
                session.State = message.Heartbeat.State;
                if (session.IsLate(heartbeat))
                {
                    vitals.CountLateHeartbeat();
                }

                if (message.Heartbeat.Number > 0)
                {
                    session.Send(new V1.ServerMessage { Renewed = new V1.Renewed { Heartbeat = message.Heartbeat.Number } });
                }

                // Told of a change only: most heartbeats are none of the rules' business.
                if (session.Problem != message.Heartbeat.Problem)
                {
                    session.Problem = message.Heartbeat.Problem;
                    await loop.AskAsync(
                        (state, _) =>
                        {
                            state.Report(session.Node, session.Incarnation, session.Problem);
                            return true;
                        },
                        cancellation);
                }

                return true;
            case V1.NodeMessage.KindOneofCase.Started:
                await TakeStartedAsync(message.Started, cancellation);
                return true;
            case V1.NodeMessage.KindOneofCase.Ended:
                await TakeEndedAsync(message.Ended, cancellation);
                return true;
            case V1.NodeMessage.KindOneofCase.Returned:
                await loop.AskAsync(
                    (state, now) =>
                    {
                        foreach (var range in message.Returned.Leases)
                        {
                            state.GiveBack(session.Node, session.Incarnation, NodeReader.Read(range), now);
                        }

                        return true;
                    },
                    cancellation);
                return true;
            case V1.NodeMessage.KindOneofCase.Goodbye:
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
                session.Leave("a link takes Heartbeat, Started, Ended, Returned and Goodbye after Hello: update the agent", reconnect: false);
                return false;
        }
    }

    private Task TakeStartedAsync(V1.Started started, CancellationToken cancellation) => loop.AskAsync(
        (state, now) =>
        {
            foreach (var attempt in started.Attempts)
            {
                if (!state.Start(session.Node, session.Incarnation, NodeReader.Read(attempt.Lease), attempt.At?.ToDateTimeOffset() ?? now))
                {
                    vitals.CountStale(1);
                }
            }

            return true;
        },
        cancellation);

    private async Task TakeEndedAsync(V1.Ended ended, CancellationToken cancellation)
    {
        foreach (var result in ended.Results.Where(r => r.SpawnMicroseconds > 0))
        {
            vitals.Spawns.Add(TimeSpan.FromMicroseconds(result.SpawnMicroseconds));
        }

        foreach (var result in ended.Results.Where(r => r.DataFollows))
        {
            session.Announced[NodeReader.Read(result.Lease)] = result;
            session.Send(new V1.ServerMessage { SendOutput = new V1.SendOutput { Lease = result.Lease } });
        }

        var whole = ended.Results.Where(r => !r.DataFollows).ToArray();
        if (whole.Length == 0)
        {
            return;
        }

        var attempts = await FindAttemptsAsync(whole, cancellation);
        var results = new List<(Lease Lease, AttemptResult Result)>(whole.Length);
        var stale = new List<Lease>();
        foreach (var result in whole)
        {
            var lease = NodeReader.Read(result.Lease);
            var attempt = attempts.GetValueOrDefault(lease);
            if (GoesIntoSegment(result) && !attempts.ContainsKey(lease))
            {
                stale.Add(lease);
                continue;
            }

            try
            {
                results.Add((lease, NodeReader.Read(
                    result,
                    outputs.Append(attempt.Task, attempt.Attempt, OutputStream.Stdout, result.StdoutData.Memory, result.Stdout?.Written ?? 0),
                    outputs.Append(attempt.Task, attempt.Attempt, OutputStream.Stderr, result.StderrData.Memory, result.Stderr?.Written ?? 0))));
            }
            catch (NoRoomException)
            {
                // The node has it in its spool: it is asked for as if it were too long to come along, and delivered when there is room.
                session.Announced[lease] = WithoutData(result);
                session.Send(new V1.ServerMessage { SendOutput = new V1.SendOutput { Lease = result.Lease } });
            }
        }

        Refuse(stale);
        await EndAsync(results, cancellation);
    }

    private static V1.AttemptResult WithoutData(V1.AttemptResult result)
    {
        var announced = result.Clone();
        announced.Stdout ??= new V1.OutputInfo();
        announced.Stderr ??= new V1.OutputInfo();
        (announced.Stdout.Length, announced.Stderr.Length) = (result.StdoutData.Length, result.StderrData.Length);
        (announced.StdoutData, announced.StderrData) = (Google.Protobuf.ByteString.Empty, Google.Protobuf.ByteString.Empty);
        announced.DataFollows = true;
        return announced;
    }

    private static bool GoesIntoSegment(V1.AttemptResult result) =>
        result.StdoutData.Length > OutputStore.InlineLimit || result.StderrData.Length > OutputStore.InlineLimit;

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
    /// Output that goes into a segment is filed under its task: which one that is, the rules know. A lease that is good is on disk since it was granted; that
    /// one is stale the node is told, so that has to be.
    /// </summary>
    private async Task<Dictionary<Lease, (TaskId Task, int Attempt)>> FindAttemptsAsync(V1.AttemptResult[] results, CancellationToken cancellation)
    {
        var leases = results.Where(GoesIntoSegment).Select(r => NodeReader.Read(r.Lease)).ToArray();
        if (leases.Length == 0)
        {
            return [];
        }

        var found = await loop.GlanceAsync(Find, cancellation);
        return found.Count == leases.Length ? found : await loop.AskAsync((state, _) => Find(state), cancellation);

        Dictionary<Lease, (TaskId Task, int Attempt)> Find(ClusterState state) =>
            leases.Select(l => (Lease: l, Attempt: state.Lookup(session.Node, session.Incarnation, l)))
                .Where(f => f.Attempt is not null).ToDictionary(f => f.Lease, f => f.Attempt!.Value);
    }
}
