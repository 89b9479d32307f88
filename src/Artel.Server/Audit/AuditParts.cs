using Artel.Server.Storage;

namespace Artel.Server.Audit;

/// <summary>Puts together what keeps the audit log.</summary>
internal static class AuditParts
{
    public static IServiceCollection AddAudit(this IServiceCollection services) =>
        services
            .AddSingleton(s => new AuditLog(
                s.GetRequiredService<Database>(), s.GetRequiredService<ServerOptions>().AuditKeep, s.GetRequiredService<TimeProvider>()))
            .AddSingleton<AuditCalls>()
            .AddSingleton<AuditReader>();
}
