using Artel.Protocol.V1;

namespace Artel.Cli.Json;

internal sealed record SpreadJson(int Count, double Min, double Median, double P90, double Max, double Mean)
{
    public static SpreadJson? Of(Spread? s) => s is null ? null : new SpreadJson(s.Count, s.Min, s.Median, s.P90, s.Max, s.Mean);
}

internal sealed record NodeStatsJson(
    string Node,
    int Attempts,
    int Succeeded,
    int Failed,
    SpreadJson? DurationSeconds,
    double WallSeconds,
    double CpuSeconds,
    long PeakMemoryBytes)
{
    public static NodeStatsJson Of(NodeStats n) => new(
        n.Node,
        n.Attempts,
        n.Succeeded,
        n.Failed,
        SpreadJson.Of(n.Duration),
        n.WallTotal?.ToTimeSpan().TotalSeconds ?? 0,
        n.CpuTotal?.ToTimeSpan().TotalSeconds ?? 0,
        n.PeakMemoryBytes);
}

internal sealed record SlowTaskJson(int Task, int Attempt, string Node, double WallSeconds, string? Outcome);

/// <param name="CpuEfficiency">Cpu time over wall time times the cpus that were asked for; null where that is not known.</param>
internal sealed record StatsJson(
    JobJson Job,
    int Attempts,
    int Succeeded,
    int Failed,
    SpreadJson? DurationSeconds,
    SpreadJson? WaitSeconds,
    SpreadJson? MemoryBytes,
    double WallSeconds,
    double CpuSeconds,
    double? CpuEfficiency,
    IReadOnlyList<NodeStatsJson> Nodes,
    IReadOnlyList<SlowTaskJson> Slowest)
{
    public static StatsJson Of(JobStats s) => new(
        JobJson.Of(s.Job, inList: true),
        s.Attempts,
        s.Succeeded,
        s.Failed,
        SpreadJson.Of(s.Duration),
        SpreadJson.Of(s.Wait),
        SpreadJson.Of(s.Memory),
        s.WallTotal?.ToTimeSpan().TotalSeconds ?? 0,
        s.CpuTotal?.ToTimeSpan().TotalSeconds ?? 0,
        s.HasCpuEfficiency ? s.CpuEfficiency : null,
        [.. s.Nodes.Select(NodeStatsJson.Of)],
        [.. s.Slowest.Select(t => new SlowTaskJson(t.Task, t.Attempt, t.Node, t.Wall?.ToTimeSpan().TotalSeconds ?? 0, StateWords.Of(t.Outcome)))]);
}
