using System.Buffers;

namespace Artel.Server.Api;

/// <summary>Looks for bytes in what comes piece by piece, over the borders of the pieces.</summary>
/// <param name="pattern">Not empty.</param>
/// <param name="ignoreCase">Letters of ASCII only.</param>
/// <param name="start">Place in the stream of the first piece.</param>
internal sealed class TextSearch(byte[] pattern, bool ignoreCase, long start)
{
    private readonly byte[] _pattern = ignoreCase ? Lower(pattern) : pattern;

    /// <summary>The last bytes that were looked at, which may begin a match.</summary>
    private byte[] _kept = [];

    /// <summary>Behind the last byte that was looked at.</summary>
    public long End { get; private set; } = start;

    /// <summary>Where a search that found nothing is to go on.</summary>
    public long Next => End - _kept.Length;

    /// <summary>Place in the stream of the first match, or null.</summary>
    public long? Look(ReadOnlySpan<byte> piece)
    {
        var length = _kept.Length + piece.Length;
        var joined = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            _kept.CopyTo(joined, 0);
            piece.CopyTo(joined.AsSpan(_kept.Length));
            var text = joined.AsSpan(0, length);
            if (ignoreCase)
            {
                Lower(text[_kept.Length..]);
            }

            var at = text.IndexOf(_pattern);
            var found = at < 0 ? (long?)null : Next + at;
            End += piece.Length;
            _kept = text[^Math.Min(length, _pattern.Length - 1)..].ToArray();
            return found;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(joined);
        }
    }

    private static byte[] Lower(byte[] bytes)
    {
        var lower = bytes.ToArray();
        Lower(lower.AsSpan());
        return lower;
    }

    private static void Lower(Span<byte> bytes)
    {
        foreach (ref var b in bytes)
        {
            b = b is >= (byte)'A' and <= (byte)'Z' ? (byte)(b | 0x20) : b;
        }
    }
}
