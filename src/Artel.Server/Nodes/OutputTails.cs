using System.Collections.Concurrent;
using System.Threading.Channels;
using Artel.Core;
using Artel.Server.Wire;
using V1 = Artel.Protocol.V1;

namespace Artel.Server.Nodes;

/// <summary>Output of running attempts, on its way from a node to somebody who reads along. A slow reader slows its own tail only.</summary>
internal sealed class OutputTails(NodeSessions sessions)
{
    private const int MaxChunks = 16;
    private readonly ConcurrentDictionary<ulong, OutputTail> _tails = [];
    private long _lastTail;

    /// <summary>Asks a node for the output of an attempt from an offset on. Null where its link is down.</summary>
    public OutputTail? Open(NodeId node, Lease lease, V1.Stream stream, long offset, bool follow)
    {
        if (!sessions.TryFind(node, out var session))
        {
            return null;
        }

        var id = (ulong)Interlocked.Increment(ref _lastTail);
        var tail = new OutputTail(node, Channel.CreateBounded<V1.TailChunk>(MaxChunks), () => _tails.TryRemove(id, out _), session.Closed);
        _tails[id] = tail;
        session.Send(new V1.ServerMessage
        {
            TailOutput = new V1.TailOutput { Tail = id, Lease = WireWriter.Write(lease), Stream = stream, Offset = offset, Follow = follow },
        });
        return tail;
    }

    /// <summary>A node brings a chunk. False where nobody reads any more.</summary>
    public async Task<bool> GiveAsync(NodeId node, V1.TailChunk chunk, CancellationToken cancellation)
    {
        if (!_tails.TryGetValue(chunk.Tail, out var tail) || tail.Node != node)
        {
            return false;
        }

        return await tail.GiveAsync(chunk, cancellation);
    }
}

/// <summary>One tail. Dispose when done reading.</summary>
internal sealed class OutputTail(NodeId node, Channel<V1.TailChunk> chunks, Action onDispose, CancellationToken linkClosed) : IDisposable
{
    public NodeId Node { get; } = node;

    /// <summary>What comes, with its place in the stream. Ends when the attempt has, when its link is down, or when the caller stops.</summary>
    public async IAsyncEnumerable<(long Offset, ReadOnlyMemory<byte> Data)> ReadAsync(
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, linkClosed);
        while (await WaitAsync(either.Token, cancellation))
        {
            while (chunks.Reader.TryRead(out var chunk))
            {
                if (!chunk.Data.IsEmpty)
                {
                    yield return (chunk.Offset, chunk.Data.Memory);
                }

                if (chunk.End)
                {
                    yield break;
                }
            }
        }
    }

    public async Task<bool> GiveAsync(V1.TailChunk chunk, CancellationToken cancellation)
    {
        try
        {
            await chunks.Writer.WriteAsync(chunk, cancellation);
            return true;
        }
        catch (ChannelClosedException)
        {
            return false;
        }
    }

    public void Dispose()
    {
        onDispose();
        chunks.Writer.TryComplete();
    }

    private async Task<bool> WaitAsync(CancellationToken either, CancellationToken caller)
    {
        try
        {
            return await chunks.Reader.WaitToReadAsync(either);
        }
        catch (OperationCanceledException) when (!caller.IsCancellationRequested)
        {
            // The link is down: what the attempt wrote is read elsewhere once it is known.
            return false;
        }
    }
}
