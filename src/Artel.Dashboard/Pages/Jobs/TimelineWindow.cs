using Google.Protobuf.WellKnownTypes;

namespace Artel.Dashboard.Pages.Jobs;

/// <summary>A part of the time of a job, in milliseconds since 1970.</summary>
internal static class TimelineWindow
{
    private const double Shortest = 20;
    private const double Most = 253402300799999;

    /// <summary>A window within all there is; null where it is as good as all.</summary>
    public static (double First, double Last)? Within((double First, double Last) window, (double First, double Last) all)
    {
        var length = Math.Clamp(window.Last - window.First, Shortest, Math.Max(Shortest, all.Last - all.First));
        if (length >= (all.Last - all.First) * 0.995)
            return null;

        var first = Math.Clamp(window.First, all.First, all.Last - length);
        return (Math.Floor(first), Math.Ceiling(first + length));
    }

    public static (double First, double Last) Zoom((double First, double Last) window, bool inwards)
    {
        var (middle, half) = ((window.First + window.Last) / 2, (window.Last - window.First) / (inwards ? 4 : 1));
        return (middle - half, middle + half);
    }

    /// <summary>Half of what is seen stays in sight.</summary>
    public static (double First, double Last) Move((double First, double Last) window, bool later)
    {
        var by = (window.Last - window.First) / (later ? 2 : -2);
        return (window.First + by, window.Last + by);
    }

    /// <summary>What an address says may be any number.</summary>
    public static Timestamp Timestamp(double milliseconds) =>
        DateTimeOffset.FromUnixTimeMilliseconds((long)Math.Clamp(milliseconds, 0, Most)).ToTimestamp();
}
