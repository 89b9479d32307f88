using System.Buffers;
using System.Globalization;

namespace Artel.Protocol.Text;

/// <summary>Numbers, times and sizes as people read them. For programs there is JSON.</summary>
public static class Words
{
    private static readonly SearchValues<char> NeedQuotes = SearchValues.Create(" \t\n\"'\\$`&|;<>()*?[]#~!{}");
    private static readonly string[] SizeUnits = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

    /// <summary><c>0.42 s</c>, <c>12 s</c>, <c>3m20s</c>, <c>2h05m</c>, <c>3d04h</c>.</summary>
    public static string Duration(TimeSpan duration)
    {
        if (duration < TimeSpan.Zero)
            duration = TimeSpan.Zero;

        return duration switch
        {
            { TotalSeconds: < 9.995 } => Invariant($"{duration.TotalSeconds:0.00} s"),
            { TotalSeconds: < 59.95 } => Invariant($"{duration.TotalSeconds:0.0} s"),
            { TotalMinutes: < 60 } => Invariant($"{(int)duration.TotalMinutes}m{duration.Seconds:00}s"),
            { TotalHours: < 24 } => Invariant($"{(int)duration.TotalHours}h{duration.Minutes:00}m"),
            _ => Invariant($"{(int)duration.TotalDays}d{duration.Hours:00}h"),
        };
    }

    /// <summary><c>512 B</c>, <c>1.5 MiB</c>.</summary>
    public static string Size(long bytes)
    {
        var unit = 0;
        var value = (double)bytes;
        // Rounded to what is shown first, so that nothing reads "1024 KiB".
        while (Math.Round(value, 1) >= 1024 && unit < SizeUnits.Length - 1)
        {
            value /= 1024;
            unit++;
        }

        return unit == 0 ? Invariant($"{bytes} B") : Invariant($"{value:0.#} {SizeUnits[unit]}");
    }

    /// <summary><c>12,345</c>.</summary>
    public static string Count(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary><c>1 task</c>, <c>12,345 tasks</c>.</summary>
    public static string Count(long number, string one, string many) => $"{Count(number)} {(number == 1 ? one : many)}";

    public static string Tasks(long number) => Count(number, "task", "tasks");

    /// <summary>How long ago: <c>12 s ago</c>, <c>3 min ago</c>, <c>5 h ago</c>, then the date.</summary>
    public static string Ago(DateTimeOffset time, DateTimeOffset now)
    {
        var ago = now - time;
        return ago switch
        {
            { TotalSeconds: < 1 } => "now",
            { TotalSeconds: < 60 } => Invariant($"{(int)ago.TotalSeconds} s ago"),
            { TotalMinutes: < 60 } => Invariant($"{(int)ago.TotalMinutes} min ago"),
            { TotalHours: < 24 } => Invariant($"{(int)ago.TotalHours} h ago"),
            _ => Invariant($"{time.ToLocalTime():yyyy-MM-dd}"),
        };
    }

    /// <summary>A moment in the user's time zone, to the second.</summary>
    public static string Moment(DateTimeOffset time) => Invariant($"{time.ToLocalTime():yyyy-MM-dd HH:mm:ss}");

    /// <summary>An argument array as one would type it: quoted only where a shell would need it.</summary>
    public static string CommandLine(IEnumerable<string> run) => RawText.Show(string.Join(' ', run.Select(Quoted)));

    /// <summary>Cut to so many characters, with an ellipsis.</summary>
    public static string Cut(string text, int length) => text.Length <= length ? text : string.Concat(text.AsSpan(0, length - 1), "…");

    /// <summary>Text that came from elsewhere, on one line and without control characters, which could move the cursor or worse.</summary>
    public static string OneLine(string text)
    {
        foreach (var c in text)
        {
            if (char.IsControl(c))
            {
                return string.Concat(text.Select(c => char.IsControl(c) ? ' ' : c));
            }
        }

        return text;
    }

    private static string Quoted(string argument) =>
        argument.Length > 0 && !argument.AsSpan().ContainsAny(NeedQuotes)
            ? argument
            : $"'{argument.Replace("'", @"'\''", StringComparison.Ordinal)}'";

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
