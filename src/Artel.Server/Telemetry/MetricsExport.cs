using Artel.Server.Loop;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;

namespace Artel.Server.Telemetry;

/// <summary>
/// Metrics for those who read them: <c>/metrics</c>, and OTLP where the environment asks for it. All of it is made when it is first wanted:
/// a private cluster that lives for a second pays nothing.
/// </summary>
internal sealed class MetricsExport(TaskTallies tasks, TelemetryFeed feed, Vitals vitals, ClusterGauges gauges, ExportSettings settings, ServerLife life, TimeProvider time) : IDisposable
{
    /// <summary>How old the look at the cluster may be that is sent by OTLP.</summary>
    private static readonly TimeSpan LookPeriod = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private Instruments? _instruments;
    private MeterProvider? _provider;
    private RequestDelegate? _page;

    /// <summary>Sends by OTLP from now on, where that is asked for.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        if (!settings.Metrics)
        {
            return;
        }

        try
        {
            using var timer = new PeriodicTimer(LookPeriod, time);
            do
            {
                await gauges.RefreshAsync(stopping);
                _ = Provider();
            }
            while (await timer.WaitForNextTickAsync(stopping));
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // What came since the last export is sent when this is disposed of.
            return;
        }
    }

    /// <summary>Answers with all metrics as Prometheus reads them.</summary>
    public async Task WriteAsync(HttpContext context)
    {
        await gauges.RefreshAsync(context.RequestAborted);
        await feed.CatchUpAsync(context.RequestAborted);
        await Page(context.RequestServices)(context);
    }

    /// <summary>What was not sent yet is sent, as far as the receiver takes it.</summary>
    public void Dispose()
    {
        _provider?.Dispose();
        _instruments?.Dispose();
    }

    private RequestDelegate Page(IServiceProvider services)
    {
        lock (_gate)
        {
            if (_page is null)
            {
                var page = new ApplicationBuilder(services);
                page.UseOpenTelemetryPrometheusScrapingEndpoint(Provider(), _ => true, path: null, configureBranchedPipeline: null, optionsName: null);
                _page = page.Build();
            }

            return _page;
        }
    }

    private MeterProvider Provider()
    {
        lock (_gate)
        {
            if (_provider is not null)
            {
                return _provider;
            }

            _instruments = new Instruments(tasks, feed, vitals, gauges);

            // The runtime's own meter has the server's memory, processor time, collections and threads.
            var builder = Sdk.CreateMeterProviderBuilder().SetResourceBuilder(ServerResource.Describe(life)).AddMeter(Instruments.Meter, "System.Runtime")
                .AddPrometheusExporter(page => page.ScrapeResponseCacheDurationMilliseconds = 0);
            return _provider = (settings.Metrics ? builder.AddOtlpExporter() : builder).Build();
        }
    }
}

/// <summary>What sends: <c>service.name</c> and the like. What the environment says comes first.</summary>
internal static class ServerResource
{
    public static ResourceBuilder Describe(ServerLife life) => ResourceBuilder.CreateEmpty()
        .AddService("artel-server", serviceVersion: ServerVersion.Text, autoGenerateServiceInstanceId: false, serviceInstanceId: life.Listening)
        .AddTelemetrySdk().AddEnvironmentVariableDetector();
}
