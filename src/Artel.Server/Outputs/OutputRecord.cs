using System.Buffers.Binary;
using System.IO.Hashing;
using Artel.Core;

namespace Artel.Server.Outputs;

/// <summary>
/// How one output lies in a segment (numbers are little-endian):
/// <code>
/// 0   4  magic "ARO2"
/// 4   4  stream: 1 stdout, 2 stderr
/// 8   4  task
/// 12  4  attempt
/// 16  8  job
/// 24  8  length of the output
/// 32  8  XXH3 of the 32 bytes before
/// 40     blocks: bytes of the output, then 8 bytes XXH3 of them; the first one ends 64 KiB behind the record's beginning, each further
///        one, but the last, 64 KiB behind the one before
/// </code>
/// A checksum for each block lets a part be read and checked without the rest, and lets output be passed on as it is read, none of it
/// unchecked. Long output has a file for itself, in which its blocks are whole pages then: writing parts of pages takes the system half as long again.
/// </summary>
internal static class OutputRecord
{
    public const int HeaderBytes = 40;
    public const int ChecksumBytes = 8;

    /// <summary>Room that a block takes at most, with its checksum.</summary>
    public const int BlockBytes = 64 * 1024;

    // Bytes of the output in the first block and in each further one, where they are full.
    private const int FirstBytes = BlockBytes - HeaderBytes - ChecksumBytes;
    private const int FurtherBytes = BlockBytes - ChecksumBytes;

    private const uint Magic = 0x324F5241;

    /// <summary>Room that an output of a length takes.</summary>
    public static long Size(long length) => HeaderBytes + length + (length == 0 ? 0 : ChecksumBytes * (BlockOf(length - 1) + 1));

    /// <summary>Number of the block, from 0 on, that has a byte of the output.</summary>
    public static long BlockOf(long offset) => offset < FirstBytes ? 0 : 1 + ((offset - FirstBytes) / FurtherBytes);

    /// <summary>Where a block begins, counted from the record's beginning.</summary>
    public static long PlaceOf(long block) => block == 0 ? HeaderBytes : block * BlockBytes;

    /// <summary>The first byte of the output that is in a block.</summary>
    public static long FirstOf(long block) => block == 0 ? 0 : FirstBytes + ((block - 1) * FurtherBytes);

    /// <summary>Bytes of the output that a full block has.</summary>
    public static int BytesOf(long block) => block == 0 ? FirstBytes : FurtherBytes;

    public static void WriteHeader(Span<byte> header, OutputKey key, long length)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(header, Magic);
        BinaryPrimitives.WriteInt32LittleEndian(header[4..], (int)key.Stream);
        BinaryPrimitives.WriteInt32LittleEndian(header[8..], key.Task.Number);
        BinaryPrimitives.WriteInt32LittleEndian(header[12..], key.Attempt);
        BinaryPrimitives.WriteInt64LittleEndian(header[16..], key.Task.Job.Value);
        BinaryPrimitives.WriteInt64LittleEndian(header[24..], length);
        WriteChecksum(header, 32);
    }

    /// <summary>Whose output a header begins, and its length. False where this is no undamaged header.</summary>
    public static bool TryReadHeader(ReadOnlySpan<byte> header, out OutputKey key, out long length)
    {
        key = new OutputKey(
            new TaskId(new JobId(BinaryPrimitives.ReadInt64LittleEndian(header[16..])), BinaryPrimitives.ReadInt32LittleEndian(header[8..])),
            BinaryPrimitives.ReadInt32LittleEndian(header[12..]),
            (OutputStream)BinaryPrimitives.ReadInt32LittleEndian(header[4..]));
        length = BinaryPrimitives.ReadInt64LittleEndian(header[24..]);
        return BinaryPrimitives.ReadUInt32LittleEndian(header) == Magic && HasChecksum(header, 32);
    }

    private static ulong ChecksumOf(ReadOnlySpan<byte> bytes) => XxHash3.HashToUInt64(bytes);

    /// <summary>Puts the checksum of the first bytes behind them.</summary>
    public static void WriteChecksum(Span<byte> block, int length) =>
        BinaryPrimitives.WriteUInt64LittleEndian(block[length..], ChecksumOf(block[..length]));

    /// <summary>Whether the checksum behind the first bytes is theirs.</summary>
    public static bool HasChecksum(ReadOnlySpan<byte> block, int length) =>
        BinaryPrimitives.ReadUInt64LittleEndian(block[length..]) == ChecksumOf(block[..length]);

    /// <summary>Lays out a whole record.</summary>
    public static void Write(Span<byte> record, OutputKey key, ReadOnlySpan<byte> data)
    {
        WriteHeader(record, key, data.Length);
        record = record[HeaderBytes..];
        for (var block = 0; !data.IsEmpty; block++)
        {
            var length = Math.Min(data.Length, BytesOf(block));
            data[..length].CopyTo(record);
            WriteChecksum(record, length);
            data = data[length..];
            record = record[(length + ChecksumBytes)..];
        }
    }
}
