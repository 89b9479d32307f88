using System.Collections.Concurrent;
using Artel.Protocol.Text;
using Artel.Server.Loop;
using Artel.Server.Storage;

namespace Artel.Server.Supervision;

/// <summary>
/// Everything that the server does in the background, by name: a part that throws is logged with its stack and started again after a pause that doubles,
/// and <c>/readyz</c> names it and why until it has run well for a while. What the whole server ends with (its store, its loop) is passed on instead. Any thread.
/// </summary>
internal sealed class BackgroundParts(TimeProvider time, ILogger<BackgroundParts> log)
{
    /// <summary>A part that ran for so long without failing is well again.</summary>
    public static readonly TimeSpan Well = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<string, (string Problem, long WellAt)> _failures = new(StringComparer.Ordinal);

    /// <summary>Which parts are not well, and why, in one line. Null: all are.</summary>
    public string? Problem
    {
        get
        {
            var now = time.GetTimestamp();
            var failures = _failures.Where(f => f.Value.WellAt > now).OrderBy(f => f.Key, StringComparer.Ordinal).Select(f => $"{f.Key} failed: {f.Value.Problem}");
            return string.Join("; ", failures) is { Length: > 0 } problem ? problem : null;
        }
    }

    /// <summary>Runs a part until it ends by itself or is cancelled.</summary>
    /// <param name="part">What it does, in words that follow "the server does this: ".</param>
    /// <param name="work">Called again after each failure: it begins with what is stored, not with what an earlier run had in memory.</param>
    /// <exception cref="StoreException">The store has failed: the server must end.</exception>
    /// <exception cref="LoopStoppedException">The loop has ended, and nobody has cancelled the part.</exception>
    public async Task RunAsync(string part, Func<CancellationToken, Task> work, CancellationToken stopping)
    {
        var pause = TimeSpan.Zero;
        while (!stopping.IsCancellationRequested)
        {
            var begun = time.GetTimestamp();
            try
            {
                await work(stopping);
                return;
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (!EndsServer(e))
            {
                pause = pause == TimeSpan.Zero || time.GetElapsedTime(begun) >= Well ? FirstPause
                    : pause * 2 < LongestPause ? pause * 2 : LongestPause;
                Note(part, e, pause);
                log.PartFailed(e, part, Words.Duration(pause));
            }

            await Task.Delay(pause, time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Calls a part that must not stop its caller, such as one who is notified of a commit.</summary>
    public void Call(string part, Action work)
    {
        try
        {
            work();
        }
        catch (Exception e)
        {
            Note(part, e, TimeSpan.Zero);
            log.CallFailed(e, part);
        }
    }

    /// <summary>True if nothing is to be gained by starting a part again: its server has to end.</summary>
    public static bool EndsServer(Exception e) => e is StoreException or LoopStoppedException or StateBrokenException;

    private void Note(string part, Exception e, TimeSpan pause)
    {
        var wellAt = time.GetTimestamp() + (long)((pause + Well).TotalSeconds * time.TimestampFrequency);
        _failures[part] = ($"{e.GetType().Name}: {e.Message.ReplaceLineEndings(" ")}", wellAt);
    }
}

internal static partial class BackgroundPartsLog
{
    [LoggerMessage(LogEvents.PartFailed, LogLevel.Error, "A bug was met in the background: {Part} failed, and starts again in {Pause}")]
    public static partial void PartFailed(this ILogger log, Exception bug, string part, string pause);

    [LoggerMessage(LogEvents.CallFailed, LogLevel.Error, "A bug was met in the background: {Part} failed for one commit; everyone else was notified of it")]
    public static partial void CallFailed(this ILogger log, Exception bug, string part);
}
