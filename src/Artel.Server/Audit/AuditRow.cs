namespace Artel.Server.Audit;

/// <summary>One row that is to be appended.</summary>
internal sealed record AuditRow(AuditEntry Entry, DateTimeOffset At)
{
    /// <summary>A word of <see cref="AuditOutcome"/>. Null: a call begins, and a further row has its outcome.</summary>
    public required string? Outcome { get; init; }

    public string Detail { get; init; } = "";

    /// <summary>Whose outcome this is. Null: the row stands alone, or begins a call.</summary>
    public AuditedCall? Call { get; init; }

    /// <summary>How many refusals were not recorded one by one.</summary>
    public long LeftOut { get; init; }
}
