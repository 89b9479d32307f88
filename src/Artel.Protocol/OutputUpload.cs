using System.Buffers.Binary;
using System.Globalization;

namespace Artel.Protocol;

/// <summary>
/// How the output of an attempt goes to the server: as the body of a request over HTTP/1.1, since what HTTP/2 and gRPC copy on the way costs more
/// than everything else about it. The body is one piece after the other, those of each stream in order:
/// <code>
/// 0  1  stream: 1 stdout, 2 stderr
/// 1  4  n, bytes of this piece (little-endian)
/// 5  n  the bytes
/// </code>
/// </summary>
public static class OutputUpload
{
    /// <summary>Before the bytes of each piece.</summary>
    public const int HeaderBytes = 5;

    /// <summary>In the query: the attempt may be running yet.</summary>
    public const string Ahead = "ahead";

    /// <summary>What is requested, in the words of a route of ASP.NET Core.</summary>
    public const string Route = "/v1/leases/{epoch:long}/{sequence:long}/output";

    /// <summary>What is requested for one lease.</summary>
    /// <param name="ahead">The attempt may be running yet.</param>
    public static string PathOf(long epoch, long sequence, bool ahead) =>
        string.Create(CultureInfo.InvariantCulture, $"/v1/leases/{epoch}/{sequence}/output{(ahead ? "?" + Ahead : "")}");

    /// <summary>Writes what stands before the bytes of a piece.</summary>
    public static void WriteHeader(Span<byte> header, V1.Stream stream, int length)
    {
        header[0] = (byte)stream;
        BinaryPrimitives.WriteInt32LittleEndian(header[1..], length);
    }

    /// <summary>Reads it. False where it is none.</summary>
    public static bool TryReadHeader(ReadOnlySpan<byte> header, out V1.Stream stream, out int length)
    {
        stream = (V1.Stream)header[0];
        length = BinaryPrimitives.ReadInt32LittleEndian(header[1..]);
        return stream is V1.Stream.Stdout or V1.Stream.Stderr && length >= 0;
    }
}
