using Artel.Node.Capture;
using Artel.Node.Leases;
using Artel.Node.Processes;
using Artel.Node.Spool;
using Artel.Protocol.Client;
using Artel.Protocol.V1;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;

namespace Artel.Node.Link;

/// <summary>Sends the output of running attempts, while it grows where that is asked for, to whoever asked the server for it.</summary>
internal sealed class OutputTails : IAsyncDisposable
{
    private const int ChunkBytes = 32 * 1024;
    private const int MaxTails = 64;
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(100);

    private readonly NodeAgentOptions _options;
    private readonly GrpcChannel _channel;
    private readonly NodeLink.NodeLinkClient _client;
    private readonly LeaseTable _leases;
    private readonly ResultSpool _spool;
    private readonly Lock _gate = new();
    private readonly HashSet<Task> _running = [];

    /// <summary>Its connection is opened with the first that is asked for, and is not the link's: no heartbeat waits for output.</summary>
    public OutputTails(NodeAgentOptions options, string address, LeaseTable leases, ResultSpool spool)
    {
        _options = options;
        _leases = leases;
        _spool = spool;
        _channel = ClusterChannel.Open(options.Access, address);
        _client = new NodeLink.NodeLinkClient(_channel.Authenticated(options.Access.Secret));
    }

    /// <summary>Begins one. The one beyond <see cref="MaxTails"/> ends at once and empty; who asked may ask again.</summary>
    public void Start(TailOutput request, CancellationToken ct)
    {
        lock (_gate)
        {
            _running.RemoveWhere(t => t.IsCompleted);
            var isTooMany = _running.Count >= MaxTails;
            _running.Add(Task.Run(() => RunAsync(request, isTooMany, ct), CancellationToken.None));
        }
    }

    public async ValueTask DisposeAsync()
    {
        Task[] running;
        lock (_gate)
        {
            running = [.. _running];
        }

        await Task.WhenAll(running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _channel.Dispose();
    }

    private async Task RunAsync(TailOutput request, bool isTooMany, CancellationToken ct)
    {
        try
        {
            using var call = _client.Tail(cancellationToken: ct);
            if (!isTooMany)
                await SendAsync(request, call.RequestStream, ct);

            await call.RequestStream.WriteAsync(new TailChunk { Tail = request.Tail, End = true }, ct);
            await call.RequestStream.CompleteAsync();
            await call;
        }
        catch (Exception e) when (e is RpcException or OperationCanceledException or IOException
            or UnauthorizedAccessException or InvalidDataException or InvalidOperationException)
        {
            // Nobody listens any more, the link is down, or the file is damaged. The output itself comes with the
            // result, or the result says why not.
            Log.TailEnded(_options.Log, request.Tail, e.Message);
        }
    }

    private async Task SendAsync(TailOutput request, IClientStreamWriter<TailChunk> destination, CancellationToken ct)
    {
        var lease = LeaseId.Of(request.Lease);
        var which = (OutputStream)request.Stream;
        if (_leases.AttemptOf(lease) is { } attempt)
        {
            var captured = which == OutputStream.Stderr ? attempt.Stderr : attempt.Stdout;
            if (captured.TryHold())
            {
                using (captured)
                {
                    await FollowAsync(request, captured, destination, ct);
                    return;
                }
            }
        }

        // It has ended meanwhile. If it has been settled too the server has all of it.
        if (_spool.Find(lease) is not { } spooled)
            return;

        var start = Start(request.Offset, spooled[which].Length);
        var buffer = new byte[ChunkBytes];
        using var source = spooled[which].Open();
        int count;
        for (var offset = 0L; (count = source.Read(buffer)) > 0; offset += count)
        {
            var skipped = (int)Math.Clamp(start - offset, 0, count);
            if (skipped == count)
                continue;

            var chunk = Chunk(request.Tail, offset + skipped, buffer.AsMemory(skipped, count - skipped));
            await destination.WriteAsync(chunk, ct);
        }
    }

    private async Task FollowAsync(TailOutput request, CapturedStream captured, IClientStreamWriter<TailChunk> destination, CancellationToken ct)
    {
        var buffer = new byte[ChunkBytes];
        var length = captured.Length;
        var offset = Start(request.Offset, length);
        var end = request.Follow ? long.MaxValue : length;
        while (offset < end)
        {
            // Asked before the read: what is complete then is read to its end.
            var isComplete = captured.IsComplete;
            var count = captured.Read(offset, buffer.AsSpan(0, (int)Math.Min(buffer.Length, end - offset)));
            if (count > 0)
            {
                await destination.WriteAsync(Chunk(request.Tail, offset, buffer.AsMemory(0, count)), ct);
                offset += count;
            }
            else if (isComplete)
            {
                return;
            }
            else
            {
                await Task.Delay(LookAgain, _options.Time, ct);
            }
        }
    }

    /// <summary>An offset beyond what is there yet is waited for.</summary>
    private static long Start(long offset, long length) => offset >= 0 ? offset : Math.Max(0, length + offset);

    private static TailChunk Chunk(ulong tail, long offset, ReadOnlyMemory<byte> data) =>
        new() { Tail = tail, Offset = offset, Data = UnsafeByteOperations.UnsafeWrap(data) };
}
