using Artel.Protocol.V1;

namespace Artel.Cli.Json;

/// <param name="Key">The user, tag, node or day; empty for tasks without tags.</param>
internal sealed record UsageRowJson(
    string Key, long Tasks, long Attempts, long Failures, long Losses, double HeldSeconds, double CpuSeconds, double GpuSeconds, double MemoryByteSeconds,
    double UsedCpuSeconds)
{
    public static UsageRowJson Of(string key, UsageSum s) => new(
        key, s.Tasks, s.Attempts, s.Failures, s.Losses, s.HeldSeconds, s.CpuSeconds, s.GpuSeconds, s.MemoryByteSeconds, s.UsedCpuSeconds);
}

/// <param name="First">The first UTC day.</param>
/// <param name="RowCount">How many rows there are, those beyond the limit included.</param>
internal sealed record UsageJson(string By, string First, string Last, IReadOnlyList<UsageRowJson> Rows, int RowCount, UsageRowJson Total)
{
    public static UsageJson Of(string by, GetUsageReply reply) => new(
        by,
        UsageText.Day(reply.First),
        UsageText.Day(reply.Last),
        [.. reply.Rows.Select(r => UsageRowJson.Of(r.Day is null ? r.Key : UsageText.Day(r.Day), r))],
        reply.RowCount,
        UsageRowJson.Of("", reply.Total));
}
