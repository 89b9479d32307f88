using Artel.Protocol.Maps;
using Cronos;

namespace Artel.Server.Schedules;

/// <summary>The times that a cron expression, or <c>every 10m</c>, means in a time zone. Immutable; knows no clock.</summary>
internal sealed class Timetable
{
    private const string Every = "every ";
    private const int MaxLength = 256;

    private const string Right =
        "write five fields (minute hour day month weekday) such as '0 3 * * 1-5', six with seconds first, @hourly and the like, or 'every 10m'";

    /// <summary>A time of any of them counts. Empty for a period.</summary>
    private readonly CronExpression[] _crons;
    private readonly TimeZoneInfo _zone;
    private readonly long _periodTicks;

    private Timetable(CronExpression[] crons, TimeZoneInfo zone, TimeSpan period) => (_crons, _zone, _periodTicks) = (crons, zone, period.Ticks);

    /// <summary>Why there are no times; empty: there are.</summary>
    public string Problem { get; private init; } = "";

    /// <summary>One without times, of a schedule that was right once and is not any more: a zone can go from a machine.</summary>
    public static Timetable Never(string problem) => new([], TimeZoneInfo.Utc, TimeSpan.Zero) { Problem = problem };

    /// <param name="zone">Id of the IANA database; empty: UTC.</param>
    /// <param name="problem">What is wrong and what would be right, in one line, where null comes back.</param>
    public static Timetable? Parse(string cron, string zone, out string problem)
    {
        if (cron.Length > MaxLength)
        {
            problem = $"the cron expression has {cron.Length} characters: at most {MaxLength}";
            return null;
        }

        if (cron.StartsWith(Every, StringComparison.Ordinal))
        {
            return ParseEvery(cron, zone, out problem);
        }

        if (FindZone(zone) is not { } found)
        {
            problem = $"this server knows no time zone '{zone}': write an id of the IANA database, such as Europe/Prague, America/New_York or UTC";
            return null;
        }

        var fields = cron.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
        var isMacro = cron.TrimStart().StartsWith('@');
        if (fields.Length is not (5 or 6) && !isMacro)
        {
            problem = $"'{cron}' has {fields.Length} field{(fields.Length == 1 ? "" : "s")}: {Right}";
            return null;
        }

        try
        {
            var format = fields.Length == 6 ? CronFormat.IncludeSeconds : CronFormat.Standard;
            var whole = CronExpression.Parse(cron, format);
            problem = "";
            return new Timetable(
                !isMacro && IsRestricted(fields[^3]) && IsRestricted(fields[^1]) ? [Without(fields, 1, format), Without(fields, 3, format)] : [whole],
                found, TimeSpan.Zero);
        }
        catch (CronFormatException e)
        {
            problem = $"'{cron}' is no cron expression ({e.Message.ReplaceLineEndings(" ").TrimEnd('.')}): {Right}";
            return null;
        }
    }

    /// <summary>The first time after this one. Null: there is none.</summary>
    public DateTimeOffset? After(DateTimeOffset time)
    {
        if (Problem.Length > 0)
        {
            return null;
        }

        if (_crons.Length > 0)
        {
            return _crons.Min(c => c.GetNextOccurrence(time, _zone))?.ToUniversalTime();
        }

        var ticks = Begun(time) + _periodTicks;
        return DateTimeOffset.MaxValue.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks < ticks ? null : DateTimeOffset.UnixEpoch.AddTicks(ticks);
    }

    /// <summary>The last time after one moment and not after another. Null: there is none.</summary>
    /// <remarks>
    /// Looked for by looking ahead only: where clocks are changed, looking back with Cronos gives a second earlier than looking ahead (00:59:59
    /// for 01:00:00). It takes as many steps as the seconds in between have digits in binary, however many times lie there.
    /// </remarks>
    public DateTimeOffset? Last(DateTimeOffset after, DateTimeOffset upTo)
    {
        if (!(After(after) <= upTo))
        {
            return null;
        }

        var (before, behind) = (after, upTo);
        while (behind - before > TimeSpan.FromSeconds(1))
        {
            var middle = before + ((behind - before) / 2);
            (before, behind) = After(middle) <= upTo ? (middle, behind) : (before, middle);
        }

        return After(before);
    }

    /// <summary>The next so many times.</summary>
    public IEnumerable<DateTimeOffset> Next(DateTimeOffset after, int count)
    {
        for (var next = After(after); next is { } time && count > 0; next = After(time), count--)
        {
            yield return time;
        }
    }

    /// <summary>
    /// True if a field of days restricts them. If both fields do, a day that fits either of them counts, as in
    /// crontab(5) of Vixie cron, which looks at the first character. Cronos requires both.
    /// </summary>
    private static bool IsRestricted(string days) => days[0] is not ('*' or '?');

    /// <summary>The same with any day in one of its fields.</summary>
    /// <param name="fromEnd">Which, from 1.</param>
    private static CronExpression Without(string[] fields, int fromEnd, CronFormat format) =>
        CronExpression.Parse(string.Join(' ', fields.Select((field, i) => i == fields.Length - fromEnd ? "*" : field)), format);

    private static Timetable? ParseEvery(string text, string zone, out string problem)
    {
        if (zone is not ("" or "UTC"))
        {
            problem = $"'{text}' counts from midnight UTC of 1970-01-01, in no other time zone: leave {zone} out, or write a cron expression";
            return null;
        }

        if (!Durations.TryParse(text[Every.Length..].Trim(), out var period, out var error))
        {
            problem = $"'{text}': {error}";
            return null;
        }

        if (period < TimeSpan.FromSeconds(1) || period.Ticks % TimeSpan.TicksPerSecond != 0 || period > JobLimits.MaxDuration)
        {
            problem = $"'{text}': nothing comes more often than once a second: write whole seconds from 1s, at most {Durations.Format(JobLimits.MaxDuration)}";
            return null;
        }

        problem = "";
        return new Timetable([], TimeZoneInfo.Utc, period);
    }

    // The name becomes part of a path where zones are files, so it is looked at first.
    private static TimeZoneInfo? FindZone(string id) => id switch
    {
        "" => TimeZoneInfo.Utc,
        { Length: > 64 } => null,
        _ when !id.All(c => char.IsAsciiLetterOrDigit(c) || c is '/' or '_' or '-' or '+') => null,
        _ => TimeZoneInfo.TryFindSystemTimeZoneById(id, out var zone) ? zone : null,
    };

    /// <summary>Whole periods that have begun by this time, in ticks since 1970.</summary>
    private long Begun(DateTimeOffset time)
    {
        var ticks = time.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks;
        return ticks - (ticks % _periodTicks);
    }
}
