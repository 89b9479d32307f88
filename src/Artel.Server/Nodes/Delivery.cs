using Artel.Core;
using Artel.Server.Api;
using Artel.Server.Loop;
using Artel.Server.Outputs;
using Artel.Server.Wire;
using Grpc.Core;
using V1 = Artel.Protocol.V1;

namespace Artel.Server.Nodes;

/// <summary>
/// Takes in the output of one attempt that was too long to come with its result: straight into the job's segment, never the whole of
/// it in memory. With its last byte the result it belongs to is given to the rules.
/// </summary>
internal sealed class Delivery(NodeSession session, ClusterLoop loop, OutputStore outputs, Vitals vitals, TimeSpan heartbeat)
{
    public async Task ReceiveAsync(IAsyncStreamReader<V1.DeliverChunk> chunks, CancellationToken cancellation)
    {
        if (!await chunks.MoveNext(cancellation) || chunks.Current.Lease is null)
        {
            throw Refusals.Invalid("the first chunk of a delivery names its lease");
        }

        var lease = NodeReader.Read(chunks.Current.Lease);
        if (!session.Announced.TryGetValue(lease, out var result))
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

        var (task, number) = attempt.Value;
        await using var stdout = Begin(task, number, OutputStream.Stdout, result.Stdout);
        await using var stderr = Begin(task, number, OutputStream.Stderr, result.Stderr);
        do
        {
            var chunk = chunks.Current;
            if (!chunk.Data.IsEmpty)
            {
                var writer = chunk.Stream == V1.Stream.Stderr ? stderr : stdout;
                if (chunk.Data.Length > writer.Remaining)
                {
                    throw Refusals.Invalid($"more output came for lease {lease} than the {writer.Length} bytes that were announced");
                }

                await writer.WriteAsync(chunk.Data.Memory, cancellation);
                session.Heard();
            }
        }
        while (await chunks.MoveNext(cancellation));

        if (stdout.Remaining > 0 || stderr.Remaining > 0)
        {
            throw Refusals.Invalid($"the output of lease {lease} ended {stdout.Remaining + stderr.Remaining} bytes short");
        }

        var kept = NodeReader.Read(result, await stdout.CompleteAsync(cancellation), await stderr.CompleteAsync(cancellation));
        await inbox.EndAsync([(lease, kept)], cancellation);
        session.Announced.TryRemove(lease, out _);
    }

    private OutputWriter Begin(TaskId task, int attempt, OutputStream stream, V1.OutputInfo? announced) =>
        outputs.Begin(task, attempt, stream, announced?.Length ?? 0, announced?.Written ?? 0);
}
