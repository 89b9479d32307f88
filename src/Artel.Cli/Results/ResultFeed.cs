using Artel.Cli.Access;
using Artel.Cli.Running;
using Artel.Protocol.V1;
using Grpc.Core;

namespace Artel.Cli.Results;

/// <summary>
/// Brings the ended tasks of a job to the sinks, each once, also over a restart of the server: it asks again from the last position
/// that was sent, and leaves out what arrived whole after it.
/// </summary>
internal sealed class ResultFeed(
    ClusterSession session, long job, IReadOnlyList<IResultSink> sinks, bool withOutput, Action<string> tell, TimeProvider clock)
{
    private readonly Dictionary<int, WireTask> _sincePosition = [];
    private long _position;
    private WireTask? _current;
    private bool _skipping;

    /// <summary>Outputs that the server could not give, or not all of. Each was told.</summary>
    public int Damaged { get; private set; }

    /// <summary>Reads to the end: of what is there now, or with follow of the job.</summary>
    public async Task ReadAsync(bool follow, CancellationToken ct)
    {
        var persistence = new Persistence(session, job, tell, clock);
        while (true)
        {
            var request = new FetchResultsRequest { Job = job, AfterPosition = _position, Follow = follow, WithoutOutput = !withOutput };
            using var call = session.Client.FetchResults(request, ClusterSession.Stream(ct));
            try
            {
                while (await call.ResponseStream.MoveNext(ct))
                {
                    persistence.Heard();
                    Take(call.ResponseStream.Current);
                }

                CompleteCurrent();
                return;
            }
            catch (RpcException e)
            {
                Abandon();
                await persistence.AfterAsync(e, ct);
            }
            catch (OperationCanceledException)
            {
                Abandon();
                throw;
            }
        }
    }

    private void Take(ResultChunk chunk)
    {
        switch (chunk.KindCase)
        {
            case ResultChunk.KindOneofCase.Ended:
                CompleteCurrent();
                _current = chunk.Ended;
                // The same end again, after a reconnect. A task that was retried in between has another attempt and is not the same.
                _skipping = _sincePosition.TryGetValue(_current.Number, out var before) && before.AttemptCount == _current.AttemptCount;
                if (!_skipping)
                {
                    foreach (var sink in sinks)
                        sink.Begin(_current);
                }

                break;
            case ResultChunk.KindOneofCase.Output when !_skipping:
                foreach (var sink in sinks)
                    sink.Write(chunk.Output.Stream, chunk.Output.Data.Span);

                break;
            case ResultChunk.KindOneofCase.Damage when !_skipping:
                Damaged++;
                tell(chunk.Damage.Message);
                break;
            case ResultChunk.KindOneofCase.Position:
                CompleteCurrent();
                _position = chunk.Position;
                _sincePosition.Clear();
                break;
        }
    }

    private void CompleteCurrent()
    {
        if (_current is not { } task)
            return;

        _current = null;
        if (_skipping)
            return;

        foreach (var sink in sinks)
            sink.Complete(task);

        _sincePosition[task.Number] = task;
    }

    private void Abandon()
    {
        if (_current is null || _skipping)
            return;

        _current = null;
        foreach (var sink in sinks)
            sink.Abandon();
    }
}
