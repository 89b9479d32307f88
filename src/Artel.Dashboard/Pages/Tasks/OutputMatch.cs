namespace Artel.Dashboard.Pages.Tasks;

/// <summary>Whether a letter is of something that was looked for.</summary>
internal enum OutputHit : byte
{
    None,
    Other,

    /// <summary>The one that was asked for last.</summary>
    Present,
}

/// <summary>A place of what was looked for.</summary>
/// <param name="Start">First byte in the stream.</param>
/// <param name="End">Behind its last byte.</param>
internal readonly record struct OutputMatch(long Start, long End, OutputHit Hit)
{
    /// <summary>More in one window are not marked.</summary>
    private const int Most = 1000;

    /// <summary>All in a window, none over another.</summary>
    /// <param name="offset">Place in the stream of the first byte.</param>
    /// <param name="present">Where the one begins that was asked for, if one was.</param>
    public static List<OutputMatch> AllIn(ReadOnlySpan<byte> bytes, long offset, ReadOnlySpan<byte> pattern, long? present)
    {
        var found = new List<OutputMatch>();
        for (var from = 0; !pattern.IsEmpty && found.Count < Most;)
        {
            var at = IndexOf(bytes[from..], pattern);
            if (at < 0)
                break;

            var start = offset + from + at;
            found.Add(new OutputMatch(start, start + pattern.Length, start == present ? OutputHit.Present : OutputHit.Other));
            from += at + pattern.Length;
        }

        return found;
    }

    /// <summary>The last place that begins before an end, or -1. Letters of ASCII in upper and lower case are the same, as the server has it too.</summary>
    public static int LastIndexOf(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> pattern, int before)
    {
        for (var at = Math.Min(before - 1, bytes.Length - pattern.Length); at >= 0; at--)
        {
            if (IsAt(bytes[at..], pattern))
                return at;
        }

        return -1;
    }

    private static int IndexOf(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> pattern)
    {
        for (var at = 0; at <= bytes.Length - pattern.Length; at++)
        {
            if (IsAt(bytes[at..], pattern))
                return at;
        }

        return -1;
    }

    private static bool IsAt(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> pattern)
    {
        for (var i = 0; i < pattern.Length; i++)
        {
            if (Lower(bytes[i]) != Lower(pattern[i]))
                return false;
        }

        return true;
    }

    private static byte Lower(byte b) => b is >= (byte)'A' and <= (byte)'Z' ? (byte)(b | 0x20) : b;
}
