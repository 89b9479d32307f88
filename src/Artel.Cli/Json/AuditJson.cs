using Artel.Protocol.V1;

namespace Artel.Cli.Json;

/// <param name="LeftOut">How many refusals like it were not recorded one by one.</param>
internal sealed record AuditRecordJson(
    long Position, DateTimeOffset At, string User, string Token, string Address, string Call, string Subject, string Outcome, string Detail, long LeftOut)
{
    public static AuditRecordJson Of(AuditRecord r) => new(
        r.Position, r.At.ToDateTimeOffset(), r.User, r.Token, r.Address, r.Call, r.Subject, r.Outcome, r.Detail, r.LeftOut);
}

internal sealed record AuditJson(IReadOnlyList<AuditRecordJson> Records, bool More);
