using Artel.Core;
using Artel.Server.Api;
using Artel.Server.Loop;
using Artel.Server.Nodes.Messages;
using Artel.Server.Outputs;
using Grpc.Core;

namespace Artel.Server.Nodes;

/// <summary>
/// Takes in the output of one attempt that was too long to come with its result, or is expected to be and comes ahead of it: straight into the
/// job's segments, never the whole of it in memory. With its last byte the result it belongs to is given to the rules.
/// </summary>
internal sealed class Delivery(
    NodeSession session, ClusterLoop loop, OutputStore outputs, OutputAllowance allowance, Vitals vitals, TimeSpan heartbeat)
{
    /// <summary>Whether output of a length would be taken in now.</summary>
    public bool HasRoom(long length) => outputs.HasRoom(length);

    /// <param name="isAhead">Its length may not be known yet.</param>
    /// <param name="pieces">Nothing is read of them before the lease is known to be good.</param>
    /// <returns>False: the lease is not the node's any more, and the node is told so.</returns>
    public async Task<bool> ReceiveAsync(Lease lease, bool isAhead, IAsyncEnumerable<OutputPiece> pieces, CancellationToken cancellation)
    {
        var inbox = new NodeInbox(session, loop, outputs, vitals, heartbeat);
        var attempt = await loop.AskAsync((state, _) => state.Lookup(session.Node, session.Incarnation, lease), cancellation);
        if (attempt is null)
        {
            session.Announced.TryRemove(lease, out _);
            inbox.Refuse([lease]);
            return false;
        }

        if (!isAhead && !session.Announced.ContainsKey(lease))
        {
            throw Refusals.NotNow($"no output was announced for lease {lease}");
        }

        await using var output = new ArrivingOutput(outputs, attempt.Value.Task, attempt.Value.Attempt, allowance.Of(attempt.Value.Task));
        var result = Announce(lease, output);
        await foreach (var piece in pieces.WithCancellation(cancellation))
        {
            result ??= Announce(lease, output);
            foreach (var data in piece.Data)
            {
                if (!await output.TryWriteAsync(piece.Stream, data, cancellation))
                {
                    throw TooMuch(lease);
                }
            }

            session.Heard();
        }

        result ??= Announce(lease, output)
            ?? throw Refusals.NotNow($"the output of lease {lease} ended before its length was announced");
        if (output.Missing > 0)
        {
            throw Refusals.Invalid($"the output of lease {lease} ended {output.Missing} bytes short");
        }

        var (stdout, stderr) = await output.CompleteAsync(cancellation);
        await inbox.EndAsync([(lease, result.Value.With(stdout, stderr))], cancellation);
        session.Announced.TryRemove(lease, out _);
        return true;
    }

    /// <summary>The result that the output belongs to, once the node has told it.</summary>
    private EndedAttempt? Announce(Lease lease, ArrivingOutput output)
    {
        if (!session.Announced.TryGetValue(lease, out var result))
        {
            return null;
        }

        return output.TryAnnounce(result) ? result : throw TooMuch(lease);
    }

    private static RpcException TooMuch(Lease lease) => Refusals.Invalid($"more output came for lease {lease} than was announced, or than its task may have");
}
