using System.Buffers;
using System.Runtime.CompilerServices;
using Artel.Server.Nodes;
using Artel.Server.Outputs;

namespace Artel.Server.Classic;

/// <summary>
/// The data of a classic node as the pieces in which a native one delivers its output: what is over the limit is read and
/// dropped.
/// </summary>
internal sealed class ClassicData(ClassicReader input, ClassicTask task, long length)
{
    private const int MaxPieceBytes = 64 * 1024;

    private readonly long _kept = Math.Min(length, task.OutputLimitBytes);
    private long _read;

    public async IAsyncEnumerable<OutputPiece> ReadAsync([EnumeratorCancellation] CancellationToken cancellation = default)
    {
        while (_read < _kept)
        {
            var data = await input.ReadDataAsync(Math.Min(_kept - _read, MaxPieceBytes), cancellation);
            _read += data.Length;
            yield return Piece(data);
        }

        await SkipAsync(cancellation);
    }

    /// <summary>Reads what nobody wanted, so that the next word of the node is found.</summary>
    public async Task SkipAsync(CancellationToken cancellation)
    {
        while (_read < length)
        {
            _read += (await input.ReadDataAsync(Math.Min(length - _read, MaxPieceBytes), cancellation)).Length;
        }
    }

    private static OutputPiece Piece(byte[] data) => new(OutputStream.Stdout, new ReadOnlySequence<byte>(data));
}
