using Artel.Server.Hosting;

namespace Artel.Server.Telemetry;

/// <summary>Puts together what tells how the server is.</summary>
internal static class TelemetryParts
{
    public static IServiceCollection AddTelemetry(this IServiceCollection services, string clusterId)
    {
        var settings = ExportSettings.Read(Environment.GetEnvironmentVariable);
        var sampling = settings.Traces ? TraceSampling.Read(Environment.GetEnvironmentVariable) : null;
        if (sampling is not null)
        {
            services.AddSingleton(sampling).AddSingleton<TaskTracer>();
        }

        return services.AddSingleton(settings).AddSingleton(new JobTraces(clusterId, sampling)).AddSingleton<TaskTallies>().AddSingleton<ClusterGauges>()
            .AddSingleton(s => new TelemetryFeed(s.GetRequiredService<TaskTallies>(), s.GetService<TaskTracer>()))
            .AddSingleton<MetricsExport>().AddSingleton<TraceExport>().AddSingleton<Readiness>();
    }

    /// <summary><c>/metrics</c> and <c>/readyz</c>.</summary>
    public static void MapTelemetry(this IEndpointRouteBuilder app)
    {
        app.MapGet("/metrics", async (HttpContext context, MetricsExport metrics) =>
        {
            await metrics.WriteAsync(context);
            return Results.Empty;
        }).WithMetadata(new OnLoopback());
        app.MapGet("/readyz", async (HttpContext context, Readiness readiness) =>
            await readiness.ProblemAsync(context.RequestAborted) is { } problem ? Results.Text(problem + "\n", statusCode: 503) : Results.Text("ready\n"))
            .WithMetadata(new OnLoopback());
    }

    /// <summary>Begins to export, where that is asked for. Call it when the server listens.</summary>
    public static void StartTelemetry(this IServiceProvider services)
    {
        var settings = services.GetRequiredService<ExportSettings>();
        var log = services.GetRequiredService<ILogger<TraceExport>>();
        foreach (var problem in settings.Problems.Append(services.GetService<TraceSampling>()?.Problem ?? "").Where(p => p.Length > 0))
        {
            log.NotExported(problem);
        }

        services.GetRequiredService<TraceExport>().Start();
    }
}

internal static partial class TelemetryLog
{
    [LoggerMessage(LogEvents.NotExported, LogLevel.Warning, "{Problem}")]
    public static partial void NotExported(this ILogger log, string problem);
}
