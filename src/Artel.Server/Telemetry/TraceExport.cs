using OpenTelemetry;
using OpenTelemetry.Trace;

namespace Artel.Server.Telemetry;

/// <summary>Sends spans by OTLP, where the environment asks for it.</summary>
internal sealed class TraceExport(ExportSettings settings, ServerLife life) : IDisposable
{
    /// <summary>One commit may end 4,096 tasks of four spans each: the usual queue of 2,048 would drop most of them.</summary>
    private const int QueueSize = 32 * 1024;

    private TracerProvider? _provider;

    /// <summary>Once, before there is anything to send.</summary>
    public void Start()
    {
        if (settings.Traces)
        {
            // Which traces are recorded is decided before a span is made (TraceSampling), so that nodes know it too.
            _provider = Sdk.CreateTracerProviderBuilder().SetResourceBuilder(ServerResource.Describe(life)).SetSampler(new AlwaysOnSampler())
                .AddSource(Spans.Source).AddOtlpExporter(otlp =>
                {
                    if (Environment.GetEnvironmentVariable(ExportSettings.QueueSize) is null or "")
                    {
                        otlp.BatchExportProcessorOptions.MaxQueueSize = QueueSize;
                    }
                }).Build();
        }
    }

    /// <summary>What was not sent yet is sent, as far as the receiver takes it.</summary>
    public void Dispose() => _provider?.Dispose();
}
