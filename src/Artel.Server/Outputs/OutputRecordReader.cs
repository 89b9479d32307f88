using System.Buffers;
using System.Runtime.CompilerServices;
using Artel.Core;

namespace Artel.Server.Outputs;

/// <summary>Reads kept outputs and trusts nothing that it reads before it was checked.</summary>
internal static class OutputRecordReader
{
    /// <inheritdoc cref="OutputStore.ReadAsync"/>
    public static async IAsyncEnumerable<ReadOnlyMemory<byte>> ReadAsync(
        SegmentPool segments, OutputKey key, KeptOutput kept, long offset, [EnumeratorCancellation] CancellationToken cancellation)
    {
        if (offset >= kept.Length)
        {
            yield break;
        }

        if (kept.Segment == 0)
        {
            if (kept.Inline.Length != kept.Length)
            {
                throw new OutputDamagedException($"{key} is damaged: {kept.Inline.Length} of its {kept.Length} bytes are there");
            }

            yield return kept.Inline[(int)offset..];
            yield break;
        }

        var segment = Rent(segments, key, kept);
        var buffer = ArrayPool<byte>.Shared.Rent(OutputRecord.BlockBytes);
        try
        {
            await CheckHeaderAsync(segment, key, kept, buffer, cancellation);
            for (var block = OutputRecord.BlockOf(offset); OutputRecord.FirstOf(block) < kept.Length; block++)
            {
                var first = OutputRecord.FirstOf(block);
                var length = await ReadBlockAsync(segment, key, kept, block, buffer, cancellation);
                var skipped = (int)Math.Max(0, offset - first);
                yield return buffer.AsMemory(skipped, length - skipped);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
            segments.Return(segment, wrote: false);
        }
    }

    private static Segment Rent(SegmentPool segments, OutputKey key, KeptOutput kept)
    {
        try
        {
            return segments.Rent(key.Task.Job, kept.Segment);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new OutputDamagedException($"{key} is lost: segment {kept.Segment} of the job can not be opened ({e.Message})", e);
        }
    }

    /// <summary>What stands there must be this very output: where a segment was lost or cut, another one may have taken its place.</summary>
    private static async ValueTask CheckHeaderAsync(
        Segment segment, OutputKey key, KeptOutput kept, byte[] buffer, CancellationToken cancellation)
    {
        var header = buffer.AsMemory(0, OutputRecord.HeaderBytes);
        var isThere = await FillAsync(segment, key, header, kept.Offset, cancellation);
        if (!isThere || !OutputRecord.TryReadHeader(header.Span, out var found, out var length) || found != key || length != kept.Length)
        {
            throw Damaged(key, segment, kept.Offset, isThere ? "the beginning of its record is wrong" : "the file ends before it");
        }
    }

    private static async ValueTask<int> ReadBlockAsync(
        Segment segment, OutputKey key, KeptOutput kept, long block, byte[] buffer, CancellationToken cancellation)
    {
        var first = OutputRecord.FirstOf(block);
        var length = (int)Math.Min(OutputRecord.BytesOf(block), kept.Length - first);
        var stored = buffer.AsMemory(0, length + OutputRecord.ChecksumBytes);
        if (!await FillAsync(segment, key, stored, kept.Offset + OutputRecord.PlaceOf(block), cancellation))
        {
            throw Damaged(key, segment, kept.Offset, "the file ends within it");
        }

        if (!OutputRecord.HasChecksum(stored.Span, length))
        {
            throw Damaged(key, segment, kept.Offset, $"wrong checksum of its bytes from {first} on");
        }

        return length;
    }

    private static async ValueTask<bool> FillAsync(Segment segment, OutputKey key, Memory<byte> buffer, long offset, CancellationToken cancellation)
    {
        try
        {
            while (!buffer.IsEmpty)
            {
                var read = await RandomAccess.ReadAsync(segment.File, buffer, offset, cancellation);
                if (read == 0)
                {
                    return false;
                }

                (buffer, offset) = (buffer[read..], offset + read);
            }

            return true;
        }
        catch (IOException e)
        {
            throw new OutputDamagedException(
                $"{key} can not be read: segment {segment.Number} at {offset} ({e.Message})", e);
        }
    }

    private static OutputDamagedException Damaged(OutputKey output, Segment segment, long offset, string what) =>
        new($"{output} is damaged: {what} (segment {segment.Number} of the job, at {offset})");
}
