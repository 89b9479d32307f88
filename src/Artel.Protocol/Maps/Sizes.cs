using System.Buffers;
using System.Globalization;

namespace Artel.Protocol.Maps;

/// <summary>Sizes in bytes as people write them: <c>4GiB</c>, <c>512MB</c>, <c>100k</c>, <c>4096</c>.</summary>
/// <remarks>k M G T P are powers of 1000; with an i (Ki, KiB) powers of 1024, as in IEC 80000-13. Case does not matter.</remarks>
public static class Sizes
{
    private static readonly SearchValues<char> NumberCharacters = SearchValues.Create("0123456789.");
    private const string Letters = "kmgtp";

    /// <summary>Reads a size. Where it can not, <paramref name="error"/> says what is wrong and what would be right.</summary>
    public static bool TryParse(string text, out long bytes, out string error)
    {
        ArgumentNullException.ThrowIfNull(text);
        bytes = 0;
        error = "";
        var digits = text.AsSpan().IndexOfAnyExcept(NumberCharacters);
        var number = digits < 0 ? text : text.AsSpan(0, digits);
        var unit = digits < 0 ? "" : text.AsSpan(digits).Trim(' ');
        if (number.Length is 0 or > 28
            || !char.IsAsciiDigit(number[0])
            || !char.IsAsciiDigit(number[^1])
            || !decimal.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value)
            || !TryFactor(unit, out var factor))
        {
            error = $"'{Quote.Shorten(text)}' is no size: write one like '4GiB', '512MB', '100k' or a number of bytes";
            return false;
        }

        // By division: the product of a long number and 1024^5 would not fit even a decimal.
        if (value > long.MaxValue / factor)
        {
            error = $"'{Quote.Shorten(text)}' is too large";
            return false;
        }

        bytes = (long)decimal.Floor(value * factor);
        return true;
    }

    /// <summary>The shortest text that <see cref="TryParse"/> reads back as exactly these bytes.</summary>
    public static string Format(long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        if (bytes == 0)
            return "0";

        foreach (var step in (ReadOnlySpan<long>)[1024, 1000])
        {
            var (count, power) = (bytes, 0);
            while (count % step == 0 && power < Letters.Length)
                (count, power) = (count / step, power + 1);

            if (power > 0)
            {
                var letter = char.ToUpperInvariant(Letters[power - 1]);
                return string.Create(CultureInfo.InvariantCulture, $"{count}{(step == 1024 ? $"{letter}iB" : power == 1 ? "kB" : $"{letter}B")}");
            }
        }

        return bytes.ToString(CultureInfo.InvariantCulture);
    }

    private static bool TryFactor(ReadOnlySpan<char> unit, out decimal factor)
    {
        factor = 1;
        if (unit.IsEmpty || unit.Equals("b", StringComparison.OrdinalIgnoreCase))
            return true;

        var power = Letters.IndexOf(char.ToLowerInvariant(unit[0]), StringComparison.Ordinal) + 1;
        var suffix = unit[1..];
        var binary = suffix.Equals("i", StringComparison.OrdinalIgnoreCase) || suffix.Equals("ib", StringComparison.OrdinalIgnoreCase);
        if (power == 0 || (!binary && !suffix.IsEmpty && !suffix.Equals("b", StringComparison.OrdinalIgnoreCase)))
            return false;

        for (var i = 0; i < power; i++)
            factor *= binary ? 1024 : 1000;

        return true;
    }
}
