namespace Artel.Protocol.Client;

/// <summary>
/// Runs attempts of which one success is enough, as in RFC 8305 section 5: each starts when the one before it has
/// failed, or has not succeeded for a moment. Those before it go on meanwhile.
/// </summary>
internal static class StaggeredRace
{
    /// <summary>The connection attempt delay of RFC 8305.</summary>
    public static readonly TimeSpan Stagger = TimeSpan.FromMilliseconds(250);

    /// <summary>
    /// Returns the first result, or null if all attempts failed. The others are cancelled, and what they still bring
    /// is disposed of.
    /// </summary>
    /// <param name="attempts">In the order in which they start. A failed one returns null; it throws only when it is
    /// cancelled.</param>
    public static async Task<T?> FirstAsync<T>(
        IReadOnlyList<Func<CancellationToken, Task<T?>>> attempts, TimeProvider time, CancellationToken ct)
        where T : class, IDisposable
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var running = new List<Task<T?>>();
        try
        {
            for (var next = 0; ;)
            {
                if (next < attempts.Count)
                    running.Add(attempts[next++](stop.Token));
                else if (running.Count == 0)
                    return null;

                Task[] awaited = next < attempts.Count
                    ? [.. running, Task.Delay(Stagger, time, stop.Token)]
                    : [.. running];
                if (await Task.WhenAny(awaited).ConfigureAwait(false) is Task<T?> ended)
                {
                    running.Remove(ended);
                    if (await ended.ConfigureAwait(false) is { } first)
                        return first;
                }

                ct.ThrowIfCancellationRequested();
            }
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            foreach (var late in running)
                _ = DisposeAsync(late);
        }
    }

    private static async Task DisposeAsync<T>(Task<T?> late)
        where T : class, IDisposable
    {
        try
        {
            (await late.ConfigureAwait(false))?.Dispose();
        }
        catch (OperationCanceledException)
        {
            // That is what was asked for.
        }
    }
}
