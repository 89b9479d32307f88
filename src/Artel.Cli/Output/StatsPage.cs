using System.Globalization;
using Artel.Protocol.V1;
using Spectre.Console;

namespace Artel.Cli.Output;

/// <summary>What <c>artel stats</c> shows.</summary>
internal static class StatsPage
{
    private const int MaxNodes = 20;

    public static void Print(JobStats stats, Terminal terminal, DateTimeOffset now)
    {
        var wall = stats.WallTotal?.ToTimeSpan() ?? TimeSpan.Zero;
        var cpu = stats.CpuTotal?.ToTimeSpan() ?? TimeSpan.Zero;
        new Facts()
            .Add("job", FormattableString.Invariant($"{stats.Job.Id}  {stats.Job.Name}"))
            .Add("state", StateWords.Of(stats.Job.State), StateColors.Of(stats.Job.State))
            .Add("tasks", JobText.Counts(stats.Job.Counts))
            .Add("took", JobText.Took(stats.Job, now))
            .Add("attempts", Attempts(stats))
            .Add("process time", wall > TimeSpan.Zero ? $"{Words.Duration(wall)} in all, {Words.Duration(cpu)} of it on a cpu" : "")
            .Add("efficiency", stats.HasCpuEfficiency ? string.Create(CultureInfo.InvariantCulture, $"{stats.CpuEfficiency:0.0%} of the cpus that were asked for") : "")
            .Print(terminal.Out);
        if (stats.Attempts == 0)
        {
            terminal.Note("No attempt has ended yet.");
            return;
        }

        PrintSpreads(stats, terminal.Out);
        PrintNodes(stats, terminal.Out);
        PrintSlowest(stats, terminal.Out);
    }

    /// <summary><c>10 ended: 7 succeeded, 1 failed, 2 cancelled or moved</c>.</summary>
    private static string Attempts(JobStats stats)
    {
        var ended = $"{Words.Count(stats.Attempts)} ended";
        if (stats.Succeeded == stats.Attempts)
            return ended;

        (int Count, string Word)[] parts =
        [
            (stats.Succeeded, "succeeded"), (stats.Failed, "failed"),
            (stats.Attempts - stats.Succeeded - stats.Failed, "cancelled or moved"),
        ];
        var words = parts.Where(p => p.Count > 0).Select(p => $"{Words.Count(p.Count)} {p.Word}");
        return $"{ended}: {string.Join(", ", words)}";
    }

    private static void PrintSpreads(JobStats stats, IAnsiConsole console)
    {
        var listing = new Listing().Column("").Column("min", right: true).Column("median", right: true).Column("p90", right: true)
            .Column("max", right: true).Column("mean", right: true).Column("of", right: true);
        Add("duration", stats.Duration, Seconds);
        Add("waited", stats.Wait, Seconds);
        Add("memory", stats.Memory, bytes => Words.Size((long)bytes));
        console.WriteLine();
        listing.Print(console);

        void Add(string name, Spread? spread, Func<double, string> text)
        {
            if (spread is not null)
                listing.Row(name, text(spread.Min), text(spread.Median), text(spread.P90), text(spread.Max), text(spread.Mean), Words.Count(spread.Count));
        }
    }

    private static void PrintNodes(JobStats stats, IAnsiConsole console)
    {
        var listing = new Listing().Column("node").Column("attempts", right: true).Column("succeeded", right: true).Column("median", right: true)
            .Column("p90", right: true, minor: 2).Column("max", right: true, minor: 1).Column("cpu", right: true)
            .Column("peak memory", right: true);
        foreach (var node in stats.Nodes.OrderByDescending(n => n.Attempts).Take(MaxNodes).OrderBy(n => n.Node, StringComparer.Ordinal))
        {
            var wall = node.WallTotal?.ToTimeSpan() ?? TimeSpan.Zero;
            listing.Row(
                node.Node,
                Words.Count(node.Attempts),
                Words.Count(node.Succeeded),
                node.Duration is null ? "" : Seconds(node.Duration.Median),
                node.Duration is null ? "" : Seconds(node.Duration.P90),
                node.Duration is null ? "" : Seconds(node.Duration.Max),
                wall > TimeSpan.Zero && node.CpuTotal is { } cpu ? string.Create(CultureInfo.InvariantCulture, $"{cpu.ToTimeSpan() / wall * 100:0}%") : "",
                node.PeakMemoryBytes == 0 ? "" : Words.Size(node.PeakMemoryBytes));
        }

        console.WriteLine();
        listing.Print(console);
        if (stats.Nodes.Count > MaxNodes)
            console.WriteLine($"and {Words.Count(stats.Nodes.Count - MaxNodes, "more node", "more nodes")}");
    }

    private static void PrintSlowest(JobStats stats, IAnsiConsole console)
    {
        if (stats.Slowest.Count < 2)
            return;

        var listing = new Listing().Column("slowest").Column("attempt", right: true).Column("node").Column("took", right: true).Column("outcome");
        foreach (var slow in stats.Slowest)
        {
            listing.Row(
                FormattableString.Invariant($"{stats.Job.Id}.{slow.Task}"),
                slow.Attempt == 1 ? "" : Words.Count(slow.Attempt),
                slow.Node,
                Seconds(slow.Wall.ToTimeSpan().TotalSeconds),
                StateWords.Of(slow.Outcome) ?? "");
        }

        console.WriteLine();
        listing.Print(console);
    }

    /// <summary>Short tasks differ by milliseconds.</summary>
    private static string Seconds(double seconds) => seconds is > 0 and < 0.1
        ? string.Create(CultureInfo.InvariantCulture, $"{seconds * 1000:0.0} ms")
        : Words.Duration(TimeSpan.FromSeconds(seconds));
}
