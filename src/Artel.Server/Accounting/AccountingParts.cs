namespace Artel.Server.Accounting;

/// <summary>Puts together what sums up usage.</summary>
internal static class AccountingParts
{
    public static IServiceCollection AddAccounting(this IServiceCollection services) =>
        services.AddSingleton<UsageReader>();
}
