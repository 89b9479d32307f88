using Artel.Protocol.V1;
using Google.Protobuf.WellKnownTypes;

namespace Artel.Dashboard.Pages.Reports;

/// <summary>What the page of usage shows, as it stands in its address. An address that was written by hand may say anything: then it is the default.</summary>
/// <param name="By">A word of <see cref="Groupings"/>.</param>
/// <param name="Range">A word of <see cref="Ranges"/>.</param>
internal sealed record UsageView(string By, string Range)
{
    public static readonly IReadOnlyList<(string Value, string Word)> Groupings = [("user", "User"), ("tag", "Tag"), ("node", "Node"), ("day", "Day")];

    public static readonly IReadOnlyList<(string Value, string Word)> Ranges = [("7d", "7 days"), ("30d", "30 days"), ("90d", "90 days"), ("365d", "Year")];

    public static UsageView Read(string? by, string? range) => new(
        Groupings.Any(g => g.Value == by) ? by! : "user",
        Ranges.Any(r => r.Value == range) ? range! : "30d");

    public UsageKey Key => By switch
    {
        "tag" => UsageKey.Tag,
        "node" => UsageKey.Node,
        "day" => UsageKey.Day,
        _ => UsageKey.User,
    };

    public string Title => Groupings.Single(g => g.Value == By).Word;

    public int Days => int.Parse(Range.AsSpan(..^1), System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>A question for the days of the range that ends today.</summary>
    public GetUsageRequest Ask(UsageKey by, DateTimeOffset now, int limit) => new()
    {
        By = by,
        Since = Timestamp.FromDateTimeOffset(now - TimeSpan.FromDays(Days - 1)),
        Until = Timestamp.FromDateTimeOffset(now),
        Limit = limit,
    };
}
