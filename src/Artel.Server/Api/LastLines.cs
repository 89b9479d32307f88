namespace Artel.Server.Api;

/// <summary>Where the last lines of a stream begin, found from its end, in windows that grow.</summary>
internal static class LastLines
{
    private const long FirstWindow = 64 * 1024;
    private const long Growth = 16;

    /// <param name="lines">From 1.</param>
    /// <param name="readLast">Gives the last so many bytes, or all where there are fewer, each piece with its place in the stream.</param>
    public static async Task<long> FindAsync(
        int lines, Func<long, CancellationToken, IAsyncEnumerable<(long Offset, ReadOnlyMemory<byte> Data)>> readLast, CancellationToken cancellation)
    {
        for (var window = FirstWindow; ; window *= Growth)
        {
            var starts = new Queue<long>();
            long? first = null;
            var end = 0L;
            await foreach (var (offset, data) in readLast(window, cancellation))
            {
                if (first is null)
                {
                    first = offset;
                    if (offset == 0)
                    {
                        starts.Enqueue(0);
                    }
                }

                AddStarts(starts, offset, data.Span, lines);
                end = offset + data.Length;
            }

            // Behind the last line break no line has begun yet.
            var count = starts.Count > 0 && starts.Last() == end ? starts.Count - 1 : starts.Count;
            if (count >= lines)
            {
                return starts.ElementAt(count - lines);
            }

            if (first is null or 0)
            {
                return 0;
            }
        }
    }

    /// <summary>Of all places where lines begin, one more than is asked for is enough.</summary>
    private static void AddStarts(Queue<long> starts, long offset, ReadOnlySpan<byte> data, int lines)
    {
        for (var from = 0; data[from..].IndexOf((byte)'\n') is >= 0 and var at;)
        {
            from += at + 1;
            starts.Enqueue(offset + from);
            if (starts.Count > lines + 1)
            {
                starts.Dequeue();
            }
        }
    }
}
