using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Grpc.Core;
using Microsoft.AspNetCore.Http.Features;

namespace Artel.Server.Edge;

/// <summary>
/// The body of a gRPC call, of which a message is read only once it is known to be small enough and there is memory for it. What was paid for the last
/// message is held until the next one, or the end of the call. For one reader.
/// </summary>
internal sealed class BoundedMessages(PipeReader inner, MessageBudget budget, string share, int maxMessage) : PipeReader, IRequestBodyPipeFeature, IDisposable
{
    private SequencePosition _start;
    private bool _isWithinMessage;
    private IDisposable? _reserved;

    public PipeReader Reader => this;

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public override async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        var result = await inner.ReadAsync(cancellationToken);
        var bytes = Look(result.Buffer);
        return bytes <= MessageBudget.FreeBytes ? result : await PayAsync(result, bytes, cancellationToken);
    }

    public override bool TryRead(out ReadResult result)
    {
        // A message that must be paid for first is read by ReadAsync.
        result = default;
        return false;
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        if (!consumed.Equals(_start))
        {
            _isWithinMessage = false;
        }

        inner.AdvanceTo(consumed, examined);
    }

    public override void CancelPendingRead() => inner.CancelPendingRead();

    public override void Complete(Exception? exception = null) => inner.Complete(exception);

    public void Dispose()
    {
        _reserved?.Dispose();
        _reserved = null;
    }

    private async ValueTask<ReadResult> PayAsync(ReadResult result, int bytes, CancellationToken cancellation)
    {
        try
        {
            _reserved = await budget.ReserveAsync(share, bytes, cancellation) ?? throw Exhausted(MessageBudget.Refusal);
            return result;
        }
        catch
        {
            // The reader got nothing that it would give back.
            inner.AdvanceTo(result.Buffer.Start);
            throw;
        }
    }

    /// <summary>The size of a message that begins here; 0 if none does.</summary>
    private int Look(in ReadOnlySequence<byte> buffer)
    {
        _start = buffer.Start;
        if (_isWithinMessage || buffer.Length < BodyTerms.MessageHeaderBytes)
        {
            return 0;
        }

        Dispose();
        _isWithinMessage = true;
        Span<byte> header = stackalloc byte[BodyTerms.MessageHeaderBytes];
        buffer.Slice(0, BodyTerms.MessageHeaderBytes).CopyTo(header);
        var length = BinaryPrimitives.ReadUInt32BigEndian(header[1..]);
        var refusal = header[0] != 0 ? new RpcException(new Status(StatusCode.Unimplemented, "compressed messages are not accepted"))
            : length > maxMessage ? Exhausted(FormattableString.Invariant($"a message of {length} bytes: this call takes at most {maxMessage}"))
            : null;
        if (refusal is not null)
        {
            inner.AdvanceTo(buffer.Start);
            throw refusal;
        }

        return (int)length;
    }

    private static RpcException Exhausted(string message) => new(new Status(StatusCode.ResourceExhausted, message));
}
