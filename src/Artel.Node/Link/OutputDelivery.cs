using Artel.Node.Processes;
using Artel.Node.Spool;
using Artel.Protocol.Client;
using Artel.Protocol.V1;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;

namespace Artel.Node.Link;

/// <summary>
/// Sends long output where the server has said OK to its length: one attempt after the other, on a connection of its own, which is
/// opened with the first.
/// </summary>
internal sealed class OutputDelivery : IDisposable
{
    // A block of the server's segments, and short enough that its copy of a chunk is an ordinary object: from 85,000 bytes on each would
    // set off a collection of the whole heap every few megabytes.
    private const int ChunkBytes = 64 * 1024;

    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    private readonly NodeAgentOptions _options;
    private readonly ResultSpool _spool;
    private readonly GrpcChannel _channel;
    private readonly Lock _gate = new();

    // No more than the spool holds: each lease is in it once, however often it is asked for.
    private readonly Queue<LeaseId> _queue = new();
    private readonly HashSet<LeaseId> _queued = [];
    private readonly Signal _hasMore = new();

    public OutputDelivery(NodeAgentOptions options, string address, ResultSpool spool)
    {
        _options = options;
        _spool = spool;
        _channel = ClusterChannel.Open(options.Access, address);
        Client = new NodeLink.NodeLinkClient(_channel.Authenticated(options.Access.Secret));
    }

    public NodeLink.NodeLinkClient Client { get; }

    public void Add(LeaseId lease)
    {
        lock (_gate)
        {
            if (!_queued.Add(lease))
                return;

            _queue.Enqueue(lease);
        }

        _hasMore.Set();
    }

    public async Task RunAsync(CancellationToken ct)
    {
        while (true)
        {
            LeaseId lease;
            bool hasOne;
            lock (_gate)
            {
                hasOne = _queue.TryDequeue(out lease);
            }

            if (!hasOne)
            {
                await _hasMore.WaitAsync(ct);
                continue;
            }

            var isDone = await TryDeliverAsync(lease, ct);
            lock (_gate)
            {
                _queued.Remove(lease);
            }

            if (!isDone)
            {
                await Task.Delay(RetryDelay, _options.Time, ct);
                Add(lease);
            }
        }
    }

    public void Dispose() => _channel.Dispose();

    /// <summary>False: try again.</summary>
    private async Task<bool> TryDeliverAsync(LeaseId lease, CancellationToken ct)
    {
        // The server changed its mind and settled it meanwhile.
        if (_spool.Find(lease) is not { } spooled)
            return true;

        try
        {
            await DeliverAsync(lease, spooled, ct);
            return true;
        }
        catch (RpcException e) when (!ct.IsCancellationRequested)
        {
            Log.DeliveryFailed(_options.Log, lease.ToString(), LinkFailure.Describe(e));
            return false;
        }
        catch (Exception e) when (e is FileNotFoundException && _spool.Find(lease) is null)
        {
            return true;
        }
    }

    private async Task DeliverAsync(LeaseId lease, SpooledResult spooled, CancellationToken ct)
    {
        using var call = Client.Deliver(cancellationToken: ct);
        var first = lease.ToLease();
        var buffer = new byte[ChunkBytes];
        try
        {
            foreach (var stream in new[] { OutputStream.Stdout, OutputStream.Stderr })
            {
                await using var source = spooled.Open(stream);
                int count;
                while ((count = await source.ReadAsync(buffer, ct)) > 0)
                {
                    var chunk = new DeliverChunk
                    {
                        Stream = (Artel.Protocol.V1.Stream)stream,

                        // Written, thus serialised, before the buffer is used again.
                        Data = UnsafeByteOperations.UnsafeWrap(buffer.AsMemory(0, count)),
                    };
                    if (first is not null)
                        chunk.Lease = first;

                    first = null;
                    await call.RequestStream.WriteAsync(chunk, ct);
                }
            }

            await call.RequestStream.CompleteAsync();
        }
        catch (Exception e) when (e is RpcException or InvalidOperationException && !ct.IsCancellationRequested)
        {
            // The server ended the call while it was being sent: its status, below, says why.
        }

        await call;
    }
}
