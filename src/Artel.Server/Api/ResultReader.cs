using Artel.Core;
using Artel.Server.Loop;
using Artel.Server.Outputs;
using Artel.Server.People;
using Artel.Server.Storage;
using Artel.Server.Wire;
using Google.Protobuf;
using Grpc.Core;
using V1 = Artel.Protocol.V1;

namespace Artel.Server.Api;

/// <summary>Results of a job as one stream, in the order in which its tasks ended.</summary>
internal sealed class ResultReader(ClusterLoop loop, IClusterStore store, JobSignals signals, JobReader jobs, OutputReader outputs)
{
    private const int Page = 500;

    public async Task ReadAsync(V1.FetchResultsRequest request, Viewpoint view, IServerStreamWriter<V1.ResultChunk> sink, CancellationToken cancellation)
    {
        var job = new JobId(request.Job);
        var seen = await jobs.LookAsync(job, view, cancellation);
        seen.RequireInside("the results");
        var position = request.AfterPosition;
        using var watch = signals.Watch(job);
        while (true)
        {
            var change = watch.NextChange;
            var ended = await loop.AskAsync((state, _) => state.View(job) is null, cancellation);
            var page = await store.ListEndedAsync(job, position, Page, only: null, cancellation);
            foreach (var attempt in page)
            {
                await SendAsync(attempt, seen, request.WithoutOutput, sink, cancellation);
            }

            if (page.Count > 0)
            {
                position = page[^1].Position;
                await sink.WriteAsync(new V1.ResultChunk { Position = position }, cancellation);
            }
            else if (ended || !request.Follow)
            {
                return;
            }
            else
            {
                await change.WaitAsync(cancellation);
            }
        }
    }

    private async Task SendAsync(
        StoredAttempt attempt, SeenJob seen, bool withoutOutput, IServerStreamWriter<V1.ResultChunk> sink, CancellationToken cancellation)
    {
        var task = TaskReader.Describe(attempt.Task, seen);
        task.State = WireWriter.Write(attempt.Next);
        task.Reason = AttemptText.Reason(attempt, seen.Sight);
        task.AttemptCount = attempt.Attempt;
        task.Attempts.Add(WireWriter.Write(attempt, seen.Sight));
        await sink.WriteAsync(new V1.ResultChunk { Ended = task }, cancellation);
        if (withoutOutput)
        {
            return;
        }

        foreach (var stream in new[] { V1.Stream.Stdout, V1.Stream.Stderr })
        {
            try
            {
                await foreach (var data in outputs.ReadKeptAsync(attempt, stream, 0, cancellation))
                {
                    var chunk = new V1.OutputChunk { Stream = stream, Data = UnsafeByteOperations.UnsafeWrap(data), Attempt = attempt.Attempt };
                    await sink.WriteAsync(new V1.ResultChunk { Output = chunk }, cancellation);
                }
            }
            catch (OutputDamagedException e)
            {
                // Of this output only: what others are waiting for behind it is sound.
                await sink.WriteAsync(new V1.ResultChunk { Damage = new V1.OutputDamage { Stream = stream, Message = e.Message } }, cancellation);
            }
        }
    }
}
