using Artel.Core;
using Artel.Server.Api;
using Artel.Server.Loop;
using Artel.Server.Outputs;
using Artel.Server.Wire;
using Grpc.Core;
using V1 = Artel.Protocol.V1;

namespace Artel.Server.Nodes;

/// <summary>
/// Takes in the output of one attempt that was too long to come with its result, or is expected to be and comes ahead of it: straight into the
/// job's segments, never the whole of it in memory. With its last byte the result it belongs to is given to the rules.
/// </summary>
internal sealed class Delivery(NodeSession session, ClusterLoop loop, OutputStore outputs, Vitals vitals, TimeSpan heartbeat)
{
    /// <param name="chunks">Moved to the first of them, which names the lease.</param>
    public async Task ReceiveAsync(IAsyncStreamReader<V1.DeliverChunk> chunks, CancellationToken cancellation)
    {
        var lease = NodeReader.Read(chunks.Current.Lease);
        if (!chunks.Current.Ahead && !session.Announced.ContainsKey(lease))
        {
            throw Refusals.NotNow($"no output was announced for lease {lease}");
        }

        var inbox = new NodeInbox(session, loop, outputs, vitals, heartbeat);
        var attempt = await loop.AskAsync((state, _) => state.Lookup(session.Node, session.Incarnation, lease), cancellation);
        if (attempt is null)
        {
            session.Announced.TryRemove(lease, out _);
            inbox.Refuse([lease]);
            return;
        }

        await using var output = new ArrivingOutput(outputs, attempt.Value.Task, attempt.Value.Attempt);
        var result = Announce(lease, output);
        do
        {
            result ??= Announce(lease, output);
            var chunk = chunks.Current;
            if (!chunk.Data.IsEmpty)
            {
                if (!await output.TryWriteAsync(chunk.Stream == V1.Stream.Stderr ? OutputStream.Stderr : OutputStream.Stdout, chunk.Data.Memory, cancellation))
                {
                    throw TooMuch(lease);
                }

                session.Heard();
            }
        }
        while (await chunks.MoveNext(cancellation));

        result ??= Announce(lease, output) ?? throw Refusals.Invalid($"the output of lease {lease} ended before its length was announced");
        if (output.Missing > 0)
        {
            throw Refusals.Invalid($"the output of lease {lease} ended {output.Missing} bytes short");
        }

        var (stdout, stderr) = await output.CompleteAsync(cancellation);
        await inbox.EndAsync([(lease, NodeReader.Read(result, stdout, stderr))], cancellation);
        session.Announced.TryRemove(lease, out _);
    }

    /// <summary>The result that the output belongs to, once the node has told it.</summary>
    private V1.AttemptResult? Announce(Lease lease, ArrivingOutput output)
    {
        if (!session.Announced.TryGetValue(lease, out var result))
        {
            return null;
        }

        return output.TryAnnounce(result) ? result : throw TooMuch(lease);
    }

    private static RpcException TooMuch(Lease lease) => Refusals.Invalid($"more output came for lease {lease} than was announced");
}
