using System.Buffers;
using System.Globalization;

namespace Artel.Protocol.Tracing;

/// <summary>A <c>traceparent</c> of W3C Trace Context: <c>00-TRACE-SPAN-FLAGS</c>, in lower-case hexadecimal.</summary>
/// <param name="TraceId">16 bytes, not all zero.</param>
/// <param name="SpanId">8 bytes, not all zero.</param>
/// <param name="IsRecorded">Its flag says so: who made the span records it.</param>
public sealed record TraceParent(ReadOnlyMemory<byte> TraceId, ReadOnlyMemory<byte> SpanId, bool IsRecorded)
{
    /// <summary>The header, and the environment variable in capitals.</summary>
    public const string Header = "traceparent";

    public const string Variable = "TRACEPARENT";

    private const int Length = 55;
    private static readonly SearchValues<char> LowerHex = SearchValues.Create("0123456789abcdef");

    /// <summary>Null where the text is no <c>traceparent</c>. Of a version later than 00, what is known of it is read, as the standard asks.</summary>
    public static TraceParent? Parse(string? text)
    {
        if (text is null || text.Length < Length || text[2] != '-' || text[35] != '-' || text[52] != '-' || !IsLowerHex(text.AsSpan(0, 2))
            || !IsLowerHex(text.AsSpan(3, 32)) || !IsLowerHex(text.AsSpan(36, 16)) || !IsLowerHex(text.AsSpan(53, 2)))
        {
            return null;
        }

        var isKnown = text.StartsWith("00", StringComparison.Ordinal);
        if (text.StartsWith("ff", StringComparison.Ordinal) || (isKnown ? text.Length != Length : text.Length > Length && text[Length] != '-'))
            return null;

        var trace = Convert.FromHexString(text.AsSpan(3, 32));
        var span = Convert.FromHexString(text.AsSpan(36, 16));
        var flags = byte.Parse(text.AsSpan(53, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        return trace.AsSpan().ContainsAnyExcept((byte)0) && span.AsSpan().ContainsAnyExcept((byte)0) ? new TraceParent(trace, span, (flags & 1) != 0) : null;
    }

    public override string ToString() =>
        $"00-{Convert.ToHexStringLower(TraceId.Span)}-{Convert.ToHexStringLower(SpanId.Span)}-{(IsRecorded ? "01" : "00")}";

    private static bool IsLowerHex(ReadOnlySpan<char> text) => !text.ContainsAnyExcept(LowerHex);
}
