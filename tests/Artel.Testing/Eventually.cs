using System.Diagnostics;

namespace Artel.Testing;

/// <summary>Waits for a condition, with a deadline. Tests wait by this and never by sleeping for a time that seems long enough.</summary>
public static class Eventually
{
    /// <summary>How long a condition may take where a test says nothing else. Long: the machine may be busy.</summary>
    public static readonly TimeSpan DefaultDeadline = TimeSpan.FromSeconds(20);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);

    /// <summary>Returns when <paramref name="condition"/> holds.</summary>
    /// <param name="condition">Looked at again and again.</param>
    /// <param name="what">What is waited for, as in "the node is connected".</param>
    /// <param name="seen">Tells in the failure what was there instead.</param>
    /// <param name="deadline">Not set: <see cref="DefaultDeadline"/>.</param>
    /// <exception cref="TimeoutException">It did not hold in time.</exception>
    public static async Task Holds(Func<bool> condition, string what, Func<string>? seen = null, TimeSpan? deadline = null)
    {
        ArgumentNullException.ThrowIfNull(condition);
        var limit = deadline ?? DefaultDeadline;
        var watch = Stopwatch.StartNew();
        while (!condition())
        {
            if (watch.Elapsed > limit)
                throw new TimeoutException($"not within {limit.TotalSeconds:0.#} s: {what}{(seen is null ? "" : $"; instead: {seen()}")}");

            await Task.Delay(Pause, TimeProvider.System);
        }
    }

    /// <summary>Returns the result of <paramref name="work"/>, which must come in time.</summary>
    /// <exception cref="TimeoutException">It did not come in time.</exception>
    public static async Task<T> Gives<T>(Task<T> work, string what, TimeSpan? deadline = null)
    {
        ArgumentNullException.ThrowIfNull(work);
        await Ends(work, what, deadline);
        return await work;
    }

    /// <summary>Returns when <paramref name="work"/> has ended.</summary>
    /// <exception cref="TimeoutException">It did not end in time.</exception>
    public static async Task Ends(Task work, string what, TimeSpan? deadline = null)
    {
        ArgumentNullException.ThrowIfNull(work);
        var limit = deadline ?? DefaultDeadline;
        try
        {
            await work.WaitAsync(limit, TimeProvider.System);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"not within {limit.TotalSeconds:0.#} s: {what}");
        }
    }
}
