using System.Buffers;
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

    public MemoryPool<byte> Create(MemoryPoolOptions? options = null) => new Blocks();

    private sealed class Blocks : MemoryPool<byte>
    {
        public override int MaxBufferSize => Shared.MaxBufferSize;

        public override IMemoryOwner<byte> Rent(int minBufferSize = -1) => Shared.Rent(Math.Max(minBufferSize, BlockBytes));

        protected override void Dispose(bool disposing)
        {
            // What is shared stays.
        }
    }
}
