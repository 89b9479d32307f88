using System.CommandLine;
using System.Globalization;
using Artel.Protocol.Maps;

namespace Artel.Cli.Commands;

/// <summary>Options that are points in time: as a date (2026-03-01), with a time (2026-03-01T14:30), or as long ago (2h, 7d). In the user's time zone.</summary>
internal static class Moments
{
    public const string Rule = "write a date (2026-03-01), a date and time (2026-03-01T14:30), or how long ago (2h, 7d)";

    private static readonly string[] Forms =
    [
        "yyyy-MM-dd", "yyyy-MM-dd'T'HH:mm", "yyyy-MM-dd'T'HH:mm:ss", "yyyy-MM-dd HH:mm", "yyyy-MM-dd HH:mm:ss",
        "yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK",
    ];

    /// <summary>An option of a point in time; null where it is not given.</summary>
    public static Option<DateTimeOffset?> Create(string name, string description, TimeProvider clock) => new(name)
    {
        Description = $"{description}: a date or time, or how long ago, such as 2026-03-01, 2026-03-01T14:30, 2h, 7d.",
        HelpName = "TIME",
        CustomParser = result =>
        {
            var text = result.Tokens[^1].Value;
            if (Parse(text, clock) is { } time)
                return time;

            result.AddError($"{name}: '{text}' is no time: {Rule}");
            return null;
        },
    };

    public static DateTimeOffset? Parse(string text, TimeProvider clock)
    {
        var now = clock.GetUtcNow();
        if (Durations.TryParse(text, out var ago, out _))
            return ago < now - DateTimeOffset.UnixEpoch ? now - ago : null;

        return DateTimeOffset.TryParseExact(text, Forms, CultureInfo.InvariantCulture, DateTimeStyles.AssumeLocal, out var time) ? time : null;
    }
}
