using System.Runtime.CompilerServices;
using Artel.Core;
using Artel.Server.Loop;
using Artel.Server.Nodes;
using Artel.Server.Outputs;
using Artel.Server.People;
using Artel.Server.Storage;
using Google.Protobuf;
using Grpc.Core;
using V1 = Artel.Protocol.V1;

namespace Artel.Server.Api;

/// <summary>Output of tasks: kept output from the segments, that of running attempts from their nodes.</summary>
internal sealed class OutputReader(
    ClusterLoop loop, IClusterStore store, OutputStore outputs, OutputTails tails, JobSignals signals, JobReader jobs, TimeProvider time)
{
    /// <summary>Where each of the last lines begins is kept in memory while they are looked for.</summary>
    private const int MostTailLines = 1_000_000;

    /// <summary>How often one who follows looks again without having been told of a change.</summary>
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(1);

    public async Task ReadAsync(V1.ReadOutputRequest request, Viewpoint viewpoint, IServerStreamWriter<V1.OutputChunk> sink, CancellationToken cancellation)
    {
        var id = new TaskId(new JobId(request.Job), request.Task);
        await CheckAsync(id, viewpoint, cancellation);

        if (request.TailLines is < 0 or > MostTailLines || (request.TailLines > 0 && request.Offset != 0))
        {
            throw Refusals.Invalid($"tail_lines is a number from 1 to {MostTailLines}, or 0 for all, and not together with offset");
        }

        if (request.Attempt < 0)
        {
            throw Refusals.Invalid($"attempt is {request.Attempt}: a number from 1, or leave it out");
        }

        if (request.Limit < 0)
        {
            throw Refusals.Invalid($"limit is {request.Limit}: a number of bytes from 1, or leave it out");
        }

        V1.Stream[] streams = request.Streams.Count > 0 ? Asked.Each("streams", request.Streams) : [V1.Stream.Stdout, V1.Stream.Stderr];
        using var reading = new Reading(sink, streams, request.Offset, request.Limit == 0 ? long.MaxValue : request.Limit);
        var wanted = request.Attempt;
        var lines = request.TailLines;
        using var watch = signals.Watch(id.Job);
        while (true)
        {
            var change = watch.NextChange;
            var (view, stored) = await LookAsync(id, cancellation);
            var newest = Math.Max(view?.InFlight?.Attempt ?? 0, stored.Count > 0 ? stored[^1].Attempt : 0);
            if (request.Attempt > newest && !request.Follow)
            {
                throw Refusals.NotFound($"task {id} has made {newest} {(newest == 1 ? "attempt" : "attempts")}, not {request.Attempt}");
            }

            wanted = wanted == 0 ? newest : wanted;
            if (stored.FirstOrDefault(a => a.Attempt == wanted) is { } ended)
            {
                await SkipAsync(lines, reading, (stream, last, stop) => ReadLastAsync(ended, stream, last, stop), cancellation);
                lines = 0;
                await SendKeptAsync(ended, reading, cancellation);
                if (reading.HasAll || !request.Follow || request.Attempt != 0 || view is null || (view.State.HasEnded() && wanted >= newest))
                {
                    return;
                }

                // The next attempt, from its beginning.
                wanted++;
                reading.StartOver();
                if (wanted <= newest)
                {
                    continue;
                }
            }
            else if (view?.InFlight is { State: TaskState.Running } running && running.Attempt == wanted)
            {
                await SkipAsync(lines, reading, (stream, last, stop) => ReadLastAsync(running, stream, last, stop), cancellation);
                lines = 0;
                await SendTailsAsync(running, reading, request.Follow, cancellation);
                if (reading.HasAll || !request.Follow)
                {
                    return;
                }
            }
            else if (!request.Follow || view is null || view.State.HasEnded())
            {
                return;
            }

            await WaitAsync(change, cancellation);
        }
    }

    /// <summary>Every chunk of one kept stream, checked. Damage is told as an error, after what could be read.</summary>
    public IAsyncEnumerable<ReadOnlyMemory<byte>> ReadKeptAsync(StoredAttempt attempt, V1.Stream stream, long offset, CancellationToken cancellation) =>
        stream == V1.Stream.Stderr
            ? outputs.ReadAsync(new OutputKey(attempt.Task, attempt.Attempt, OutputStream.Stderr), attempt.Result.Stderr, offset, cancellation)
            : outputs.ReadAsync(new OutputKey(attempt.Task, attempt.Attempt, OutputStream.Stdout), attempt.Result.Stdout, offset, cancellation);

    /// <summary>What there is now of one stream of an attempt, from an offset on.</summary>
    /// <param name="attempt">0: the one in flight or the last one.</param>
    /// <exception cref="RpcException">There is no such task or attempt, or its output is hidden.</exception>
    public async Task<(int Attempt, IAsyncEnumerable<ReadOnlyMemory<byte>> Data)> OpenAsync(
        TaskId id, int attempt, V1.Stream stream, long offset, Viewpoint viewpoint, CancellationToken cancellation)
    {
        await CheckAsync(id, viewpoint, cancellation);
        var (view, stored) = await LookAsync(id, cancellation);
        var newest = Math.Max(view?.InFlight?.Attempt ?? 0, stored.Count > 0 ? stored[^1].Attempt : 0);
        if (attempt < 0 || attempt > newest)
        {
            throw Refusals.NotFound($"task {id} has made {newest} {(newest == 1 ? "attempt" : "attempts")}, not {attempt}");
        }

        var wanted = attempt == 0 ? newest : attempt;
        return (wanted, stored.FirstOrDefault(a => a.Attempt == wanted) is { } ended ? ReadKeptAsync(ended, stream, offset, cancellation)
            : view?.InFlight is { State: TaskState.Running } running && running.Attempt == wanted ? ReadRunningAsync(running, stream, offset, cancellation)
            : AsyncEnumerable.Empty<ReadOnlyMemory<byte>>());
    }

    private async Task CheckAsync(TaskId id, Viewpoint viewpoint, CancellationToken cancellation)
    {
        var seen = await jobs.LookAsync(id.Job, viewpoint, cancellation);
        if (id.Number < 1 || id.Number > seen.Document.Layout.TaskCount)
        {
            throw Refusals.NoTask(id, seen.Document.Layout.TaskCount);
        }

        seen.RequireInside("the output");
    }

    private async IAsyncEnumerable<ReadOnlyMemory<byte>> ReadRunningAsync(
        AttemptView running, V1.Stream stream, long offset, [EnumeratorCancellation] CancellationToken cancellation)
    {
        using var tail = tails.Open(running.Node, running.Lease, stream, offset, follow: false);
        await foreach (var (_, data) in tail?.ReadAsync(cancellation) ?? AsyncEnumerable.Empty<(long, ReadOnlyMemory<byte>)>())
        {
            yield return data;
        }
    }

    private async Task<(TaskView? View, IReadOnlyList<StoredAttempt> Stored)> LookAsync(TaskId id, CancellationToken cancellation)
    {
        var range = new TaskRange(id.Number, id.Number);
        var views = await loop.AskAsync((state, _) => state.ViewTasks(id.Job, range), cancellation);
        return (views.Count > 0 ? views[0] : null, await store.ListAttemptsAsync(id.Job, range, cancellation));
    }

    private async Task SendKeptAsync(StoredAttempt attempt, Reading reading, CancellationToken cancellation)
    {
        foreach (var stream in reading.Streams)
        {
            var kept = stream == V1.Stream.Stderr ? attempt.Result.Stderr : attempt.Result.Stdout;
            var offset = reading.OffsetIn(stream, kept.Length);
            await foreach (var data in ReadKeptAsync(attempt, stream, offset, cancellation))
            {
                await reading.SendAsync(stream, attempt.Attempt, offset, data, cancellation);
                offset += data.Length;
                if (reading.HasAllOf(stream))
                {
                    break;
                }
            }
        }
    }

    private Task SendTailsAsync(AttemptView running, Reading reading, bool follow, CancellationToken cancellation) =>
        Task.WhenAll(reading.Streams.Select(async stream =>
        {
            using var tail = tails.Open(running.Node, running.Lease, stream, reading.NextOffset(stream), follow);
            if (tail is null)
            {
                return;
            }

            await foreach (var (offset, data) in tail.ReadAsync(cancellation))
            {
                await reading.SendAsync(stream, running.Attempt, offset, data, cancellation);
                if (reading.HasAllOf(stream))
                {
                    break;
                }
            }
        }));

    /// <summary>Moves the reader to the last lines of each of its streams.</summary>
    private static async Task SkipAsync(
        int lines, Reading reading, Func<V1.Stream, long, CancellationToken, IAsyncEnumerable<(long, ReadOnlyMemory<byte>)>> readLast,
        CancellationToken cancellation)
    {
        foreach (var stream in lines == 0 ? [] : reading.Streams)
        {
            reading.StartAt(stream, await LastLines.FindAsync(lines, (last, stop) => readLast(stream, last, stop), cancellation));
        }
    }

    private async IAsyncEnumerable<(long Offset, ReadOnlyMemory<byte> Data)> ReadLastAsync(
        StoredAttempt attempt, V1.Stream stream, long last, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var kept = stream == V1.Stream.Stderr ? attempt.Result.Stderr : attempt.Result.Stdout;
        var offset = Math.Max(0, kept.Length - last);
        await foreach (var data in ReadKeptAsync(attempt, stream, offset, cancellation))
        {
            yield return (offset, data);
            offset += data.Length;
        }
    }

    private async IAsyncEnumerable<(long Offset, ReadOnlyMemory<byte> Data)> ReadLastAsync(
        AttemptView running, V1.Stream stream, long last, [EnumeratorCancellation] CancellationToken cancellation)
    {
        using var tail = tails.Open(running.Node, running.Lease, stream, -last, follow: false);
        await foreach (var piece in tail?.ReadAsync(cancellation) ?? AsyncEnumerable.Empty<(long, ReadOnlyMemory<byte>)>())
        {
            yield return piece;
        }
    }

    private async Task WaitAsync(Task change, CancellationToken cancellation)
    {
        var again = Task.Delay(LookAgain, time, cancellation);
        await Task.WhenAny(change, again);
        cancellation.ThrowIfCancellationRequested();
    }

    /// <summary>How far one reader has come in each stream of the present attempt.</summary>
    /// <param name="most">Bytes to be sent of each stream.</param>
    private sealed class Reading(IServerStreamWriter<V1.OutputChunk> sink, V1.Stream[] streams, long start, long most) : IDisposable
    {
        private readonly SemaphoreSlim _oneAtATime = new(1, 1);
        private readonly Dictionary<V1.Stream, long> _next = streams.ToDictionary(s => s, _ => start);
        private readonly Dictionary<V1.Stream, long> _left = streams.ToDictionary(s => s, _ => most);

        public V1.Stream[] Streams { get; } = streams;

        /// <summary>Whether all was sent that was asked for.</summary>
        public bool HasAll => Streams.All(HasAllOf);

        public bool HasAllOf(V1.Stream stream) => _left[stream] == 0;

        public void StartOver()
        {
            foreach (var stream in Streams)
            {
                _next[stream] = 0;
            }
        }

        public void StartAt(V1.Stream stream, long offset) => _next[stream] = offset;

        public long NextOffset(V1.Stream stream) => _next[stream];

        /// <summary>Where to go on in a stream of a known length; negative offsets count from its end.</summary>
        public long OffsetIn(V1.Stream stream, long length)
        {
            var next = _next[stream];
            return next >= 0 ? Math.Min(next, length) : Math.Max(0, length + next);
        }

        public async Task SendAsync(V1.Stream stream, int attempt, long offset, ReadOnlyMemory<byte> data, CancellationToken cancellation)
        {
            await _oneAtATime.WaitAsync(cancellation);
            try
            {
                var part = data[..(int)Math.Min(data.Length, _left[stream])];
                await sink.WriteAsync(
                    new V1.OutputChunk { Stream = stream, Data = UnsafeByteOperations.UnsafeWrap(part), Attempt = attempt, Offset = offset }, cancellation);
                _next[stream] = offset + part.Length;
                _left[stream] -= part.Length;
            }
            finally
            {
                _oneAtATime.Release();
            }
        }

        public void Dispose() => _oneAtATime.Dispose();
    }
}
