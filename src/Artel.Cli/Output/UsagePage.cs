using Artel.Protocol.V1;

namespace Artel.Cli.Output;

/// <summary>What <c>artel usage</c> shows.</summary>
internal static class UsagePage
{
    public static void Print(GetUsageReply reply, UsageKey by, Terminal terminal)
    {
        var days = $"{UsageText.Day(reply.First)} to {UsageText.Day(reply.Last)} (UTC days)";
        if (reply.Rows.Count == 0)
        {
            terminal.Note($"No attempt finished in {days}.");
            return;
        }

        var listing = new Listing().Column(by.ToString().ToLowerInvariant()).Column("tasks", right: true)
            .Column("attempts", right: true, minor: 2).Column("failed", right: true)
            .Column("lost", right: true, minor: 4).Column("cpu hours", right: true)
            .Column("used", right: true, minor: 3).Column("gpu hours", right: true, minor: 1).Column("GiB hours", right: true);
        foreach (var row in reply.Rows)
            Add(UsageText.Key(row, by), row);

        if (reply.Rows.Count > 1)
            Add("total", reply.Total);

        listing.Print(terminal.Out);
        terminal.Note($"Finished attempts of {days}: cpus, gpus and memory as requested, times how long they ran; 'used' is measured cpu time.");
        if (by == UsageKey.Tag)
            terminal.Note("A task counts under each of its tags, so rows do not add up to the total.");

        if (reply.RowCount > reply.Rows.Count)
            terminal.Note($"{Words.Count(reply.RowCount - reply.Rows.Count)} more rows: show them with --limit.");

        void Add(string key, UsageSum sum) => listing.Row(
            key,
            Words.Count(sum.Tasks),
            Words.Count(sum.Attempts),
            sum.Failures == 0 ? "" : Words.Count(sum.Failures),
            sum.Losses == 0 ? "" : Words.Count(sum.Losses),
            UsageText.Hours(sum.CpuSeconds),
            UsageText.Hours(sum.UsedCpuSeconds),
            sum.GpuSeconds == 0 ? "" : UsageText.Hours(sum.GpuSeconds),
            sum.MemoryByteSeconds == 0 ? "" : UsageText.Hours(sum.MemoryByteSeconds / (1L << 30)));
    }
}
