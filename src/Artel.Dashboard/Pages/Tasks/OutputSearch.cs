using V1 = Artel.Protocol.V1;

namespace Artel.Dashboard.Pages.Tasks;

/// <summary>
/// The next or the previous place of a text in a stream of any length. The server finds the next one and looks at a bounded part each time; the
/// previous one is closed in on with few questions, and only the last block is read here.
/// </summary>
/// <param name="find">Asks the server: the first place from an offset on.</param>
/// <param name="read">Reads so many bytes from an offset on, fewer at the end.</param>
/// <param name="pattern">Not empty.</param>
internal sealed class OutputSearch(OutputSearch.Finder find, OutputSearch.Reader read, byte[] pattern)
{
    /// <summary>What is looked through by one wish: 1 GiB, 16 MiB a question.</summary>
    private const int MostQuestions = 64;

    private const long FirstStep = OutputWindow.Size;
    private const long LastStep = 8 << 20;

    private int _asked;

    internal delegate Task<V1.FindInOutputReply> Finder(long offset, CancellationToken cancellation);

    internal delegate Task<byte[]> Reader(long offset, int count, CancellationToken cancellation);

    /// <summary>Place of the first one from an offset on.</summary>
    public async Task<OutputFound> NextAsync(long from, CancellationToken cancellation)
    {
        while (_asked < MostQuestions)
        {
            var reply = await AskAsync(from, cancellation);
            if (reply.HasFound || reply.End)
                return new OutputFound(reply.HasFound ? reply.Found : null, from, IsAll: true);

            from = reply.NextOffset;
        }

        return new OutputFound(null, from, IsAll: false);
    }

    /// <summary>Place of the last one that begins before an end.</summary>
    public async Task<OutputFound> PreviousAsync(long before, CancellationToken cancellation)
    {
        var high = before;
        for (var step = FirstStep; high > 0 && _asked < MostQuestions; step = Math.Min(step * 4, LastStep))
        {
            var low = Math.Max(0, high - step);
            var reply = await AskAsync(low, cancellation);
            if (reply.HasFound && reply.Found < high)
                return new OutputFound(await LastAsync(reply.Found, high, cancellation), before, IsAll: true);

            high = low;
        }

        return new OutputFound(null, high, IsAll: high == 0);
    }

    /// <summary>One begins at <paramref name="low"/>: the last one before <paramref name="high"/>.</summary>
    private async Task<long> LastAsync(long low, long high, CancellationToken cancellation)
    {
        while (high - low > OutputWindow.Size)
        {
            var middle = low + ((high - low) / 2);
            var reply = await AskAsync(middle, cancellation);
            if (reply.HasFound && reply.Found < high)
                low = reply.Found;
            else
                high = middle;
        }

        var bytes = await read(low, (int)(high - low) + pattern.Length - 1, cancellation);
        return low + Math.Max(0, OutputMatch.LastIndexOf(bytes, pattern, (int)(high - low)));
    }

    private Task<V1.FindInOutputReply> AskAsync(long offset, CancellationToken cancellation)
    {
        _asked++;
        return find(offset, cancellation);
    }
}

/// <summary>What a search came to.</summary>
/// <param name="Place">Null: nothing was found.</param>
/// <param name="LookedTo">Where it gave up, where it did.</param>
/// <param name="IsAll">It looked at everything there was to look at.</param>
internal readonly record struct OutputFound(long? Place, long LookedTo, bool IsAll);
