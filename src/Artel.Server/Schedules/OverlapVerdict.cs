using System.Globalization;
using Artel.Core;
using Artel.Protocol.V1;

namespace Artel.Server.Schedules;

/// <summary>What becomes of a time that is due while jobs of its schedule have not ended. Pure.</summary>
/// <param name="Reason">Why no job is made; empty: one is.</param>
/// <param name="Cancel">Jobs to cancel first.</param>
/// <param name="After">Jobs that the new one waits for, however they end.</param>
internal sealed record OverlapVerdict(string Reason, IReadOnlyList<JobId> Cancel, IReadOnlyList<JobId> After)
{
    /// <summary>More jobs of a schedule than this do not wait for each other: who never catches up would fill the server.</summary>
    public const int MostWaiting = 100;

    /// <summary>Each waits for the one before, so the last few stand for all of them, those that were started by hand in between included.</summary>
    private const int Awaited = 16;

    private static readonly OverlapVerdict Start = new("", [], []);

    /// <param name="unfinished">Jobs of the schedule that have not ended, oldest first.</param>
    public static OverlapVerdict Of(Overlap overlap, IReadOnlyList<JobId> unfinished) => overlap switch
    {
        _ when unfinished.Count == 0 => Start,
        Overlap.Allow => Start,
        Overlap.Replace => new OverlapVerdict("", unfinished, [.. unfinished.TakeLast(Awaited)]),
        Overlap.After when unfinished.Count < MostWaiting => new OverlapVerdict("", [], [.. unfinished.TakeLast(Awaited)]),
        Overlap.After => Skip(string.Create(CultureInfo.InvariantCulture, $"{unfinished.Count} jobs of it have not ended, and no more than {MostWaiting} wait")),
        _ => Skip($"job {unfinished[^1]} has not ended"),
    };

    private static OverlapVerdict Skip(string reason) => new(reason, [], []);
}
