using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Artel.Protocol;
using Artel.Server.Api;
using Artel.Server.Outputs;
using V1 = Artel.Protocol.V1;

namespace Artel.Server.Nodes;

/// <summary>Bytes of a stream as they arrive, behind those of the same stream that came before.</summary>
/// <param name="Data">Valid until the next piece is asked for.</param>
internal readonly record struct OutputPiece(OutputStream Stream, ReadOnlySequence<byte> Data)
{
    /// <summary>Reads the body of a request as <see cref="OutputUpload"/> has it, each byte where it was received.</summary>
    /// <exception cref="Grpc.Core.RpcException">It is none.</exception>
    /// <exception cref="IOException">The connection broke.</exception>
    public static async IAsyncEnumerable<OutputPiece> ReadAsync(PipeReader body, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        var (stream, left) = (OutputStream.Stdout, 0);
        while (true)
        {
            var read = await body.ReadAsync(cancellation);
            var rest = read.Buffer;
            try
            {
                while (rest.Length >= (left > 0 ? 1 : OutputUpload.HeaderBytes))
                {
                    if (left == 0)
                    {
                        (stream, left) = ReadHeader(rest.Slice(0, OutputUpload.HeaderBytes));
                        rest = rest.Slice(OutputUpload.HeaderBytes);
                        continue;
                    }

                    var data = rest.Slice(0, Math.Min(left, rest.Length));
                    yield return new OutputPiece(stream, data);
                    (rest, left) = (rest.Slice(data.End), left - (int)data.Length);
                }
            }
            finally
            {
                // Also where nobody wants the rest: the web server reads on then, and expects it so.
                body.AdvanceTo(rest.Start, rest.End);
            }

            if (read.IsCompleted)
            {
                if (left > 0 || !rest.IsEmpty)
                {
                    throw Refusals.Invalid("the body ended within a piece of output");
                }

                yield break;
            }
        }
    }

    private static (OutputStream Stream, int Length) ReadHeader(ReadOnlySequence<byte> bytes)
    {
        Span<byte> header = stackalloc byte[OutputUpload.HeaderBytes];
        bytes.CopyTo(header);
        return OutputUpload.TryReadHeader(header, out var stream, out var length)
            ? (stream == V1.Stream.Stderr ? OutputStream.Stderr : OutputStream.Stdout, length)
            : throw Refusals.Invalid($"a piece of output begins with its stream (1 or 2) and its length, not with {Convert.ToHexString(header)}");
    }
}
