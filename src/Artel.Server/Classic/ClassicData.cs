using Artel.Protocol;
using Google.Protobuf;
using Grpc.Core;
using V1 = Artel.Protocol.V1;

namespace Artel.Server.Classic;

/// <summary>
/// The data of a classic node as the stream of chunks in which a native one delivers its output: what is over the limit is read and
/// dropped, and a line at the end says so.
/// </summary>
internal sealed class ClassicData(ClassicReader input, ClassicTask task, long length) : IAsyncStreamReader<V1.DeliverChunk>
{
    private const int MaxChunkBytes = 64 * 1024;

    private readonly long _kept = Math.Min(length, task.OutputLimitBytes);
    private long _read;
    private bool _begun;
    private bool _marked;

    public V1.DeliverChunk Current { get; private set; } = new();

    public async Task<bool> MoveNext(CancellationToken cancellationToken)
    {
        if (_read < _kept)
        {
            await GiveAsync(Math.Min(_kept - _read, MaxChunkBytes), cancellationToken);
            return true;
        }

        await SkipAsync(cancellationToken);
        if (length > _kept && !_marked)
        {
            _marked = true;
            Give(CutMarker.For(_kept, length));
            return true;
        }

        // Output that is empty has a chunk too: it names the lease.
        var isFirst = !_begun;
        Give([]);
        return isFirst;
    }

    /// <summary>Reads what nobody wanted, so that the next word of the node is found.</summary>
    public async Task SkipAsync(CancellationToken cancellation)
    {
        while (_read < length)
        {
            _read += (await input.ReadDataAsync(Math.Min(length - _read, MaxChunkBytes), cancellation)).Length;
        }
    }

    private async Task GiveAsync(long most, CancellationToken cancellation)
    {
        var data = await input.ReadDataAsync(most, cancellation);
        _read += data.Length;
        Give(data);
    }

    private void Give(byte[] data)
    {
        _begun = true;
        Current = new V1.DeliverChunk { Lease = task.Lease, Stream = V1.Stream.Stdout, Data = UnsafeByteOperations.UnsafeWrap(data) };
    }
}
