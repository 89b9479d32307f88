using Artel.Dashboard.Addresses;
using Artel.Protocol.Text;
using Artel.Protocol.V1;

namespace Artel.Dashboard.Pages.Reports;

/// <summary>Which records the audit page shows, as its address says. What an address has that cannot be right is left out.</summary>
/// <param name="User">Empty: anybody.</param>
/// <param name="Call">Empty: any.</param>
/// <param name="Outcome">A value of <see cref="Outcomes"/>.</param>
/// <param name="Before">Only records before this position. 0: the newest.</param>
internal sealed record AuditView(string User, string Call, string Outcome, long Before)
{
    /// <summary>The outcomes that can be chosen, with their words.</summary>
    public static readonly IReadOnlyList<(string Value, string Word)> Outcomes =
    [
        ("", "any"), ("ok", "ok"), ("failed", "failed or refused"), ("permission_denied", "permission denied"),
        ("unauthenticated", "unauthenticated"), ("unknown", "unknown"),
    ];

    private const int MaxCharacters = 200;
    private const int PageSize = 100;

    public static AuditView Read(string? user, string? call, string? outcome, string? before) => new(
        Words.Cut(AddressRules.Text.Read(user), MaxCharacters),
        Words.Cut(AddressRules.Text.Read(call), MaxCharacters),
        Outcomes.Any(o => o.Value == outcome) ? outcome! : "",
        AddressRules.Place.Read(before) ?? 0);

    public ListAuditRequest Ask() => new() { User = User, Call = Call, Outcome = Outcome, Before = Before, Limit = PageSize };

    public static string Detail(AuditRecord record) =>
        record.LeftOut > 0 ? $"{Words.Count(record.LeftOut)} {record.Detail}" : record.Detail;
}
