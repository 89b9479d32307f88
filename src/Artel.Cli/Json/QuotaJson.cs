using Artel.Protocol.V1;

namespace Artel.Cli.Json;

/// <summary>Null: no limit, not known, or (of what was set) as in the default.</summary>
/// <param name="QueuedTasks">Tasks that have not ended.</param>
/// <param name="RunningTasks">Tasks that are leased or running.</param>
/// <param name="StoredBytes">Kept output, and jobs as they were submitted.</param>
internal sealed record QuotaAmountsJson(long? QueuedTasks, long? RunningTasks, long? StoredBytes, long? Schedules, int? MaxPriority)
{
    public static QuotaAmountsJson? Of(QuotaAmounts? a) => a is null ? null : new(
        a.HasQueuedTasks ? a.QueuedTasks : null,
        a.HasRunningTasks ? a.RunningTasks : null,
        a.HasStoredBytes ? a.StoredBytes : null,
        a.HasSchedules ? a.Schedules : null,
        a.HasMaxPriority ? a.MaxPriority : null);
}

/// <param name="User">Null: the default.</param>
/// <param name="Set">What was set; -1: no limit.</param>
/// <param name="Limits">What is in force.</param>
/// <param name="Used">What there is now; null of the default.</param>
internal sealed record QuotaJson(string? User, QuotaAmountsJson? Set, QuotaAmountsJson? Limits, QuotaAmountsJson? Used)
{
    public static QuotaJson Of(UserQuota q) => new(
        q.User.Length == 0 ? null : q.User, QuotaAmountsJson.Of(q.Set), QuotaAmountsJson.Of(q.Limits), QuotaAmountsJson.Of(q.Used));
}

/// <param name="Quotas">The default first, then users by name.</param>
internal sealed record QuotaListJson(IReadOnlyList<QuotaJson> Quotas);
