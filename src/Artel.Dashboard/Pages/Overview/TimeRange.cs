namespace Artel.Dashboard.Pages.Overview;

/// <summary>How far back the overview looks: a word in its address.</summary>
public sealed record TimeRange(string Word, TimeSpan Length, string Words)
{
    public static readonly IReadOnlyList<TimeRange> All =
    [
        new("15m", TimeSpan.FromMinutes(15), "15 minutes"),
        new("1h", TimeSpan.FromHours(1), "hour"),
        new("6h", TimeSpan.FromHours(6), "6 hours"),
        new("24h", TimeSpan.FromHours(24), "24 hours"),
    ];

    public static TimeRange Default => All[1];

    /// <summary>An address that was written by hand may say anything: then it is the default.</summary>
    public static TimeRange Of(string? word) => All.FirstOrDefault(r => r.Word == word) ?? Default;
}
