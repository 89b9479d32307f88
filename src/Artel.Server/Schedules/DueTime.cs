using Artel.Protocol.V1;

namespace Artel.Server.Schedules;

/// <summary>What is due of a schedule. Pure: what the time is, and since when the server runs, is told.</summary>
/// <param name="At">The time to make a job for; null: these times are only passed over.</param>
/// <param name="Decided">All times up to here are decided with this.</param>
/// <param name="IsMissed">They passed while nobody could see them.</param>
internal readonly record struct DueTime(DateTimeOffset? At, DateTimeOffset Decided, bool IsMissed)
{
    /// <summary>A time that is seen later than this was missed: the machine slept, the process was stopped, or the clock was set forward.</summary>
    public static readonly TimeSpan MostLate = TimeSpan.FromMinutes(1);

    /// <summary>Where what was decided lies further ahead than this, the clock was wrong before: to wait for it could take years.</summary>
    public static readonly TimeSpan MostAhead = TimeSpan.FromHours(1);

    /// <summary>
    /// The first thing to decide now, or null where nothing is due. To be asked again with what was decided, until nothing is. Each time that
    /// was not missed comes by itself; all that were missed come as one, which stands at the last of them.
    /// </summary>
    /// <param name="decided">Up to where times were decided before.</param>
    /// <param name="since">Since when the server runs.</param>
    public static DueTime? Find(Timetable times, Missed missed, DateTimeOffset decided, DateTimeOffset now, DateTimeOffset since)
    {
        if (times.After(decided) is not { } first || first > now)
        {
            return null;
        }

        var lost = Earlier(now, since > now - MostLate ? since : now - MostLate);
        if (first > lost)
        {
            return new DueTime(first, first, IsMissed: false);
        }

        var last = times.Last(decided, lost) ?? first;
        return new DueTime(missed == Missed.Skip ? null : last, last, IsMissed: true);
    }

    /// <summary>Up to where times count as decided: after the clock was set back far, only up to now. A time that comes again then gives the job it gave.</summary>
    public static DateTimeOffset Settle(DateTimeOffset decided, DateTimeOffset now) => decided > now + MostAhead ? now : decided;

    private static DateTimeOffset Earlier(DateTimeOffset a, DateTimeOffset b) => a < b ? a : b;
}
