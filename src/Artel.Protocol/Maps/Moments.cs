using System.Globalization;
using Google.Protobuf.WellKnownTypes;

namespace Artel.Protocol.Maps;

/// <summary>Points in time as people write them: RFC 3339 (<c>2026-03-01T08:00:00Z</c>), or a duration from now (<c>+2h</c>, <c>2h</c>).</summary>
public static class Moments
{
    private const string Rule = "write a time like '2026-03-01T08:00:00Z' or '2026-03-01T08:00:00+02:00', or a duration from now like '+2h'";

    private static readonly string[] Forms =
        ["yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", "yyyy-MM-dd' 'HH:mm:ssK", "yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd' 'HH:mmK"];

    /// <summary>Reads a moment. Where it can not, <paramref name="error"/> says what is wrong and what would be right.</summary>
    public static bool TryParse(string text, DateTimeOffset now, out Timestamp moment, out string error)
    {
        ArgumentNullException.ThrowIfNull(text);
        moment = new Timestamp();
        error = "";
        if (text.Length > 0 && (text[0] == '+' || !text.Contains('-', StringComparison.Ordinal)))
        {
            if (!Durations.TryParse(text.TrimStart('+'), out var fromNow, out error))
            {
                error = $"'{Quote.Shorten(text)}' is no time: {Rule}";
                return false;
            }

            moment = (now + fromNow).ToTimestamp();
            return true;
        }

        if (!DateTimeOffset.TryParseExact(text.ToUpperInvariant(), Forms, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at))
        {
            error = $"'{Quote.Shorten(text)}' is no time: {Rule}";
            return false;
        }

        if (!HasZone(text))
        {
            error = $"'{Quote.Shorten(text)}' says no time zone: write '{text}Z' for UTC, or a zone like '{text}+02:00'";
            return false;
        }

        moment = at.ToTimestamp();
        return true;
    }

    /// <summary>The text that <see cref="TryParse"/> reads back as the same moment.</summary>
    public static string Format(Timestamp moment)
    {
        ArgumentNullException.ThrowIfNull(moment);
        return moment.ToDateTime().ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture);
    }

    /// <summary>Whether it is a moment at all: the wire has room for others.</summary>
    internal static bool IsValid(Timestamp moment) => moment is { Seconds: >= 0 and <= 253402300799, Nanos: >= 0 and <= 999_999_999 };

    private static bool HasZone(string text) => text[^1] is 'Z' or 'z' || (text.Length > 6 && text[^6] is '+' or '-' && text[^3] == ':');
}
