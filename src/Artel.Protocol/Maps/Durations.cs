using System.Buffers;
using System.Globalization;
using System.Text;

namespace Artel.Protocol.Maps;

/// <summary>Durations as people write them: <c>500ms</c>, <c>10s</c>, <c>1.5h</c>, <c>1h30m</c>, <c>2d</c>.</summary>
public static class Durations
{
    private static readonly SearchValues<char> NumberCharacters = SearchValues.Create("0123456789.");

    private static readonly (string Name, long Ticks)[] Units =
    [
        ("d", TimeSpan.TicksPerDay),
        ("h", TimeSpan.TicksPerHour),
        ("m", TimeSpan.TicksPerMinute),
        ("s", TimeSpan.TicksPerSecond),
        ("ms", TimeSpan.TicksPerMillisecond),
    ];

    /// <summary>Reads a duration of zero or more. Where it can not, <paramref name="error"/> says what is wrong and what would be right.</summary>
    public static bool TryParse(string text, out TimeSpan duration, out string error)
    {
        ArgumentNullException.ThrowIfNull(text);
        duration = TimeSpan.Zero;
        error = "";
        if (text == "0")
            return true;

        var total = 0m;
        var nextUnit = 0;
        var rest = text.AsSpan();
        if (rest.IsEmpty)
        {
            error = NotOne(text);
            return false;
        }

        while (!rest.IsEmpty)
        {
            var digits = rest.IndexOfAnyExcept(NumberCharacters);
            if (digits < 0)
            {
                error = IsNumber(rest, out _) && nextUnit == 0
                    ? $"'{Quote.Shorten(text)}' has no unit: write '{Quote.Shorten(text)}s' for seconds, or use ms, m, h, d"
                    : NotOne(text);
                return false;
            }

            var end = rest[digits..].IndexOfAny(NumberCharacters);
            var unitText = end < 0 ? rest[digits..] : rest.Slice(digits, end);
            var unit = FindUnit(unitText);
            // Units go down, each at most once: '30m1h' and '1h1h' are slips, not durations.
            if (unit < nextUnit || !IsNumber(rest[..digits], out var number))
            {
                error = NotOne(text);
                return false;
            }

            // By division first: the product of a long number and the ticks of a day would not fit even a decimal.
            if (number > JobLimits.MaxDuration.Ticks / (decimal)Units[unit].Ticks)
            {
                error = TooLong(text);
                return false;
            }

            total += number * Units[unit].Ticks;
            nextUnit = unit + 1;
            rest = end < 0 ? [] : rest[(digits + end)..];
        }

        if (total > JobLimits.MaxDuration.Ticks)
        {
            error = TooLong(text);
            return false;
        }

        duration = new TimeSpan((long)decimal.Round(total));
        return true;
    }

    /// <summary>The same within bounds, both included.</summary>
    public static bool TryParse(string text, TimeSpan least, TimeSpan most, out TimeSpan duration, out string error)
    {
        if (!TryParse(text, out duration, out error))
            return false;

        if (duration >= least && duration <= most)
            return true;

        error = $"'{Quote.Shorten(text)}' is out of range: write a duration from {Format(least)} to {Format(most)}";
        return false;
    }

    /// <summary>The shortest text that <see cref="TryParse(string, out TimeSpan, out string)"/> reads back as the same duration, to the millisecond.</summary>
    public static string Format(TimeSpan duration)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(duration, TimeSpan.Zero);
        var rest = duration.Ticks - (duration.Ticks % TimeSpan.TicksPerMillisecond);
        if (rest == 0)
            return "0s";

        var text = new StringBuilder();
        foreach (var (name, ticks) in Units)
        {
            var count = rest / ticks;
            rest %= ticks;
            if (count > 0)
                text.Append(CultureInfo.InvariantCulture, $"{count}{name}");
        }

        return text.ToString();
    }

    private static string NotOne(string text) => $"'{Quote.Shorten(text)}' is no duration: write one like '500ms', '10s', '1h30m' or '2d'";

    private static string TooLong(string text) => $"'{Quote.Shorten(text)}' is too long: at most {Format(JobLimits.MaxDuration)}";

    private static int FindUnit(ReadOnlySpan<char> name)
    {
        for (var i = 0; i < Units.Length; i++)
        {
            if (name.SequenceEqual(Units[i].Name))
                return i;
        }

        return -1;
    }

    private static bool IsNumber(ReadOnlySpan<char> text, out decimal number)
    {
        number = 0;
        return text.Length is > 0 and <= 28 && char.IsAsciiDigit(text[0]) && char.IsAsciiDigit(text[^1])
            && decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out number);
    }
}
