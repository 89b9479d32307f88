using System.IO.Pipelines;
using Artel.Protocol;
using Artel.Server.Nodes;
using Artel.Server.Outputs;
using Grpc.Core;
using V1 = Artel.Protocol.V1;

namespace Artel.Server.Tests.Nodes;

public sealed class OutputPieceTests
{
    private static readonly byte[] Body =
    [
        .. Piece(V1.Stream.Stdout, 1, 2, 3), .. Piece(V1.Stream.Stderr), .. Piece(V1.Stream.Stderr, 4), .. Piece(V1.Stream.Stdout, 5, 6, 7, 8, 9, 10, 11, 12, 13),
    ];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(7)]
    [InlineData(1000)]
    public async Task Pieces_are_read_however_they_arrive(int bytesAtOnce)
    {
        var read = await ReadAsync(Body, bytesAtOnce);

        Assert.Equal([1, 2, 3, 5, 6, 7, 8, 9, 10, 11, 12, 13], read[OutputStream.Stdout]);
        Assert.Equal([4], read[OutputStream.Stderr]);
    }

    [Fact]
    public async Task A_body_may_be_empty() => Assert.All((await ReadAsync([], 1)).Values, Assert.Empty);

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(7)]
    public async Task A_body_that_ends_within_a_piece_is_refused(int length)
    {
        var refusal = await Assert.ThrowsAsync<RpcException>(() => ReadAsync(Body[..length], 2));

        Assert.Equal(StatusCode.InvalidArgument, refusal.StatusCode);
    }

    [Theory]
    [InlineData("0001000000")]
    [InlineData("0301000000")]
    [InlineData("01000000ff")]
    public async Task A_piece_of_no_stream_or_length_is_refused(string header)
    {
        var refusal = await Assert.ThrowsAsync<RpcException>(() => ReadAsync(Convert.FromHexString(header), 5));

        Assert.Equal(StatusCode.InvalidArgument, refusal.StatusCode);
        Assert.Contains(header, refusal.Status.Detail, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>A piece as a node sends it.</summary>
    internal static byte[] Piece(V1.Stream stream, params byte[] data)
    {
        var piece = new byte[OutputUpload.HeaderBytes + data.Length];
        OutputUpload.WriteHeader(piece, stream, data.Length);
        data.CopyTo(piece, OutputUpload.HeaderBytes);
        return piece;
    }

    private static async Task<Dictionary<OutputStream, List<byte>>> ReadAsync(byte[] body, int bytesAtOnce)
    {
        var pipe = new Pipe();
        var writing = WriteAsync();
        var read = new Dictionary<OutputStream, List<byte>> { [OutputStream.Stdout] = [], [OutputStream.Stderr] = [] };
        await foreach (var piece in OutputPiece.ReadAsync(pipe.Reader, TestContext.Current.CancellationToken))
        {
            foreach (var data in piece.Data)
            {
                read[piece.Stream].AddRange(data.Span);
            }
        }

        await writing;
        return read;

        async Task WriteAsync()
        {
            foreach (var some in body.Chunk(bytesAtOnce))
            {
                await pipe.Writer.WriteAsync(some, TestContext.Current.CancellationToken);
                await Task.Yield();
            }

            await pipe.Writer.CompleteAsync();
        }
    }
}
