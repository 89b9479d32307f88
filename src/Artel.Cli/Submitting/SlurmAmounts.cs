using System.Globalization;
using System.Text.RegularExpressions;
using Artel.Protocol.Maps;
using Google.Protobuf.WellKnownTypes;

namespace Artel.Cli.Submitting;

/// <summary>Times and sizes as Slurm writes them. Null where it is none.</summary>
internal static partial class SlurmAmounts
{
    /// <summary><c>M</c>, <c>M:S</c>, <c>H:M:S</c>, <c>D-H</c>, <c>D-H:M</c>, <c>D-H:M:S</c>; zero for no limit.</summary>
    public static TimeSpan? Time(string text)
    {
        if (text is "0" or "INFINITE" or "UNLIMITED" or "-1")
            return TimeSpan.Zero;

        var dash = text.IndexOf('-', StringComparison.Ordinal);
        var parts = text[(dash + 1)..].Split(':');
        var numbers = new List<int>();
        foreach (var part in dash < 0 ? parts : [text[..dash], .. parts])
        {
            if (!int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number > 1_000_000)
                return null;

            numbers.Add(number);
        }

        return (dash >= 0, numbers) switch
        {
            (false, [var m]) => TimeSpan.FromMinutes(m),
            (false, [var m, var s]) => new TimeSpan(0, m, s),
            (false, [var h, var m, var s]) => new TimeSpan(h, m, s),
            (true, [var d, var h]) => new TimeSpan(d, h, 0, 0),
            (true, [var d, var h, var m]) => new TimeSpan(d, h, m, 0),
            (true, [var d, var h, var m, var s]) => new TimeSpan(d, h, m, s),
            _ => null,
        };
    }

    /// <summary>Bytes: a number of megabytes, or with K, M, G, T; all powers of 1024.</summary>
    public static long? Memory(string text)
    {
        var match = Size().Match(text);
        if (!match.Success || !long.TryParse(match.Groups[1].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number > 1 << 30)
            return null;

        return number << (match.Groups[2].Value.ToUpperInvariant() switch { "K" => 10, "G" => 30, "T" => 40, _ => 20 });
    }

    /// <summary><c>now+2hours</c>, <c>2026-03-01T08:00</c>, <c>16:00</c>, by the clock of this machine; as <c>--start-at</c> takes it.</summary>
    public static string? Moment(string text, TimeProvider clock)
    {
        var now = clock.GetLocalNow();
        if (Later().Match(text) is { Success: true } later)
        {
            var count = later.Groups[1].Success ? double.Parse(later.Groups[1].Value, CultureInfo.InvariantCulture) : 0;
            var unit = later.Groups[2].Value switch
            {
                "" or "second" => TimeSpan.FromSeconds(1),
                "minute" => TimeSpan.FromMinutes(1),
                "hour" => TimeSpan.FromHours(1),
                "day" => TimeSpan.FromDays(1),
                _ => TimeSpan.FromDays(7),
            };
            return Text(now + (count * unit));
        }

        if (TimeOnly.TryParseExact(text, ["HH:mm", "HH:mm:ss"], CultureInfo.InvariantCulture, DateTimeStyles.None, out var time))
        {
            var day = time > TimeOnly.FromDateTime(now.DateTime) ? now.Date : now.Date.AddDays(1);
            return Local(day + time.ToTimeSpan(), clock);
        }

        return DateTime.TryParseExact(
            text, ["yyyy-MM-dd", "yyyy-MM-dd'T'HH:mm", "yyyy-MM-dd'T'HH:mm:ss"], CultureInfo.InvariantCulture, DateTimeStyles.None, out var date)
            ? Local(date, clock)
            : null;
    }

    private static string Local(DateTime date, TimeProvider clock) => Text(new DateTimeOffset(date, clock.LocalTimeZone.GetUtcOffset(date)));

    private static string Text(DateTimeOffset moment) => Moments.Format(Timestamp.FromDateTimeOffset(moment));

    [GeneratedRegex("^([0-9]{1,12})([KMGTkmgt]?)[bB]?$")]
    private static partial Regex Size();

    [GeneratedRegex("^now(?:\\+([0-9]{1,7})(second|minute|hour|day|week|)s?)?$")]
    private static partial Regex Later();
}
