namespace Artel.Testing;

/// <summary>Asks again and again until the answer is the one that is waited for.</summary>
public static class Polling
{
    private static readonly TimeSpan DefaultDeadline = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(30);

    public static async Task<T> UntilAsync<T>(Func<Task<T>> ask, Func<T, bool> isIt, string what, TimeSpan? deadline = null)
    {
        var limit = deadline ?? DefaultDeadline;
        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var answer = await ask();
            if (isIt(answer))
            {
                return answer;
            }

            if (TimeProvider.System.GetElapsedTime(started) > limit)
            {
                throw new TimeoutException($"not within {limit.TotalSeconds} s: {what}; instead: {answer}");
            }

            await Task.Delay(Pause, TimeProvider.System);
        }
    }
}
