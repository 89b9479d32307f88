using Artel.Cli.Access;
using Artel.Protocol.V1;
using Grpc.Core;

namespace Artel.Cli.Running;

/// <summary>
/// Passes the output of one task on while it runs, byte for byte: one call for each of its streams, so that a full pipe behind one
/// does not stop the other. After a break it goes on from the byte where it was.
/// </summary>
internal sealed class LiveRelay(ClusterSession session, ReadOutputRequest what, Action<string> tell, TimeProvider clock)
{
    /// <summary>Both streams, to the ends of the task's last attempt.</summary>
    public Task RelayAsync(Stream output, Stream error, CancellationToken ct) => Task.WhenAll(
        RelayAsync(WireStream.Stdout, Into(output), ct),
        RelayAsync(WireStream.Stderr, Into(error), ct));

    /// <summary>One stream, piece by piece with the attempt that it is of.</summary>
    public async Task RelayAsync(WireStream stream, Action<int, ReadOnlyMemory<byte>> to, CancellationToken ct)
    {
        var persistence = new Persistence(session, what.Job, tell, clock);
        var attempt = 0;
        var (next, passed) = (0L, 0L);
        while (true)
        {
            var request = what.Clone();
            request.Streams.Clear();
            request.Streams.Add(stream);
            if (attempt != 0)
            {
                // The output goes on where it was. The last N lines, asked for again, would be other lines.
                (request.Offset, request.TailLines) = (next, 0);
                request.Limit = what.Limit == 0 ? 0 : what.Limit - passed;
                if (what.Limit > 0 && request.Limit <= 0)
                    return;
            }

            using var call = session.Client.ReadOutput(request, ClusterSession.Stream(ct));
            var resumed = attempt != 0;
            var isOfNextAttempt = false;
            try
            {
                while (await call.ResponseStream.MoveNext(ct))
                {
                    persistence.Heard();
                    var chunk = call.ResponseStream.Current;
                    if (chunk.Attempt != attempt)
                    {
                        (attempt, next) = (chunk.Attempt, 0);

                        // The offset was meant for an attempt that has ended meanwhile: this one is to be read from its start.
                        isOfNextAttempt = resumed;
                        if (isOfNextAttempt)
                            break;
                    }

                    resumed = false;
                    to(attempt, chunk.Data.Memory);
                    next = chunk.Offset + chunk.Data.Length;
                    passed += chunk.Data.Length;
                }

                if (!isOfNextAttempt)
                    return;
            }
            catch (RpcException e)
            {
                await persistence.AfterAsync(e, ct);
            }
        }
    }

    private static Action<int, ReadOnlyMemory<byte>> Into(Stream to) => (_, data) =>
    {
        to.Write(data.Span);
        to.Flush();
    };
}
