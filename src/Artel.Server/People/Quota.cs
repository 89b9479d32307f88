namespace Artel.Server.People;

/// <summary>Amounts of a quota, as they were set.</summary>
/// <param name="MaxPriority">From 0.</param>
internal sealed record QuotaAmounts(long? QueuedTasks, long? RunningTasks, long? StoredBytes, long? Schedules, long? MaxPriority)
{
    /// <summary>Said in place of an amount.</summary>
    public const long Unlimited = -1;

    public static QuotaAmounts None { get; } = new(null, null, null, null, null);

    public bool IsEmpty => this == None;

    /// <summary>With what <paramref name="other"/> says in place of what this says.</summary>
    public QuotaAmounts ChangedBy(QuotaAmounts other) => new(
        other.QueuedTasks ?? QueuedTasks, other.RunningTasks ?? RunningTasks, other.StoredBytes ?? StoredBytes, other.Schedules ?? Schedules,
        other.MaxPriority ?? MaxPriority);

    /// <summary>What is in force: null means no limit.</summary>
    public QuotaAmounts InForce() => new(Bound(QueuedTasks), Bound(RunningTasks), Bound(StoredBytes), Bound(Schedules), MaxPriority ?? 0);

    private static long? Bound(long? amount) => amount == Unlimited ? null : amount;
}
