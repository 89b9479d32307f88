using System.Globalization;
using System.Text.RegularExpressions;

namespace Artel.Dashboard.Times;

/// <summary>
/// The one clock of all pages: the viewer's. The browser sends once how far it is from UTC and when that changes;
/// until then, and if it sends nothing usable, times are in UTC. One for each open page.
/// </summary>
public sealed partial class ViewerClock
{
    private const int MostChanges = 200;

    /// <summary>In minutes, the most that an offset from UTC can be.</summary>
    private const int MostOffset = 14 * 60;

    private IReadOnlyList<Change> _changes = [new Change(long.MinValue, TimeSpan.Zero)];

    /// <summary>The name of the zone, such as <c>Europe/Prague</c>.</summary>
    public string ZoneName { get; private set; } = "UTC";

    /// <summary>Takes what <c>clock.js</c> sends. Offsets that no zone has are ignored.</summary>
    public void Set(Zone? zone)
    {
        var changes = (zone?.Changes ?? []).Where(c => c is [_, >= -MostOffset and <= MostOffset]).Take(MostChanges)
            .Select(c => new Change(c[0], TimeSpan.FromMinutes(c[1]))).OrderBy(c => c.From).ToList();
        if (zone is null || changes.Count == 0)
        {
            return;
        }

        _changes = changes;
        ZoneName = IsName(zone.Name) ? zone.Name : "local time";
    }

    /// <summary>The same moment on the viewer's clock.</summary>
    public DateTimeOffset Of(DateTimeOffset time)
    {
        var at = time.ToUnixTimeMilliseconds();
        var change = _changes[0];
        foreach (var later in _changes)
        {
            if (later.From <= at)
            {
                change = later;
            }
        }

        // At both ends of the calendar, other zones have no such time.
        return time.UtcDateTime.Ticks + change.Offset.Ticks is var ticks && ticks >= 0 && ticks <= DateTime.MaxValue.Ticks
            ? time.ToOffset(change.Offset)
            : time.ToUniversalTime();
    }

    /// <summary><c>2026-11-30 15:04:05 +01:00</c>: a moment that stands by itself.</summary>
    public string Moment(DateTimeOffset time) => $"{Seconds(time)} {Offset(time)}";

    /// <summary>The same to the millisecond, with the name of the zone: for the title of a time.</summary>
    public string Exactly(DateTimeOffset time)
    {
        var zone = ZoneName == "UTC" ? "" : $" ({ZoneName})";
        return string.Create(CultureInfo.InvariantCulture, $"{Of(time):yyyy-MM-dd HH:mm:ss.fff} {Offset(time)}{zone}");
    }

    /// <summary><c>2026-11-30 15:04:05</c>: in a column whose heading names the zone.</summary>
    public string Seconds(DateTimeOffset time) => Of(time).ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);

    /// <summary>
    /// A sentence of the server with its UTC times (<c>2026-11-30 14:04:05Z</c>) shown on this clock.
    /// </summary>
    public string In(string sentence) => UtcTimes().Replace(
        sentence,
        found => DateTimeOffset.TryParse(found.Value, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? Moment(time)
            : found.Value);

    private string Offset(DateTimeOffset time) =>
        Of(time).Offset is var offset && offset == TimeSpan.Zero ? "UTC" : Of(time).ToString("zzz", CultureInfo.InvariantCulture);

    [GeneratedRegex(@"\b\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(\.\d{1,7})?Z\b", RegexOptions.CultureInvariant)]
    private static partial Regex UtcTimes();

    private static bool IsName(string name) =>
        name.Length is > 0 and <= 60 && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '/' or '_' or '-' or '+');

    /// <param name="Name">The browser's name for it.</param>
    /// <param name="Changes">Pairs: a moment in milliseconds since 1970, and the minutes added to UTC from then
    /// on.</param>
    public sealed record Zone(string Name, IReadOnlyList<IReadOnlyList<long>> Changes);

    private readonly record struct Change(long From, TimeSpan Offset);
}
