using System.Globalization;

namespace Artel.Protocol.Maps;

/// <summary>Amounts of cpus and gpus: <c>2</c>, <c>0.5</c>, <c>0.125</c>. On the wire they are thousandths.</summary>
public static class Thousandths
{
    /// <summary>Reads an amount of zero or more with at most three decimals.</summary>
    public static bool TryParse(string text, out int thousandths, out string error)
    {
        ArgumentNullException.ThrowIfNull(text);
        thousandths = 0;
        error = "";
        if (text.Length is 0 or > 28
            || !decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value))
        {
            error = $"'{Quote.Shorten(text)}' is no amount: write a number like '2' or '0.5'";
            return false;
        }

        if (value > int.MaxValue / 1000)
        {
            error = $"'{Quote.Shorten(text)}' is too large: at most {int.MaxValue / 1000}";
            return false;
        }

        var exact = value * 1000;
        if (exact != decimal.Truncate(exact))
        {
            error = $"'{Quote.Shorten(text)}' is finer than a thousandth: write at most three decimals";
            return false;
        }

        thousandths = (int)exact;
        return true;
    }

    /// <summary><c>500</c> is <c>0.5</c>.</summary>
    public static string Format(int thousandths) => (thousandths / 1000m).ToString("0.###", CultureInfo.InvariantCulture);
}
