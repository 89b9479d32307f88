using System.Buffers.Binary;
using System.IO.Hashing;
using Google.Protobuf;

namespace Artel.Node.Spool;

/// <summary>
/// One record of the spool's journal. All numbers are little-endian.
/// <code>
/// length  u32   of what follows the checksum
/// crc32   u32   of what follows
/// kind    u8    1 result, 2 settled
/// result:   out_crc u32, err_crc u32 (of the output files; 0 where the stream is in the message), then artel.v1.AttemptResult
/// settled:  artel.v1.Settled
/// </code>
/// </summary>
internal static class JournalRecord
{
    public const int HeaderSize = 8;

    /// <summary>A header and the kind.</summary>
    public const int MinSize = HeaderSize + 1;

    private const int ResultPrefix = 9;
    private const int MaxLength = 16 * 1024 * 1024;

    public enum Kind : byte
    {
        Result = 1,
        Settled = 2,
    }

    public static byte[] Result(IMessage result, uint stdoutCrc, uint stderrCrc)
    {
        var size = result.CalculateSize();
        var record = new byte[HeaderSize + ResultPrefix + size];
        record[HeaderSize] = (byte)Kind.Result;
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(HeaderSize + 1), stdoutCrc);
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(HeaderSize + 5), stderrCrc);
        result.WriteTo(record.AsSpan(HeaderSize + ResultPrefix, size));
        return Sealed(record);
    }

    public static byte[] Settled(IMessage settled)
    {
        var size = settled.CalculateSize();
        var record = new byte[HeaderSize + 1 + size];
        record[HeaderSize] = (byte)Kind.Settled;
        settled.WriteTo(record.AsSpan(HeaderSize + 1, size));
        return Sealed(record);
    }

    /// <summary>How long the record is that may begin here (at least <see cref="MinSize"/> bytes); 0 where none can.</summary>
    public static int SizeAt(ReadOnlySpan<byte> bytes)
    {
        var length = BinaryPrimitives.ReadUInt32LittleEndian(bytes);
        var least = (Kind)bytes[HeaderSize] switch
        {
            Kind.Result => ResultPrefix,
            Kind.Settled => 1,
            _ => int.MaxValue,
        };
        return length >= least && length <= MaxLength ? HeaderSize + (int)length : 0;
    }

    /// <summary>Whether a record is as it was written.</summary>
    public static bool IsIntact(ReadOnlySpan<byte> record) =>
        BinaryPrimitives.ReadUInt32LittleEndian(record[4..]) == Crc32.HashToUInt32(record[HeaderSize..]);

    public static (uint Stdout, uint Stderr) FileCrcs(ReadOnlySpan<byte> payload) =>
        (BinaryPrimitives.ReadUInt32LittleEndian(payload[1..]), BinaryPrimitives.ReadUInt32LittleEndian(payload[5..]));

    /// <summary>The message within a payload.</summary>
    public static ReadOnlySpan<byte> Message(ReadOnlySpan<byte> payload) =>
        payload[((Kind)payload[0] == Kind.Result ? ResultPrefix : 1)..];

    private static byte[] Sealed(byte[] record)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(record, (uint)(record.Length - HeaderSize));
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(4), Crc32.HashToUInt32(record.AsSpan(HeaderSize)));
        return record;
    }
}
