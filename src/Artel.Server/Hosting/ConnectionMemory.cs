using System.Buffers;
using System.Collections.Concurrent;
using Microsoft.AspNetCore.Connections;

namespace Artel.Server.Hosting;

/// <summary>
/// The memory that connections read into and write from, in blocks as long as a record of TLS (RFC 8446, section 5.1). The web server's own are a quarter of that, so
/// that each record took four times as many calls of the system and as many links of a chain: a fifth of all that receiving output cost. A connection that is
/// idle has none.
/// </summary>
internal sealed class ConnectionMemory : IMemoryPoolFactory<byte>
{
    private const int BlockBytes = 16 * 1024;

    // 4 MiB. What is beyond that was for a moment of much, and the garbage collector's.
    private const int MostFree = 256;

    public MemoryPool<byte> Create(MemoryPoolOptions? options = null) => new Pool();

    private sealed class Pool : MemoryPool<byte>
    {
        private readonly ConcurrentQueue<Block> _free = [];

        public override int MaxBufferSize => BlockBytes;

        public override IMemoryOwner<byte> Rent(int minBufferSize = -1)
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThan(minBufferSize, BlockBytes);
            return _free.TryDequeue(out var block) ? block : new Block(this);
        }

        public void Return(Block block)
        {
            if (_free.Count < MostFree)
            {
                _free.Enqueue(block);
            }
        }

        protected override void Dispose(bool disposing) => _free.Clear();
    }

    /// <summary>Given back by who rented it, once.</summary>
    private sealed class Block(Pool pool) : IMemoryOwner<byte>
    {
        // Pinned: the system is to write into it again and again.
        private readonly byte[] _bytes = GC.AllocateUninitializedArray<byte>(BlockBytes, pinned: true);

        public Memory<byte> Memory => _bytes;

        public void Dispose() => pool.Return(this);
    }
}
