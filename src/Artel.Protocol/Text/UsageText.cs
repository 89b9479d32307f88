using System.Globalization;
using Artel.Protocol.V1;
using Google.Protobuf.WellKnownTypes;

namespace Artel.Protocol.Text;

/// <summary>Words for sums of usage, the same in the terminal and on pages.</summary>
public static class UsageText
{
    /// <summary>What a row is about.</summary>
    public static string Key(UsageSum row, UsageKey by)
    {
        ArgumentNullException.ThrowIfNull(row);
        return by == UsageKey.Day ? Day(row.Day) : row.Key.Length > 0 ? row.Key : by == UsageKey.Tag ? "(no tag)" : "(unknown)";
    }

    /// <summary><c>2026-03-01</c>.</summary>
    /// <param name="midnight">At which the UTC day begins.</param>
    public static string Day(Timestamp? midnight) => midnight is null ? "" : midnight.ToDateTimeOffset().ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    /// <summary>Hours with digits enough to tell small ones apart: <c>0.0004</c>, <c>0.25</c>, <c>1,234.5</c>.</summary>
    public static string Hours(double seconds)
    {
        var hours = seconds / 3600;
        return hours switch
        {
            0 => "0",
            < 0.01 => hours.ToString("0.0000", CultureInfo.InvariantCulture),
            < 10 => hours.ToString("0.00", CultureInfo.InvariantCulture),
            _ => hours.ToString("#,0.0", CultureInfo.InvariantCulture),
        };
    }
}
